/**
 * What the widgets of money share: one currency out of several, and why something is not known.
 *
 * @module
 */
import { add, multiply, type Rational, rational, ZERO } from "../metrics/rational.ts";
import type { MoneyResource, SourceView } from "../store/port.ts";
import type { WidgetContext } from "./context.ts";
import { whyNoMovements } from "./why.ts";
import { factorsTo } from "./slice.ts";

/** What each missing permission costs. */
const COSTS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  balance_transactions: "gross volume, refunds, fees and net cannot be known",
  payouts: "when money arrives cannot be known",
  disputes: "the dispute rate cannot be known",
  balance: "what lies at Stripe cannot be known",
  invoices: "failed payments, usage and the collection rate cannot be known",
  subscription_schedules: "what begins or changes later is not in it",
}));

/**
 * "the key may not read payouts: when money arrives cannot be known; grant it read access", or `null`
 * where the key may read the resource.
 */
export function noPermission({ status }: SourceView, resource: string): string | null {
  if (status.permissions[resource] !== "missing") return null;
  const cost = COSTS.get(resource) ?? "its figures cannot be known";
  return `the key may not read ${resource.replaceAll("_", " ")}: ${cost}; grant it read access`;
}

/** Why nothing is known of invoices, or `null`. */
export function invoicesUnread(view: SourceView): string | null {
  const missing = noPermission(view, "invoices");
  if (missing) return missing;
  return view.status.paymentsRead ? null : "invoices are not read yet";
}

/** Codes of a resource that was not read yet, and of one that may be older than the rest. */
const UNREAD: Readonly<Record<MoneyResource, readonly [unread: string, behind: string]>> = {
  invoices: ["payments_unread", "payments_behind"],
  balance_transactions: ["cash_unread", "cash_behind"],
  payouts: ["payouts_unread", "payouts_behind"],
  disputes: ["disputes_unread", "disputes_behind"],
  subscription_schedules: ["schedules_unread", "schedules_behind"],
};

function isRead({ status, money }: SourceView, resource: MoneyResource): boolean {
  switch (resource) {
    case "invoices":
      return status.paymentsRead;
    case "balance_transactions":
      return money.cashReading.done;
    case "payouts":
      return money.isListRead("payout");
    case "disputes":
      return money.isListRead("dispute");
    case "subscription_schedules":
      return money.isListRead("schedule");
  }
}

/** Why figures that are made of the resources are incomplete, as codes; none where the key may not. */
export function moneyReasons(
  view: SourceView,
  resources: readonly MoneyResource[],
): readonly string[] {
  const { permissions, behind } = view.status;
  return resources.flatMap((resource) => {
    const [unread, late] = UNREAD[resource];
    if (permissions[resource] === "missing") return [];
    if (!isRead(view, resource)) return [unread];
    return behind.includes(resource) ? [late] : [];
  });
}

/**
 * What one unit of each currency is in the currency that is shown: 1 for its own, a rate for the
 * others where everything is converted. `null` while a rate is missing.
 */
export function factorsIn(
  { slice, reporting }: WidgetContext,
  currencies: readonly string[],
): ReadonlyMap<string, Rational> | null {
  if (!slice) return null;
  if (!slice.converted || !reporting) return new Map([[slice.currency, rational(1)]]);
  const factors = factorsTo(reporting, currencies);
  return currencies.every((currency) => factors.has(currency)) ? factors : null;
}

/** Amounts of several currencies in the one that is shown; `null` while a rate is missing. */
export function sumIn(
  context: WidgetContext,
  amounts: Iterable<{ readonly currency: string; readonly amount: Rational }>,
): Rational | null {
  const all = [...amounts];
  const factors = factorsIn(context, [...new Set(all.map(({ currency }) => currency))]);
  if (!factors) return null;
  return all.reduce((total, { currency, amount }) => {
    const factor = factors.get(currency);
    return factor ? add(total, multiply(amount, factor)) : total;
  }, ZERO);
}

/** Why a sum in the shown currency is unknown. */
export function whyNoSum(context: WidgetContext): string {
  return whyNoMovements(context);
}
