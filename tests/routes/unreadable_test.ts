/** What was read and not understood is told wherever figures are, by kind, with what it means. */
import assert from "node:assert/strict";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { startDashboard } from "../support/dashboard.ts";
import { DAY } from "../sync/harness.ts";
import { invoiceOf } from "../sync/invoice_fixture.ts";

/** An account with an invoice and an event of unknown shape. */
async function started() {
  const now = Math.floor(Date.now() / 1000);
  const price = makePrice({ id: "price_a", unit_amount: 2900 });
  const lines = [makeItem({ id: "si_a", price })];
  const sub = makeSubscription({ id: "sub_a", created: now - 100 * DAY, lines });
  const invoice = invoiceOf("sub_a", "si_a", "price_a", 0);
  const strange = { ...invoice, id: "in_strange", status: { word: "paid" } };
  const simulator = createSimulator({
    objects: { prices: [price], subscriptions: [sub], invoices: [strange as never] },
  });
  const dashboard = await startDashboard({ simulator, pollSeconds: 1 });
  await dashboard.until(({ status }) => status.historyDone);
  simulator.emit({
    type: "customer.subscription.updated",
    object: { object: "subscription", id: { strange: true } },
    created: Math.floor(Date.now() / 1000),
  });
  await dashboard.until((view) => view.unreadable().length === 2);
  return { dashboard, since: invoice.lines.data[0]!.period.start };
}

Deno.test("an invoice and an event that could not be read are on the page, in the interface and in the metrics", async () => {
  const { dashboard, since } = await started();
  await using _ = dashboard;
  const month = new Date(since * 1000).toLocaleDateString("en", {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const sources = await (await dashboard.get("/sources")).text();
  assert.ok(
    sources.includes(
      `1 invoice could not be read: the figures of sub_a from ${month} are marked`,
    ),
    sources,
  );
  assert.match(sources, /1 event could not be read: what it tells is missing/);
  const page = await (await dashboard.get("/")).text();
  assert.match(page, /Could not be read/);
  assert.match(page, /1 event, 1 invoice/);
  const { data } = await dashboard.json("/api/v1/sources") as unknown as {
    data: readonly { readonly unreadable: unknown; readonly reasons: readonly string[] }[];
  };
  assert.deepEqual(data[0]!.unreadable, { event: 1, invoice: 1 });
  const { reasons } = await dashboard.json("/api/v1/revenue") as unknown as { reasons: string[] };
  assert.deepEqual(reasons, ["invoices_unreadable", "events_unreadable"]);
  const metrics = await (await dashboard.get("/metrics")).text();
  assert.match(metrics, /^glance_unreadable_objects\{source="default",kind="invoice"\} 1$/m);
  assert.match(metrics, /^glance_unreadable_objects\{source="default",kind="event"\} 1$/m);
  assert.match(metrics, /^glance_unreadable_objects\{source="default",kind="subscription"\} 0$/m);
});
