/** Thin events: type, object id and time are all that is taken of an event (metrics.md D.3, D.4). */
import assert from "node:assert/strict";
import { changesOf, readEvent } from "../../src/sync/event.ts";

const thin = (type: string, related: unknown, more: Record<string, unknown> = {}) =>
  readEvent({
    id: "evt_thin",
    object: "v2.core.event",
    type,
    created: "2026-11-24T12:00:00.900Z",
    livemode: true,
    related_object: related,
    ...more,
  });

Deno.test("a thin event is the snapshot event of its type, without the v1 in front", () => {
  const related = { id: "sub_a", type: "subscription", url: "/v1/subscriptions/sub_a" };
  assert.deepEqual(thin("v1.customer.subscription.updated", related, { context: "org_1/acct_1" }), {
    id: "evt_thin",
    type: "customer.subscription.updated",
    created: 1_795_521_600,
    livemode: true,
    account: "acct_1",
    apiVersion: null,
    ids: { id: "sub_a", subscription: "sub_a" },
    previous: {},
  });
});

Deno.test("a customer's discount has no id: the address names the customer", () => {
  const event = thin("v1.customer.discount.created", {
    type: "discount",
    url: "/v1/customers/cus_a/discount",
  });
  assert.deepEqual(changesOf(event), [{ kind: "customer", id: "cus_a", at: 1_795_521_600 }]);
});

Deno.test("a thin event without an object changes nothing, one without a time is none", () => {
  assert.deepEqual(changesOf(thin("v2.core.event_destination.ping", null)), []);
  assert.throws(() => thin("v1.price.updated", null, { created: "soon" }), /created should be/);
});
