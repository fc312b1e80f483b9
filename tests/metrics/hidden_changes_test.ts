/** Items beyond the tenth, of whose changes events are silent and prorations tell (B.6). */
import assert from "node:assert/strict";
import { withHiddenChanges } from "../../src/metrics/hidden_changes.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { itemOf, makePrice, makeSub } from "./fixture.ts";
import { at } from "./histories.ts";
import { historyLine, type LineParts } from "./history_lines.ts";

const SINCE = at("2026-03-01");
const price = (id: string) => makePrice({ id });

/** Twelve items of one unit; the last one of so many. */
function twelve(quantity: number, count = 12): Subscription {
  return makeSub({
    items: Array.from({ length: count }, (_, index) =>
      itemOf({ id: "price_1" }, {
        id: `si_${index + 1}`,
        quantity: index === count - 1 ? quantity : 1,
      })),
  });
}

function change(day: string, from: number, to: number, parts: LineParts = {}) {
  const part = { item: "si_12", proration: true, from: day, ...parts };
  return [
    historyLine({ ...part, quantity: from, amount: -100 * from }),
    historyLine({ ...part, quantity: to, amount: 100 * to }),
  ];
}

/** `until day: quantity of the last item`, oldest first; the last one is the current state. */
function told(current: Subscription, states: readonly { until: number; sub: Subscription }[]) {
  const last = ({ items }: Subscription) => String(items.at(-1)!.quantity);
  return [
    ...states.map(({ until, sub }) => `${(until - SINCE) / 86_400}: ${last(sub)}`),
    last(current),
  ];
}

Deno.test("a change that no event names is told by the credit and the debit of its second", () => {
  const current = twelve(5);
  const lines = [...change("2026-03-11", 2, 3), ...change("2026-03-21", 3, 5)];
  const { states } = withHiddenChanges({ since: SINCE, states: [] }, current, lines, price);
  assert.deepEqual(told(current, states), ["10: 2", "20: 3", "5"]);
});

Deno.test("it is told across the states that events tell of other things", () => {
  const current = twelve(5);
  const paused = { ...current, status: "past_due" };
  const past = { since: SINCE, states: [{ until: at("2026-03-26"), sub: paused }] };
  const { states } = withHiddenChanges(past, current, change("2026-03-11", 2, 5), price);
  assert.deepEqual(told(current, states), ["10: 2", "25: 5", "5"]);
  assert.equal(states[0]!.sub.status, "past_due");
});

Deno.test("a change that its event told stays as it is, and ten items hide nothing", () => {
  const current = twelve(5);
  const past = { since: SINCE, states: [{ until: at("2026-03-11"), sub: twelve(2) }] };
  assert.equal(withHiddenChanges(past, current, change("2026-03-11", 2, 5), price), past);
  const ten = twelve(5, 10);
  const none = { since: SINCE, states: [] };
  const lines = change("2026-03-11", 2, 5, { item: "si_10" });
  assert.equal(withHiddenChanges(none, ten, lines, price), none);
});

Deno.test("what lies before the events, or is a draft, is left to the invoices", () => {
  const none = { since: SINCE, states: [] };
  assert.equal(withHiddenChanges(none, twelve(5), change("2026-02-20", 2, 5), price), none);
  const draft = change("2026-03-11", 2, 5, { invoiceStatus: "draft" });
  assert.equal(withHiddenChanges(none, twelve(5), draft, price), none);
});
