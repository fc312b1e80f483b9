/** Events in the shapes of the versions under which they were made (metrics.md D.1). */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Body, readAll } from "./support.ts";

const company = createCompany({ seed: 2, customers: 1600, now: 1_795_500_000, cases: "all" });
const simulator = createSimulator({ source: company.source });
const events = await readAll(simulator, "/v1/events");
const VERSIONS = ["2024-06-20", "2022-11-15"];

function told(version: string, matches: (event: Body) => boolean): Body[] {
  return events.filter((event) => event["api_version"] === version && matches(event));
}

Deno.test("a customer's events are of one version, most of them of the present one", () => {
  const versions = new Map<string, Set<string>>();
  for (const { data, api_version } of events) {
    const customer = data.object.object === "customer" ? data.object.id : data.object.customer;
    versions.set(customer, (versions.get(customer) ?? new Set()).add(api_version));
  }
  assert.ok([...versions.values()].every((each) => each.size === 1));
  const all = events.map(({ api_version }) => api_version);
  assert.deepEqual([...new Set(all)].sort(), ["2022-11-15", "2024-06-20", "2026-10-28.endive"]);
});

for (const version of VERSIONS) {
  Deno.test(`${version}: the period stands on the subscription, the plan and quantity beside it`, () => {
    const changed = told(version, ({ type }) => type === "customer.subscription.updated");
    assert.ok(changed.length > 5);
    for (const { data: { object, previous_attributes: was } } of changed) {
      const [item] = object.items.data;
      assert.ok(object.current_period_start < object.current_period_end);
      assert.equal("current_period_start" in item, false);
      assert.equal("billing_mode" in object, false);
      if (object.items.data.length > 1) continue;
      assert.deepEqual([object.quantity, object.plan.id], [item.quantity, item.price.id]);
      if (was.items) assert.equal("current_period_start" in was.items.data[0], false);
    }
    assert.ok(changed.some(({ data }) => "current_period_end" in data.previous_attributes));
    assert.ok(changed.some(({ data }) => "quantity" in data.previous_attributes));
  });

  Deno.test(`${version}: a discount holds its coupon, and a subscription one discount`, () => {
    const discounts = told(version, ({ type }) => type.startsWith("customer.discount."));
    const whole = told(version, ({ data }) => data.object.discount);
    assert.ok(discounts.length > 0 && whole.length > 0, `${discounts.length}, ${whole.length}`);
    for (const { data: { object } } of discounts) {
      assert.deepEqual([object.coupon.object, typeof object.coupon.id], ["coupon", "string"]);
      assert.equal("source" in object, false);
    }
    for (const { data: { object } } of whole) {
      assert.equal(object.discount.coupon.object, "coupon");
      assert.equal("discounts" in object, version === "2024-06-20" || object.object === "invoice");
    }
  });

  Deno.test(`${version}: an invoice names its subscription, and a line its price and item`, () => {
    const made = told(version, ({ type }) => type === "invoice.created");
    assert.ok(made.length > 5);
    for (const { data: { object } } of made) {
      assert.ok(object.subscription.startsWith("sub_"));
      assert.equal("parent" in object, false);
      const [line] = object.lines.data;
      assert.equal(line.price.object, "price");
      if (line.type === "subscription") assert.ok(line.subscription_item.startsWith("si_"));
      else assert.ok(line.type === "invoiceitem" && line.proration);
      assert.equal(typeof line.proration, "boolean");
    }
  });
}
