/** Discounts of a customer as a whole, which no event of a subscription tells (metrics.md A.5). */
import assert from "node:assert/strict";
import { discount, event, type Json } from "./subscription_story.ts";
import { AT, orders, seats, tell, worths } from "./told_by_events.ts";

function ofCustomer(type: string, at: number, of: Json, previous?: Json): Json {
  return event(`customer.discount.${type}`, at, { ...of, subscription: null }, previous);
}

Deno.test("a discount of the customer that was taken away was in force for subscriptions without their own", () => {
  const { source, ...rest } = discount("di_c");
  for (const shown of [discount("di_c"), { ...rest, coupon: (source as Json).coupon }]) {
    const deleted = ofCustomer("deleted", AT, { ...shown, deleted: true });
    assert.deepEqual(worths(tell(seats(2), deleted)), [[0, "1000 event"], [1000, "2000 event"]]);
    const own = seats(2, { discounts: [discount("di_own")] });
    assert.deepEqual(tell(own, deleted).past.states.map(({ sub }) => sub.discounts[0]!.id), [
      "di_own",
    ]);
  }
});

Deno.test("one that took the place of another within a second came after it", () => {
  const events = [
    ofCustomer("deleted", AT, discount("di_x")),
    ofCustomer("created", AT, discount("di_y", { start: AT })),
  ];
  for (const order of orders(events)) {
    const { past } = tell(seats(1), ...order);
    assert.deepEqual(past.states.map(({ sub }) => sub.discounts.map(({ id }) => id)), [["di_x"]]);
  }
});

Deno.test("one that began before it came was not in force until it came", () => {
  const { past } = tell(seats(2), ofCustomer("created", AT, discount("di_c")));
  const [state] = past.states;
  assert.deepEqual(state!.sub.discounts.map(({ id, start }) => [id, start]), [["di_c", AT]]);
});
