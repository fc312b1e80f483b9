/** The whole dashboard over a living company, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { browserForFile } from "../support/browser.ts";

const withBrowser = await browserForFile();

const MRR = '[data-widget="main-1"] .metric-primary';

/** Notes everything that a page must not do. */
function watch(page: Page, url: string): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked ${request.url()}`);
  });
  return faults;
}

/** A company that a test moves on by hand, and the dashboard over it. */
/** @param pollSeconds Between two looks at Stripe; none during a test that changes nothing there. */
async function living(pollSeconds = 600): Promise<{ dashboard: Dashboard; step: () => void }> {
  let now = Math.floor(Date.now() / 1000);
  const company = createCompany({ seed: 11, customers: 150, now });
  const simulator = createSimulator({ source: company.source });
  const dashboard = await startLiveDashboard({
    simulator,
    pollSeconds,
    settings: (settings) => ({
      ...settings,
      pages: settings.pages.map((page) => ({ ...page, width: "default" })),
    }),
  });
  return {
    dashboard,
    step() {
      now += 1;
      company.step(now);
    },
  };
}

Deno.test("what happens at Stripe changes the open page without a reload", async () => {
  await withBrowser(async (browser) => {
    const { dashboard, step } = await living(0.1);
    await using _stopped = dashboard;
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const faults = watch(page, dashboard.url);
    await page.goto(`${dashboard.url}/?currency=usd`);
    const before = await page.textContent(MRR);
    const { version } = dashboard.view;
    for (let count = 0; count < 12; count++) step();
    await dashboard.until((view) => view.version > version);
    await page.waitForFunction(
      ([selector, text]) => document.querySelector(selector!)?.textContent !== text,
      [MRR, before],
      { timeout: 30_000 },
    );
    assert.deepEqual(faults, []);
    await page.close();
  });
});

Deno.test("a click on MRR opens its rows, which say that they add up to it", async () => {
  await withBrowser(async (browser) => {
    const { dashboard } = await living();
    await using _stopped = dashboard;
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const faults = watch(page, dashboard.url);
    await page.goto(dashboard.url);
    await page.click(`${MRR} a, a:has(${MRR}), a${MRR}`);
    await page.waitForURL(/\/explain\/mrr/);
    assert.ok(await page.locator("tbody tr").count() > 20);
    await page.locator('tbody a[href^="/explain/subscription/"]').first().click();
    await page.waitForURL(/\/explain\/subscription\//);
    assert.deepEqual(faults, []);
    await page.close();
  });
});

Deno.test("the page is in order on a phone, in both themes, and without script", async () => {
  await withBrowser(async (browser) => {
    const { dashboard } = await living();
    await using _stopped = dashboard;
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        colorScheme,
        javaScriptEnabled: colorScheme === "dark",
      });
      const page = await context.newPage();
      const faults = watch(page, dashboard.url);
      for (
        const path of [
          "/",
          "/explain/mrr",
          "/definitions",
          "/sources",
          "/webhooks/status",
          "/nothing",
        ]
      ) {
        await page.goto(`${dashboard.url}${path}`);
        const wide = await page.locator("html").evaluate((html) =>
          html.scrollWidth - html.clientWidth
        );
        assert.equal(wide, 0, `${path} is wider than the screen`);
      }
      // A page that is not there is an error of the console by the browser's own rule.
      assert.deepEqual(faults.filter((text) => !/404/.test(text)), []);
      await context.close();
    }
  });
});
