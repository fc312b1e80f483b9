/** The company's schedules: upgrades that are agreed ahead. */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import { createCompany } from "../../src/simulator/mod.ts";

const NOW = 1_795_521_600;
const DAY = 86_400;

function all<Object>(
  company: ReturnType<typeof createCompany>,
  kind: "subscription_schedules" | "invoices" | "events",
): Object[] {
  const { shelf, view } = company.source.collection(kind);
  return shelf.all().map((entry) => view(entry) as unknown as Object);
}

type Schedule = Stripe.SubscriptionSchedule;

Deno.test("schedules run until their last phase begins: with a renewal, at its full price", () => {
  const company = createCompany({ seed: 4, customers: 600, now: NOW });
  const running = all<Schedule>(company, "subscription_schedules")
    .filter(({ status }) => status === "active")
    .sort((a, b) => a.phases[1]!.start_date - b.phases[1]!.start_date);
  assert.ok(running.length >= 3, `${running.length} run`);
  const [first] = running;
  const { start_date: at, items } = first!.phases[1]!;
  const sub = String(first!.subscription);
  const worth = () => company.trueLives().find(({ subscription }) => subscription === sub)!;
  const before = worth().worthAt(at - 1);

  company.advance(at + DAY);
  const after = all<Schedule>(company, "subscription_schedules").find(({ id }) =>
    id === first!.id
  )!;
  assert.equal(after.status, "released");
  assert.equal(after.released_subscription, sub);
  assert.notEqual(worth().worthAt(at), before);
  const invoice = all<Stripe.Invoice>(company, "invoices").find((one) =>
    one.created === at && one.parent?.subscription_details?.subscription === sub
  )!;
  assert.equal(invoice.billing_reason, "subscription_cycle");
  assert.deepEqual(
    invoice.lines.data.map((line) => line.pricing?.price_details?.price).slice(0, 1),
    [items[0]!.price],
  );
  const types = all<Stripe.Event>(company, "events").filter(({ created }) => created === at)
    .map(({ type }) => type as string);
  assert.ok(types.includes("subscription_schedule.released"));
});
