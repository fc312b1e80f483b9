import assert from "node:assert/strict";
import { dayKey } from "../../src/metrics/calendar.ts";
import { NO_FILTER } from "../../src/metrics/filter.ts";
import { format, multiply, rational, ZERO } from "../../src/metrics/rational.ts";
import { FIGURES } from "../../src/metrics/tally.ts";
import { filteredView } from "../../src/store/filtered_view.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { type RowQuery, rowsOf, totalsOf } from "../../src/widgets/rows.ts";
import { sliceOf } from "../../src/widgets/slice.ts";
import { AT, itemOf, makeSub } from "../metrics/fixture.ts";
import { companyStore, reportingIn, storeOf } from "./fixture.ts";

const SEEDS = [1, 2, 3, 4];
const stores = new Map<number, SourceStore>();

/** The company of a seed, built once. */
function company(seed: number): SourceStore {
  const store = stores.get(seed) ?? companyStore(seed);
  stores.set(seed, store);
  return store;
}

function totalOf(
  store: SourceStore,
  query: RowQuery,
  currency: string,
  reporting = null as Parameters<typeof rowsOf>[2],
) {
  return format(totalsOf(rowsOf(store, query, reporting)).get(currency) ?? ZERO);
}

Deno.test("the rows of every figure add up to it, in every currency", () => {
  for (const seed of SEEDS) {
    const store = company(seed);
    for (const currency of store.tally.currencies()) {
      for (const figure of FIGURES) {
        const query = { figure, currency };
        assert.equal(
          totalOf(store, query, currency),
          format(store.tally.total(currency, figure)),
          `${figure} ${currency} of company ${seed}`,
        );
        assert.equal(rowsOf(store, query, null).length, store.tally.count(currency, figure));
      }
    }
  }
});

Deno.test("the rows of ARR are twelve times those of MRR", () => {
  const store = company(1);
  const mrr = store.tally.total("usd", "mrr");
  assert.equal(
    totalOf(store, { figure: "arr", currency: "usd" }, "usd"),
    format(multiply(mrr, rational(12))),
  );
});

Deno.test("the rows of active customers name as many customers as are counted", () => {
  for (const seed of SEEDS) {
    const store = company(seed);
    const rows = rowsOf(store, { figure: "active", currency: null }, null);
    assert.equal(new Set(rows.map(({ customer }) => customer)).size, store.tally.active());
  }
});

Deno.test("the rows of a plan add up to the plan, and all plans to the whole", () => {
  for (const seed of SEEDS) {
    const store = company(seed);
    for (const { price, currency, mrr, customers } of store.tally.plans()) {
      const plan = filteredView(store, { ...NO_FILTER, price });
      const rows = rowsOf(plan, { figure: "mrr", currency }, null);
      assert.equal(format(totalsOf(rows).get(currency)!), format(mrr));
      assert.equal(new Set(rows.map(({ customer }) => customer)).size, customers);
      assert.ok(rows.every(({ lines }) => lines.every((line) => line.price === price)));
    }
  }
});

Deno.test("the rows of a past day add up to its close, for every day of a year", () => {
  const store = company(2);
  const today = store.calendar.dayOf(AT);
  for (const currency of store.tally.currencies()) {
    const closes = store.daily.closes(currency, today - 365, today + 1);
    closes.forEach((close, index) => {
      if (index % 30 !== 0 && index !== 365) return;
      const atDay = today - 365 + index;
      const query = { figure: "mrr", currency, atDay } as const;
      assert.equal(totalOf(store, query, currency), format(close), dayKey(atDay));
    });
  }
});

Deno.test("rows in the reporting currency add up to its total, exactly", () => {
  const reporting = reportingIn("usd", { eur: "1.0834", gbp: "1.27", jpy: "0.0067" });
  for (const seed of SEEDS) {
    const store = company(seed);
    const slice = sliceOf(store, { currency: null }, reporting)!;
    assert.deepEqual(slice.missingRates, []);
    for (const figure of FIGURES) {
      const query = { figure, currency: "usd" };
      assert.equal(totalOf(store, query, "usd", reporting), format(slice.total(figure)!));
    }
  }
});

Deno.test("rows come greatest first, then by subscription", () => {
  const store = storeOf([
    { id: "sub_b" },
    { id: "sub_a" },
    { id: "sub_c", items: [itemOf({ amount: 5000 })] },
    { id: "sub_d", items: [itemOf({ amount: 0 })] },
  ]);
  const rows = rowsOf(store, { figure: "mrr", currency: "usd" }, null);
  assert.deepEqual(rows.map(({ subscription }) => subscription), ["sub_c", "sub_a", "sub_b"]);
});

Deno.test("what could not be valued is a row without a share, with its reason", () => {
  const store = storeOf([{ itemsTruncated: true }, {}]);
  const rows = rowsOf(store, { figure: "unresolved", currency: null }, null);
  assert.deepEqual(
    rows.map(({ subscription, share, issues }) => ({ subscription, share, issues })),
    [
      { subscription: "sub_0", share: null, issues: ["items_truncated"] },
    ],
  );
  assert.equal(totalsOf(rows).size, 0);
});

Deno.test("a row of several lines shows them, and they add up to its share", () => {
  const sub = makeSub({
    items: [itemOf({}, { id: "si_1" }), itemOf({ id: "price_b", amount: 250 }, { id: "si_2" })],
  });
  const [row] = rowsOf(storeOf([sub]), { figure: "mrr", currency: "usd" }, null);
  assert.deepEqual(row!.lines.map(({ item, exact }) => [item, format(exact)]), [
    ["si_1", "1000"],
    ["si_2", "250"],
  ]);
  assert.equal(format(row!.share!), "1250");
});
