/** What customers are called on pages, and that it goes nowhere else. */
import assert from "node:assert/strict";
import {
  createSimulator,
  makeCustomer,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";

Deno.test("pages name customers by customer-label; the interface and the log do not", async () => {
  const price = makePrice({ id: "price_1", unit_amount: 2000 });
  const simulator = createSimulator({
    objects: {
      prices: [price],
      customers: [makeCustomer({ id: "cus_1", name: "Ada & Sons" })],
      subscriptions: [
        makeSubscription({
          id: "sub_1",
          customer: "cus_1",
          // Today, so that it is new in the running month on its first day, too.
          created: Math.floor(Date.now() / 1000),
          lines: [makeItem({ id: "si_1", price })],
        }),
      ],
    },
  });
  await using dashboard = await startLiveDashboard({
    simulator,
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({ ...account, customerLabel: "name" })),
    }),
  });
  for (
    const path of ["/", "/explain/mrr", "/explain/new?period=30d", "/explain/subscription/sub_1"]
  ) {
    const text = await (await dashboard.get(path)).text();
    assert.match(text, /Ada &amp; Sons/, path);
  }
  for (const path of ["/api/v1/subscriptions", "/api/v1/events", "/api/v1/customers/monthly"]) {
    const text = await (await dashboard.get(path)).text();
    assert.match(text, /cus_1/, path);
    assert.doesNotMatch(text, /Ada/, path);
  }
  assert.doesNotMatch(dashboard.lines.join("\n"), /Ada/);
});
