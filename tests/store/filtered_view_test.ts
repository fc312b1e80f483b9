/** A source seen through a filter, and that it stays in step with the source. */
import assert from "node:assert/strict";
import { type LineFilter, NO_FILTER } from "../../src/metrics/filter.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { add, format, type Rational, ZERO } from "../../src/metrics/rational.ts";
import { changeSegments } from "../../src/metrics/segments.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import { FIGURES } from "../../src/metrics/tally.ts";
import { filteredView } from "../../src/store/filtered_view.ts";
import type { SourceStore, SourceView } from "../../src/store/port.ts";
import { AT, DAY, itemOf, makeSub } from "../metrics/fixture.ts";
import { companyStore, storeOf } from "../widgets/fixture.ts";

const total = (values: readonly Rational[]) => format(values.reduce(add, ZERO));

/** Every product that a line of the past or the present is of. */
function productsOf(store: SourceStore): string[] {
  const lines = [...store.allSegments()].flat().flatMap((segment) => segment.lines);
  const items = [...store.standings()].flatMap(({ sub }) => sub.items);
  return [
    ...new Set([
      ...lines.map(({ product }) => product),
      ...items.map(({ price }) => price.product),
    ]),
  ];
}

Deno.test("the figures of all products add up to the whole, standing figures and days alike", () => {
  for (const seed of [1, 5]) {
    const store = companyStore(seed);
    const today = store.calendar.dayOf(AT);
    const parts = productsOf(store).map((product) =>
      filteredView(store, { ...NO_FILTER, product })
    );
    assert.ok(parts.length > 2);
    for (const currency of store.tally.currencies()) {
      for (const figure of FIGURES) {
        assert.equal(
          total(parts.map(({ tally }) => tally.total(currency, figure))),
          format(store.tally.total(currency, figure)),
          `${figure} ${currency}`,
        );
      }
      for (const day of [today - 300, today - 30, today]) {
        assert.equal(
          total(parts.map(({ daily }) => daily.closes(currency, day, day + 1)[0]!)),
          format(store.daily.closes(currency, day, day + 1)[0]!),
        );
      }
    }
  }
});

Deno.test("movements within a filter lead from its start to its end, and its end is its MRR", () => {
  const store = companyStore(5);
  const today = store.calendar.dayOf(AT);
  for (const billing of ["month", "year", "quarter", "week"]) {
    const { movements, tally } = filteredView(store, { ...NO_FILTER, billing });
    // period() throws where the identity does not hold.
    const { end } = movements.period("usd", today - 365, today + 1);
    assert.equal(format(end), format(tally.total("usd", "mrr")));
  }
});

/** One customer on plan A since a hundred days, who moved to plan B ten days ago. */
function movedStore(): SourceStore {
  const store = storeOf([{}]);
  const before = makeSub({ id: "sub_0", customer: "cus_0" });
  const after = { ...before, items: [itemOf({ id: "price_b", product: "prod_b", amount: 3000 })] };
  const { standing, result } = standingOf(after, AT, PRESETS.stripe, {}, false);
  const segments = changeSegments(store.segments("sub_0"), after, result, AT - 10 * DAY);
  store.record(standing, segments);
  store.publish();
  return store;
}

Deno.test("within a plan, a customer of another plan who moves to it is new there", () => {
  const store = movedStore();
  const today = store.calendar.dayOf(AT);
  const kindsIn = (filter: LineFilter) =>
    filteredView(store, filter).movements.movementsIn("usd", today - 20, today + 1)
      .map(({ kind, amount }) => `${kind} ${format(amount)}`);
  assert.deepEqual(kindsIn({ ...NO_FILTER, price: "price_b" }), ["new 3000"]);
  assert.deepEqual(kindsIn({ ...NO_FILTER, price: "price_a" }), ["churn 1000"]);
  assert.deepEqual(kindsIn(NO_FILTER), ["expansion 2000"]);
});

Deno.test("a filtered view follows each change, and a source that starts anew", () => {
  const store = storeOf([{}, {}]);
  const view = filteredView(store, { ...NO_FILTER, price: "price_a" });
  const mrr = (of: SourceView) => format(of.tally.total("usd", "mrr"));
  assert.equal(mrr(view), "2000");
  const sub = makeSub({ id: "sub_1", customer: "cus_1", items: [itemOf({ amount: 5000 })] });
  const { standing, result } = standingOf(sub, AT, PRESETS.stripe, {}, false);
  store.record(standing, changeSegments(store.segments("sub_1"), sub, result, AT));
  assert.equal(mrr(view), "6000");
  assert.deepEqual(view.movements.recent(1).map(({ kind }) => kind), ["expansion"]);
  store.forget("sub_0");
  assert.equal(mrr(view), "5000");
  assert.equal(view.tally.customers(), 1);
  store.clearFigures();
  assert.equal(mrr(view), "0");
});

Deno.test("a filter that lets everything through is the source itself, others are kept", () => {
  const store = storeOf([{}]);
  assert.equal(filteredView(store, NO_FILTER), store);
  const once = filteredView(store, { ...NO_FILTER, price: "price_a" });
  assert.equal(filteredView(store, { ...NO_FILTER, price: "price_a" }), once);
});
