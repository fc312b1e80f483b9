import assert from "node:assert/strict";
import { add, format, type Rational, ZERO } from "../../src/metrics/rational.ts";
import { NO_FILTER } from "../../src/metrics/filter.ts";
import { filteredView } from "../../src/store/filtered_view.ts";
import { plansWidget } from "../../src/widgets/plans.ts";
import { AT, itemOf } from "../metrics/fixture.ts";
import { companyStore, contextOf, storeOf } from "../widgets/fixture.ts";

Deno.test("the days of all prices add up to the days of the whole, also after changes", () => {
  const store = companyStore(5);
  const today = store.calendar.dayOf(AT);
  const prices = new Set(
    [...store.allSegments()].flat().flatMap(({ lines }) => lines.map(({ price }) => price)),
  );
  const check = () => {
    for (const currency of store.tally.currencies()) {
      for (const day of [today - 400, today - 100, today]) {
        const parts: Rational[] = [...prices].map((price) =>
          store.priceDays.closeOf(price, currency, day)
        );
        const whole = store.daily.closes(currency, day, day + 1)[0]!;
        assert.equal(format(parts.reduce(add, ZERO)), format(whole));
      }
    }
  };
  check();
  for (const { sub } of [...store.standings()].slice(0, 40)) store.forget(sub.id);
  check();
});

Deno.test("a plan's change is since the close before the period, within a filter too", () => {
  const since = (date: string) => ({ created: Date.parse(`${date}T12:00:00Z`) / 1000 });
  const yearly = { items: [itemOf({ id: "price_y", amount: 12_000, every: ["year", 1] })] };
  // Now is 15 November 2026: one monthly customer is new this month, the yearly one is not.
  const store = storeOf([
    since("2026-01-01"),
    since("2026-11-03"),
    { ...since("2026-02-01"), ...yearly },
  ]);
  const changes = (query: object) => {
    const { state } = plansWidget(contextOf(store, query), { id: "x", type: "plans" });
    assert.ok(state.kind === "fresh");
    return state.data.rows.map(({ change }) => change?.text);
  };
  assert.deepEqual(changes({}), ["+$10", "$0"]);
  assert.deepEqual(changes({ period: "all" }), ["+$20", "+$10"]);
  assert.deepEqual(changes({ billing: "year" }), ["$0"]);
  const { priceDays } = filteredView(store, { ...NO_FILTER, billing: "year" });
  const today = store.calendar.dayOf(AT);
  assert.equal(format(priceDays.closeOf("price_a", "usd", today)), "0");
});
