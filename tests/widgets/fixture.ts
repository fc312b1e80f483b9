/** Stores filled from synthetic companies and from subscriptions made by hand. */
import { PRESETS } from "../../src/metrics/options.ts";
import { parse } from "../../src/metrics/rational.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { createCompany } from "../../src/simulator/mod.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import type { SourceInfo, SourceStore } from "../../src/store/port.ts";
import { createLedger } from "../../src/sync/ledger.ts";
import { createContext, type WidgetContext } from "../../src/widgets/context.ts";
import { NO_QUERY, type ViewQuery } from "../../src/widgets/query.ts";
import type { Reporting } from "../../src/widgets/slice.ts";
import { AT, DAY, makeSub } from "../metrics/fixture.ts";

export const INFO: SourceInfo = {
  name: "default",
  account: "acct_1",
  displayName: "Example",
  livemode: false,
  defaultCurrency: "usd",
  timeZone: "UTC",
  preset: "stripe",
  options: PRESETS.stripe,
};

/** A live store of a company's subscriptions, without the way over a network. */
export function companyStore(seed: number, info: Partial<SourceInfo> = {}): SourceStore {
  const { source } = createCompany({ seed, customers: 150, now: AT });
  const store = createMemoryStore({ ...INFO, ...info });
  const ledger = createLedger(store);
  const all = (kind: "prices" | "coupons" | "customers" | "subscriptions") => {
    const { shelf, view } = source.collection(kind);
    return shelf.all().map((entry) => view(entry));
  };
  all("prices").forEach(ledger.putPrice);
  all("coupons").forEach(ledger.putCoupon);
  all("customers").forEach(ledger.putCustomer);
  for (const json of all("subscriptions")) ledger.putListed(json, AT);
  store.setStatus({ phase: "live", asOf: AT });
  store.publish();
  return store;
}

/** A live store of subscriptions made by hand. */
export function storeOf(
  subs: readonly Partial<Subscription>[],
  info: Partial<SourceInfo> = {},
): SourceStore {
  const store = createMemoryStore({ ...INFO, ...info });
  const { options } = store.info;
  subs.forEach((parts, index) => {
    const sub = makeSub({ id: `sub_${index}`, customer: `cus_${index}`, ...parts });
    const { standing, result } = standingOf(sub, AT, options, {}, false);
    store.record(standing, inferSegments(sub, AT, options, {}, result));
  });
  store.setStatus({ phase: "live", asOf: AT });
  store.publish();
  return store;
}

/** As after the money was read to its end. */
export function moneyRead(store: SourceStore): void {
  const { cashReading } = store.money;
  store.money.setCashReading({ ...cashReading, from: AT - 1_000 * DAY, done: true });
  for (const list of ["payout", "dispute", "schedule"] as const) {
    store.money.setListRead(list, true);
  }
  store.setStatus({ paymentsRead: true, behind: [] });
  store.publish();
}

export function contextOf(
  view: SourceStore,
  query: Partial<ViewQuery> = {},
  reporting: Reporting | null = null,
): WidgetContext {
  return createContext({
    view,
    now: AT,
    query: { ...NO_QUERY, ...query },
    reporting,
    keyUrl: "https://dashboard.stripe.com/apikeys/create",
  });
}

/** Rates into a currency, as text. */
export function reportingIn(currency: string, rates: Readonly<Record<string, string>>): Reporting {
  const parsed = Object.entries(rates).map(([from, rate]) => [from, parse(rate)]);
  return { currency, rates: Object.fromEntries(parsed) };
}
