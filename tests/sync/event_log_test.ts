/** What a log of events tells of one subscription, case by case (metrics.md B.6 step 3). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PRESETS } from "../../src/metrics/options.ts";
import { valuedStates } from "../../src/metrics/valued_states.ts";
import {
  discount,
  event,
  former,
  item,
  json,
  PRICES,
  rendered,
  START,
  subscription,
} from "./subscription_story.ts";
import { AT, orders, seats, step, store, tell, UPDATED, worths } from "./told_by_events.ts";

Deno.test("1 to 3 to 2 to 5 seats within a second is 1 before and 5 after, in each of six orders", () => {
  const steps = [[1, 3], [3, 2], [2, 5]].map(([from, to]) => step(seats(from!), seats(to!), AT));
  for (const order of orders(steps)) {
    assert.deepEqual(worths(tell(seats(5), ...order)), [[0, "1000 event"], [1000, "5000 event"]]);
  }
});

Deno.test("there and back within a second is no movement: the last state counts", () => {
  const [up, down] = [step(seats(1), seats(2), AT), step(seats(2), seats(1), AT)];
  for (const order of [[up, down], [down, up]]) {
    assert.deepEqual(worths(tell(seats(1), ...order)), [[0, "1000 event"]]);
  }
});

Deno.test("items swapped within a second are one change: the old one before, the new one after", () => {
  const begin = subscription();
  const swapped = { ...begin, items: { has_more: false, data: [item("si_9", { quantity: 4 })] } };
  const both = { ...begin, items: { has_more: false, data: [item("si_0"), item("si_9")] } };
  const steps = [step(begin, both, AT), step(both, swapped, AT)];
  for (const order of orders(steps)) {
    assert.deepEqual(worths(tell(swapped, ...order)), [[0, "1000 event"], [1000, "4000 event"]]);
  }
});

Deno.test("two types of event that tell of the same step tell of one: paused and resumed is no movement", () => {
  const paused = seats(1, { status: "paused" });
  const steps = [
    step(seats(1), paused, AT),
    step(paused, seats(1), AT),
    step(paused, seats(1), AT, "customer.subscription.resumed"),
  ];
  for (const order of orders(steps)) {
    assert.deepEqual(worths(tell(seats(1), ...order)), [[0, "1000 event"]]);
  }
});

Deno.test("where the events of a second do not chain, what the one before left was there before", () => {
  const earlier = step(seats(7), seats(1), AT - 500);
  const steps = [step(seats(1), seats(2), AT), step(seats(4), seats(5), AT)];
  for (const order of orders([earlier, ...steps])) {
    assert.deepEqual(worths(tell(seats(5), ...order)), [
      [0, "7000 event"],
      [500, "1000 event"],
      [1000, "5000 event"],
    ]);
  }
  const { past } = tell(seats(5), ...steps);
  assert.deepEqual(past.states.map(({ doubtful }) => doubtful), [true]);
});

Deno.test("a deletion in the second of a change is undone first: 2 seats became 5 and ended", () => {
  const ended = seats(5, { status: "canceled", ended_at: AT, canceled_at: AT });
  const steps = [
    step(seats(2), seats(5), AT),
    event("customer.subscription.deleted", AT, rendered(ended, "2020-08-27")),
  ];
  for (const order of orders(steps)) {
    assert.deepEqual(worths(tell(ended, ...order)), [[0, "2000 event"]]);
  }
});

Deno.test("a request that a deletion hides is told by the change before it", () => {
  const reason = { cancellation_details: { reason: "cancellation_requested" } };
  const [free, leaving, now] = [
    seats(2),
    seats(2, { canceled_at: AT - 500, cancel_at_period_end: true, ...reason }),
    seats(2, { canceled_at: AT, cancel_at_period_end: true, ...reason }),
  ];
  const ended = { ...now, status: "canceled", ended_at: AT };
  const { past } = tell(
    ended,
    step(free, leaving, AT - 500),
    step(leaving, now, AT),
    event("customer.subscription.deleted", AT, rendered(ended, "2026-10-28.endive")),
  );
  assert.deepEqual(past.states.map(({ sub }) => [sub.canceledAt, sub.cancelReason]), [
    [null, null],
    [AT - 500, "cancellation_requested"],
  ]);
});

Deno.test("what an event of 2020-08-27 names as a plan and a quantity is the only item's", () => {
  const price = json(PRICES[2]!);
  const before = { ...subscription(), items: { data: [item("si_0", { price, quantity: 2 })] } };
  const [was, is] = [before, subscription()].map((sub) => {
    const { items: _, ...shown } = rendered(sub, "2020-08-27");
    return shown;
  });
  const told = tell(subscription(), event(UPDATED, AT, is!, former(was!, is!)));
  assert.deepEqual(worths(told), [[0, "6000 event"], [1000, "1000 event"]]);
});

Deno.test("a fixed term that enters its last period by an event of old has its former period before", () => {
  const term = { cancel_at: START + 9_000_000 };
  const renewed = seats(1, term);
  const raw = { ...rendered(renewed, "2023-10-16"), current_period_end: START + 9_000_000 };
  const before = { current_period_start: START - 5_000_000, current_period_end: START + 4_000_000 };
  const [state] = tell(renewed, event(UPDATED, AT, raw, before)).past.states;
  assert.deepEqual(
    state!.sub.items.map((each) => [each.currentPeriodStart, each.currentPeriodEnd]),
    [[START - 5_000_000, START + 4_000_000]],
  );
});

Deno.test("a discount of old comes with its coupon in it: 50 % off until it was taken away", () => {
  const discounted = seats(2, { discounts: [discount("di_old")] });
  const [was, is] = [discounted, seats(2)].map((sub) => rendered(sub, "2020-08-27"));
  const told = tell(seats(2), event(UPDATED, AT, is!, former(was!, is!)));
  assert.deepEqual(worths(told), [[0, "1000 event"], [1000, "2000 event"]]);
});

Deno.test("what cannot be read marks its own stretch as inferred; what was before is told on", () => {
  const odd = event(UPDATED, AT, rendered(seats(5), "2026-10-28.endive"), {
    items: { data: [{ seats: 3 }] },
  });
  const before = step(seats(1, { status: "active" }), seats(1, { status: "past_due" }), AT - 500);
  const older = event(UPDATED, AT - 800, { id: "sub_a", status: "active" }, {
    items: { data: [item("si_0", { quantity: 9 })], has_more: false },
  });
  const { past, current } = tell(seats(5, { status: "past_due" }), odd, older);
  assert.deepEqual(worths({ past, current }), [
    [0, "9000 event"],
    [200, "5000 inferred"],
    [1000, "5000 event"],
  ]);
  assert.deepEqual(
    store.unreadable().find(({ id }) => id === odd.id)?.problem,
    "previous_attributes.items.data[0].id should be a text but is missing",
  );
  // What the event before left tells it after all.
  const known = tell(seats(5, { status: "past_due" }), odd, before);
  assert.deepEqual(worths(known), [[0, "1000 event"], [500, "1000 event"], [1000, "5000 event"]]);
});

Deno.test("an event of which nothing can be read marks the state before it, not those before that", () => {
  const odd = event(UPDATED, AT, { id: "sub_a", status: 7 }, { items: { data: [] } });
  const older = event(UPDATED, AT - 800, { id: "sub_a", status: "active" }, {
    ...{ status: "trialing", trial_end: null, cancel_at: null, cancel_at_period_end: false },
    ...{ canceled_at: null, ended_at: null, cancellation_details: null, pause_collection: null },
    ...{ automatic_tax: null, discounts: [], default_tax_rates: [] },
    items: { data: [item("si_0", { quantity: 9 })], has_more: false },
  });
  const { past } = tell(seats(5), odd, older);
  assert.deepEqual(
    past.states.map(({ until, sub, doubtful = false }) => [
      until - START,
      sub.status,
      doubtful,
    ]),
    [[200, "trialing", false], [1000, "active", true]],
  );
});

Deno.test("of ten items out of twelve the event tells; the others are as after it, a new one was not there", () => {
  const data = Array.from({ length: 12 }, (_, index) => item(`si_${index}`));
  const fresh = item("si_new", { created: AT, quantity: 50 });
  const before = { ...subscription(), items: { data } };
  const after = {
    ...subscription(),
    items: { data: [item("si_0", { quantity: 3 }), ...data.slice(1), fresh], has_more: false },
  };
  const told = tell(after, step(before, after, AT));
  assert.deepEqual(worths(told), [[0, "12000 event"], [1000, "64000 event"]]);
});

Deno.test("a change of an item beyond the tenth is in its event unseen: before it invoices tell", () => {
  const of = (quantity: number) => ({
    ...subscription(),
    items: {
      data: Array.from(
        { length: 12 },
        (_, at) => item(`si_${at}`, { created: START - 10, quantity: at === 11 ? quantity : 1 }),
      ),
    },
  });
  const renewal = { latest_invoice: "in_0" };
  const shown = rendered(of(9), "2026-10-28.endive");
  const { past, current } = tell(
    { ...of(9), items: { ...of(9).items, has_more: false } },
    step(of(1), of(9), AT),
    event(UPDATED, START, shown, renewal),
  );
  assert.deepEqual(past.states.map(({ until, doubtful }) => [until, doubtful]), [[AT, true]]);
  const valued = valuedStates(past, PRESETS.stripe, {}, current);
  assert.deepEqual([valued.since, valued.doubtedSince], [AT, START]);
});

Deno.test("where more items are told of than are known, the state cannot be valued", () => {
  const ten = Array.from({ length: 10 }, (_, index) => item(`si_${index}`));
  const previous = { items: { data: ten, has_more: true } };
  const end = { ...subscription(), items: { data: ten.slice(1), has_more: false } };
  const { past, current } = tell(end, event(UPDATED, AT, rendered(end, "2024-06-20"), previous));
  assert.equal(past.states[0]!.sub.itemsTruncated, true);
  // Invoices tell of that time, and what they tell is doubted.
  const valued = valuedStates(past, PRESETS.stripe, {}, current);
  assert.deepEqual([valued.since, valued.doubtedSince, valued.states], [AT, START, []]);
});

Deno.test("a count of items that changed says nothing of the items", () => {
  const told = tell(
    seats(2),
    event(UPDATED, AT, rendered(seats(2), "2020-08-27"), { items: { total_count: 3 } }),
  );
  assert.deepEqual(told.past.states, []);
});

Deno.test("no event ends the replay of its subscription, whatever its fields hold", () => {
  const shown = rendered(seats(5), "2026-10-28.endive");
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.record({ data: fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 3 }) }),
  );
  const fields = fc.dictionary(fc.constantFrom(...Object.keys(shown)), value, { maxKeys: 4 });
  const one = fc.record({
    type: fc.constantFrom(
      UPDATED,
      "customer.subscription.created",
      "customer.subscription.deleted",
    ),
    before: fields,
    after: fields,
    age: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), (events) => {
    const told = events.map(({ type, before, after, age }) =>
      event(type, AT - age, { ...shown, ...after, id: "sub_a" }, before)
    );
    assert.ok(Array.isArray(tell(seats(5), ...told).past.states));
  }));
});
