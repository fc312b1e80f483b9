/** Item discounts that ended in the last 30 days, under events that show none (metrics.md D.1). */
import assert from "node:assert/strict";
import { addInvoice, emptyHistory } from "../../src/metrics/invoice_lines.ts";
import type { Discount } from "../../src/metrics/types.ts";
import { withExpiredDiscounts } from "../../src/sync/expired_discounts.ts";
import { itemOf, makeDiscount, makeSub } from "../metrics/fixture.ts";
import { at } from "../metrics/histories.ts";
import { historyLine } from "../metrics/history_lines.ts";

const SINCE = at("2026-05-05");
const current = makeSub({ items: [itemOf({ id: "price_1" }, { id: "si_1" })] });
const tenth = makeDiscount({ percent: 10, duration: "repeating" }, {
  id: "di_1",
  start: at("2026-02-10"),
  end: at("2026-05-20"),
});

function historyWith(...renewals: readonly (readonly [day: string, discounts: Discount[]])[]) {
  const history = emptyHistory();
  renewals.forEach(([from, itemDiscounts], index) =>
    addInvoice(history, {
      id: `in_${index}`,
      status: "paid",
      uncollectibleAt: null,
      lines: [{ ...historyLine({ from, to: "2026-07-01" }), itemDiscounts, sharedDiscounts: [] }],
    })
  );
  return history;
}

function told(history: ReturnType<typeof historyWith>) {
  const { states } = withExpiredDiscounts({ since: SINCE, states: [] }, current, history);
  return states.map(({ until, sub }) => [until, sub.items[0]!.discounts.map(({ id }) => id)]);
}

Deno.test("a discount on the last renewal before its end was there until then", () => {
  assert.deepEqual(told(historyWith(["2026-04-10", [tenth]], ["2026-05-10", [tenth]])), [
    [at("2026-05-20"), ["di_1"]],
  ]);
});

Deno.test("one that a renewal lacks was taken off before, and one without an end is not known to end", () => {
  assert.deepEqual(told(historyWith(["2026-04-10", [tenth]], ["2026-05-10", []])), []);
  assert.deepEqual(told(historyWith(["2026-05-10", [{ ...tenth, end: null }]])), []);
  const before = { ...tenth, end: at("2026-05-01") };
  assert.deepEqual(told(historyWith(["2026-04-10", [before]])), []);
});

Deno.test("states that events tell of other things have it too, up to its end", () => {
  const past = { since: SINCE, states: [{ until: at("2026-05-12"), sub: current }] };
  const history = historyWith(["2026-05-10", [tenth]]);
  const { states } = withExpiredDiscounts(past, { ...current, status: "past_due" }, history);
  assert.deepEqual(
    states.map(({ until, sub }) => [until, sub.status, sub.items[0]!.discounts.length]),
    [[at("2026-05-12"), "active", 1], [at("2026-05-20"), "past_due", 1]],
  );
});
