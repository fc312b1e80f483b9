/** What is kept of a look at everything is never older than what it was made of. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { dayKey, monthStart } from "../../src/metrics/calendar.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { GRAINS } from "../../src/metrics/movements.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { parseQuotedRates, type QuotedRates } from "../../src/metrics/quoted_rates.ts";
import { format } from "../../src/metrics/rational.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { cohortsOf, firstPlans } from "../../src/widgets/cohort_table.ts";
import { createContext } from "../../src/widgets/context.ts";
import { failuresIn } from "../../src/widgets/failures.ts";
import { shownChanges } from "../../src/widgets/forecast_view.ts";
import { closedFigures, movementView, periodOf } from "../../src/widgets/movement_view.ts";
import { NO_QUERY, type ViewQuery } from "../../src/widgets/query.ts";
import { qualityOf } from "../../src/widgets/quality.ts";
import { reportingAt } from "../../src/widgets/slice.ts";
import { trialFigures, trialsOf } from "../../src/widgets/trial_view.ts";
import { AT, DAY, itemOf, makeSub } from "../metrics/fixture.ts";
import { INFO } from "./fixture.ts";

const OPTIONS = { ...PRESETS.stripe, cancellation: "at_end" } as const;
const OWN = { ...INFO, options: OPTIONS, reporting: { to: "usd", rates: {} } };

function put(store: SourceStore, parts: Partial<Subscription>, now = AT): void {
  const sub = makeSub(parts);
  const { standing, result } = standingOf(sub, now, OPTIONS, {}, false);
  store.record(standing, inferSegments(sub, now, OPTIONS, {}, result));
  store.publish();
}

function liveStore(): SourceStore {
  const store = createMemoryStore(OWN);
  store.setStatus({ phase: "live", asOf: AT });
  store.publish();
  return store;
}

function look(view: SourceStore, now = AT, query: Partial<ViewQuery> = {}) {
  const reporting = reportingAt(view, now);
  const keyUrl = "https://dashboard.stripe.com/apikeys/create";
  return createContext({ view, now, query: { ...NO_QUERY, ...query }, reporting, keyUrl });
}

type Look = ReturnType<typeof look>;

/** The cohorts of the last twelve months. */
function table(context: Look, first: string | null = null) {
  const today = context.view.calendar.dayOf(context.now);
  const cut = { from: monthStart(today, -11), to: today + 1, unit: "month", first } as const;
  return cohortsOf(context, movementView(context)!, cut);
}

Deno.test("a trial that begins and ends on one day is counted as soon as it is told", () => {
  const store = liveStore();
  assert.equal(trialFigures(look(store)).ended.length, 0);
  put(store, { status: "canceled", trialStart: AT - 7200, trialEnd: AT - 60, endedAt: AT - 60 });
  assert.equal(trialFigures(look(store)).ended.length, 1);
});

Deno.test("a customer who joins makes the running month's cohort one larger at once", () => {
  const store = liveStore();
  put(store, { id: "sub_1", customer: "cus_1", created: AT - 3 * DAY });
  assert.deepEqual(table(look(store)).map(({ size }) => size), [1]);
  put(store, { id: "sub_2", customer: "cus_2", created: AT - 60 });
  assert.deepEqual(table(look(store)).map(({ size }) => size), [2]);
  assert.deepEqual([...firstPlans(look(store))], [["price_a", "prod_a"]]);
});

Deno.test("retention of the complete months follows a repair of the past, and of nothing later", () => {
  const store = liveStore();
  const nrr = () => {
    const { nrr: { month } } = closedFigures(look(store), movementView(look(store))!);
    return month.value && format(month.value);
  };
  put(store, { id: "sub_1", customer: "cus_1", created: AT - 100 * DAY });
  put(store, { id: "sub_2", customer: "cus_2", created: AT - 100 * DAY });
  assert.equal(nrr(), "1");
  const kept = closedFigures(look(store), movementView(look(store))!);
  // Left on 5 November, in the running month: October stays as it is, and is not counted anew.
  put(store, {
    id: "sub_2",
    customer: "cus_2",
    created: AT - 100 * DAY,
    status: "canceled",
    endedAt: AT - 10 * DAY,
  });
  assert.equal(closedFigures(look(store), movementView(look(store))!), kept);
  // Left on 31 October after all, the last day of the window.
  put(store, {
    id: "sub_2",
    customer: "cus_2",
    created: AT - 100 * DAY,
    status: "canceled",
    endedAt: AT - 15 * DAY + 3600,
  });
  assert.equal(dayKey(store.calendar.dayOf(AT - 15 * DAY + 3600)), "2026-10-31");
  assert.equal(nrr(), "1/2");
});

Deno.test("other rates change what is converted at once, behind a filter too", () => {
  const store = liveStore();
  const items = (currency: string) => [itemOf({ amount: 1000, currency })];
  put(store, { id: "sub_e", customer: "cus_e", currency: "eur", items: items("eur") });
  const left = { status: "canceled", endedAt: AT - 20 * DAY, canceledAt: AT - 20 * DAY };
  put(store, { id: "sub_u", customer: "cus_u", items: items("usd"), ...left });
  // Of $10 and €10 at the start of October, €10 is left.
  const nrr = () => {
    const context = look(store, AT, { product: "prod_a" });
    const { value } = closedFigures(context, movementView(context)!).nrr.month;
    return value && format(value);
  };
  const quote = (rate: string) => {
    const days = Array.from({ length: 60 }, (_, back) => dayKey(AT / DAY - 59 + back));
    const lines = days.map((day) => `${day},${rate}`);
    store.setQuotes(parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv"));
    store.publish();
  };
  quote("1.0");
  assert.equal(nrr(), "1/2");
  quote("3.0");
  assert.equal(nrr(), "3/4");
});

Deno.test("a payment that fails is among the failures with the next version", () => {
  const store = liveStore();
  put(store, { id: "sub_0" });
  const failures = () => failuresIn(look(store), { from: -Infinity, to: AT / DAY + 1 })!.length;
  assert.equal(failures(), 0);
  store.money.payments.put(paymentOf({ who: 0, begin: 1, amount: 1 }, AT), "change");
  store.noteMoney();
  store.publish();
  assert.equal(failures(), 1);
});

/** A change of the store, or a day that passes. */
interface Change {
  readonly what: "put" | "drop" | "payment" | "quotes" | "status" | "day";
  readonly who: number;
  readonly begin: number;
  readonly length: number | null;
  readonly trial: boolean;
  readonly amount: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  what: fc.constantFrom("put", "put", "put", "drop", "payment", "quotes", "status", "day"),
  who: fc.nat(3),
  begin: fc.nat(120),
  length: fc.option(fc.nat(90), { nil: null }),
  trial: fc.boolean(),
  amount: fc.integer({ min: 1, max: 3 }),
});

function subOf({ who, begin, length, trial, amount }: Change, now: number): Partial<Subscription> {
  const created = now - begin * DAY - 3600;
  const end = length === null ? null : Math.min(created + length * DAY, now);
  const price = { id: `price_${amount}`, product: `prod_${amount % 2}`, amount: amount * 1000 };
  return {
    id: `sub_${who}`,
    customer: `cus_${who % 3}`,
    currency: who === 3 ? "eur" : "usd",
    created,
    items: [itemOf({ ...price, currency: who === 3 ? "eur" : "usd" })],
    ...(trial ? { trialStart: created, trialEnd: created + 1800 } : {}),
    ...(end === null || end === now
      ? { cancelAt: end === null ? null : now + DAY }
      : { status: "canceled", endedAt: end, canceledAt: end }),
  };
}

function paymentOf(
  { who, begin, amount }: Pick<Change, "who" | "begin" | "amount">,
  now: number,
) {
  const failedAt = now - begin * DAY;
  return {
    invoice: `in_${who}`,
    subscription: `sub_${who}`,
    currency: who === 3 ? "eur" : "usd",
    status: "open",
    created: failedAt,
    finalizedAt: failedAt,
    due: BigInt(amount),
    paid: 0n,
    remaining: BigInt(amount),
    paidOffStripe: 0n,
    attempts: 1,
    firstFailureAt: failedAt,
    failedAmount: BigInt(amount),
    nextAttemptAt: null,
    paidAt: null,
    lostAt: null,
    lossReason: null,
    usage: 0n,
  };
}

function quotesOf({ amount }: Change, now: number): QuotedRates {
  const days = Array.from({ length: 140 }, (_, back) => now - (139 - back) * DAY);
  const lines = days.map((at) =>
    `${new Date(at * 1000).toISOString().slice(0, 10)},1.${amount + (at / DAY) % 3}`
  );
  return parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv");
}

/** A store and all that was put into it beside its rows. */
interface Filled {
  readonly store: SourceStore;
  quotes: QuotedRates | null;
  now: number;
}

function apply(filled: Filled, next: Change): void {
  const { store, now } = filled;
  if (next.what === "put") put(store, subOf(next, now), now);
  if (next.what === "drop") store.forget(`sub_${next.who}`);
  if (next.what === "payment") store.money.payments.put(paymentOf(next, now), "change");
  if (next.what === "payment") store.noteMoney();
  if (next.what === "quotes") store.setQuotes(filled.quotes = quotesOf(next, now));
  if (next.what === "status") {
    store.setStatus({ historyDone: next.trial, liveSince: now - next.begin * DAY });
  }
  if (next.what === "day") filled.now += DAY;
  store.publish();
}

/** A store that never answered anything, with the same content. */
function same({ store, quotes }: Filled): SourceStore {
  const fresh = createMemoryStore(OWN);
  fresh.setQuotes(quotes);
  for (const standing of store.standings()) {
    fresh.record(standing, store.segments(standing.sub.id));
  }
  for (const fact of store.money.payments.facts()) fresh.money.payments.put(fact, "change");
  fresh.setStatus(store.status);
  fresh.publish();
  return fresh;
}

/** An answer, or what it is unknown for. */
function told(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return String(error);
  }
}

function answersIn(context: Look) {
  const { view, whole, now } = context;
  const today = view.calendar.dayOf(now);
  const month = { from: monthStart(today, -1), to: today + 1 };
  const movements = movementView(context);
  const byId = (one: { subscription: string }, other: { subscription: string }) =>
    one.subscription < other.subscription ? -1 : 1;
  return [
    told(() => [...trialsOf(context)].sort(byId)),
    told(() => movements && table(context)),
    told(() => movements && table(context, "price_2")),
    told(() => [...firstPlans(context)].sort()),
    told(() => movements && closedFigures(context, movements)),
    told(() => failuresIn(context, { from: -Infinity, to: today + 1 })),
    told(() => [...shownChanges(context) ?? []].sort(byId)),
    told(() => [0, 1, 2].map((back) => qualityOf(whole, today - 30 * back, today + 1, now))),
    ...GRAINS.map((grain) => told(() => movements && periodOf(context, movements, month, grain))),
  ];
}

const SLICES: readonly Partial<ViewQuery>[] = [
  {},
  { currency: "usd", native: true },
  { currency: "eur" },
  { product: "prod_0" },
];

const answers = (store: SourceStore, now: number) =>
  SLICES.flatMap((query) => answersIn(look(store, now, query)));

Deno.test("after any change every answer is that of a store that never answered before", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 8 }), (changes) => {
      const filled: Filled = { store: liveStore(), quotes: null, now: AT };
      for (const next of changes) {
        apply(filled, next);
        assert.deepEqual(
          answers(filled.store, filled.now),
          answers(same(filled), filled.now),
          JSON.stringify(next),
        );
      }
    }),
    { numRuns: 30 },
  );
});
