/** Webhooks of older API versions (metrics.md D.1, D.4.3). */
import assert from "node:assert/strict";
import { readEvent } from "../../src/sync/event.ts";
import { event, type Json } from "./subscription_story.ts";
import { AT } from "./told_by_events.ts";

Deno.test("a webhook of an older version is taken in by its ids, whatever its object looks like", () => {
  const of = (type: string, object: Json) =>
    readEvent({ ...event(type, AT, object), livemode: false, api_version: "2020-08-27" }).ids;
  const invoice = { id: "in_1", customer: "cus_1", subscription: "sub_1", charge: "ch_1" };
  assert.deepEqual(of("invoice.paid", invoice), {
    id: "in_1",
    customer: "cus_1",
    subscription: "sub_1",
  });
  assert.deepEqual(of("charge.refunded", { id: "ch_1", invoice: "in_1", refunds: { data: [] } }), {
    id: "ch_1",
    invoice: "in_1",
  });
});
