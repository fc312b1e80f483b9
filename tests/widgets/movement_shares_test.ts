/** Movements of customers, shared out to their subscriptions (metrics.md B.1, B.2, B.5). */
import assert from "node:assert/strict";
import { dayKey } from "../../src/metrics/calendar.ts";
import { GRAINS, isLoss, MOVEMENT_KINDS } from "../../src/metrics/movements.ts";
import { parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { format, negate, parse, sum } from "../../src/metrics/rational.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { sharesOf } from "../../src/widgets/movement_shares.ts";
import { AT, DAY, itemOf } from "../metrics/fixture.ts";
import { companyStore, storeOf } from "./fixture.ts";

const TODAY = Math.floor(AT / DAY);
/** Noon, ten days ago. */
const NOON = (TODAY - 10) * DAY + 43_200;

const of = (id: string, amount: number, currency = "usd") => ({
  id,
  customer: "cus_1",
  currency,
  items: [itemOf({ amount, currency })],
});
const ended = (at: number) => ({
  status: "canceled",
  endedAt: at,
  canceledAt: at,
  cancelReason: "payment_failed",
} as const);

/** One customer: 10.00 a month ends at noon ten days ago, 25.00 began a second before. */
function swapped() {
  return storeOf([
    { ...of("sub_old", 1000), ...ended(NOON) },
    { ...of("sub_new", 2500), created: NOON - 1 },
    { ...of("sub_same", 700) },
  ]);
}

/** All movements of the last year in a grain, each with its shares. */
function sharedOut(
  store: SourceStore,
  grain: (typeof GRAINS)[number],
  range = { from: TODAY - 365, to: TODAY + 1 },
  converted = false,
) {
  const book = converted ? store.convertedMovements! : store.movements;
  const currencies = converted ? ["usd"] : store.tally.currencies();
  return currencies.flatMap((currency) => {
    const asked = { book, currency, converted };
    return MOVEMENT_KINDS.flatMap((kind) =>
      book.movementsIn(currency, range.from, range.to, kind, grain).map((movement) => ({
        movement,
        shares: sharesOf({ view: store, grain, range }, asked, movement),
      }))
    );
  });
}

function told(shared: ReturnType<typeof sharedOut>) {
  return shared.map(({ movement: { kind, day }, shares }) => [
    kind,
    day - TODAY,
    shares.map(({ subscription, delta }) => `${subscription} ${format(delta)}`),
  ]);
}

Deno.test("a swap within a day is one expansion, made of what came and what went", () => {
  const range = { from: TODAY - 20, to: TODAY + 1 };
  assert.deepEqual(told(sharedOut(swapped(), "day", range)), [
    ["expansion", -10, ["sub_new 2500", "sub_old -1000"]],
  ]);
  assert.deepEqual(told(sharedOut(swapped(), "period", range)), [
    ["expansion", -10, ["sub_new 2500", "sub_old -1000"]],
  ]);
  assert.deepEqual(told(sharedOut(swapped(), "event", range)), [
    ["expansion", -10, ["sub_new 2500"]],
    ["contraction", -10, ["sub_old -1000"]],
  ]);
});

Deno.test("a customer who moves from euros to dollars: each part at the rate of the day", () => {
  const store = storeOf(
    [
      { ...of("sub_eur", 1000, "eur"), ...ended(NOON) },
      { ...of("sub_usd", 2500), created: NOON },
    ],
    { reporting: { to: "usd", rates: {} } },
  );
  // A euro is worth 1.10 dollars up to ten days ago, and 1.20 on that day and after.
  const lines = Array.from(
    { length: 120 },
    (_, age) => `${dayKey(TODAY - age)},${age > 10 ? "1.10" : "1.20"}`,
  );
  store.setQuotes(parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv"));
  store.publish();
  const range = { from: TODAY - 20, to: TODAY + 1 };
  for (const grain of GRAINS) {
    assert.deepEqual(told(sharedOut(store, grain, range, true)), [
      ["expansion", -10, ["sub_eur -1200", "sub_usd 2500"]],
    ], grain);
  }
});

Deno.test("the shares of every movement of a company add up to it, in each grain and view", () => {
  const rates = { eur: parse("1.0834"), gbp: parse("1.27"), jpy: parse("0.0067") };
  for (const seed of [1, 2, 3]) {
    const store = companyStore(seed, { reporting: { to: "usd", rates } });
    for (const grain of GRAINS) {
      for (const converted of [false, true]) {
        const shared = sharedOut(store, grain, undefined, converted);
        assert.ok(shared.length > 50);
        for (const { movement, shares } of shared) {
          const { kind, amount } = movement;
          const whole = isLoss(kind) ? negate(amount) : amount;
          assert.equal(format(sum(shares.map(({ delta }) => delta))), format(whole));
        }
      }
    }
  }
});
