/** From Stripe's webhook to the open page, in a real browser. */
import assert from "node:assert/strict";
import { Secret } from "../../src/security/secret.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import type { Simulator } from "../../src/simulator/mod.ts";
import { browserForFile } from "../support/browser.ts";
import { startDashboard } from "../support/dashboard.ts";
import { eventBody, sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

const withBrowser = await browserForFile();

const MRR = '[data-widget="main-1"] .metric-primary';

function sub(amount: number) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  return makeSubscription({ id: "sub_a", lines: [makeItem({ id: "si_a", price })] });
}

/** Nothing is looked up: what the page shows came by webhook. */
async function serve(simulator: Simulator, port = 0) {
  const dashboard = await startDashboard({
    simulator,
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      server: { ...settings.server, port },
      accounts: settings.accounts.map((account) => ({
        ...account,
        webhookSecrets: [new Secret(WEBHOOK_SECRET)],
      })),
    }),
  });
  await dashboard.until(({ status }) => status.phase === "live" && status.historyDone);
  return dashboard;
}

Deno.test("a webhook changes the figure on the open page; after a restart the page goes on by itself", async () => {
  await withBrowser(async (browser) => {
    const simulator = createSimulator({ objects: { subscriptions: [sub(100_00)] } });
    const first = await serve(simulator);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const streams: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/api/stream")) streams.push(request.url());
    });
    const opened = page.waitForResponse((answer) => answer.url().includes("/api/stream"));
    await page.goto(first.url);
    await opened;
    const mrr = page.locator(MRR).first();
    assert.match(await mrr.innerText(), /^\$100/);

    simulator.upsert("subscriptions", sub(300_00));
    const body = eventBody({ type: "customer.subscription.updated", object: sub(300_00) });
    assert.equal((await sendWebhook(`${first.url}/webhooks/stripe`, body))[0], 200);
    await page.locator(MRR, { hasText: "$300" }).first().waitFor({ timeout: 5_000 });
    assert.ok(await page.getByText("reconnecting").isHidden());

    const { port } = new URL(first.url);
    await first.server.stop();
    await page.getByText("reconnecting").waitFor();
    assert.match(await mrr.innerText(), /^\$300/);

    simulator.upsert("subscriptions", sub(500_00));
    await using _second = await serve(simulator, Number(port));
    await page.locator(MRR, { hasText: "$500" }).first().waitFor();
    await page.getByText("reconnecting").waitFor({ state: "hidden" });
    assert.equal(new Set(streams).size, 1);
    await page.close();
  });
});
