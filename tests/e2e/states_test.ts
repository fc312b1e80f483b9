/**
 * The states of a page in a real Chromium, wide and narrow, light and dark: several currencies, a
 * rejected key, Stripe away, no key, an empty account, one customer.
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import type { Settings } from "../../config/settings.ts";
import { Secret } from "../../src/security/secret.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { makePrice, makeSubscription } from "../../src/simulator/objects.ts";
import { browserForFile } from "../support/browser.ts";
import { startDashboard, startLiveDashboard } from "../support/dashboard.ts";

const withBrowser = await browserForFile();

const NOW = Math.floor(Date.now() / 1000);

const SIGHTS = [1440, 390].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme }))
);

/** Opens a page, and turns it to every sight: it never scrolls sideways, the console stays quiet. */
async function inEverySight(
  browser: Browser,
  url: string,
  look: (page: Page, width: number) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  for (const { width, colorScheme } of SIGHTS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${url} at ${width}: ${wide}`);
    await look(page, width);
    assert.deepEqual(complaints, []);
  }
  await page.close();
}

/** A second account whose key Stripe rejects. */
function withRejected(settings: Settings): Settings {
  const [first] = settings.accounts;
  return {
    ...settings,
    accounts: [first!, { ...first!, name: "eu", key: new Secret("rk_test_wrong") }],
  };
}

async function shownOnce(page: Page, text: RegExp): Promise<void> {
  const body = await page.locator("body").innerText();
  assert.equal(body.match(new RegExp(text, "g"))?.length, 1, `${text} in ${body}`);
}

async function lookAtAccounts(browser: Browser): Promise<void> {
  const source = createCompany({ seed: 4, customers: 80, now: NOW }).source;
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ source }),
    pollSeconds: 600,
    settings: withRejected,
    limits: { retry: { retriesMax: 0 } },
  });
  const rejected = dashboard.server.views.get("eu")!;
  while (rejected.status.phase !== "key_rejected") {
    await new Promise<void>((resolve) => {
      const end = rejected.subscribe(() => {
        end();
        resolve();
      });
    });
  }
  await inEverySight(browser, `${dashboard.url}/`, async (page) => {
    // One banner says it, although the page shows the other account; no widget repeats it.
    assert.equal(await page.locator("[data-banner]").count(), 1);
    assert.equal(await page.locator("[data-banner=key_rejected]").isVisible(), true);
    await shownOnce(page, /Stripe rejects the key/);
    assert.equal(await page.locator(".dot, .notice").count(), 0);
    // The list of accounts names it with its state.
    const accounts = page.locator(".accounts summary");
    await accounts.click();
    assert.match(await page.locator(".accounts .menu-card").innerText(), /key rejected/);
    await accounts.click();
    // Several currencies stand side by side, and customers are of all.
    const head = page.locator(".head .metric-primary");
    assert.match(await head.innerText(), /^USD.[\d,]+.· [A-Z]{3}.[\d,]+(.· \d.more)?$/);
    const customers = page.locator(".tiles .metric-value").first();
    assert.equal(Number(await customers.innerText()), dashboard.view.tally.active());
  });
  await inEverySight(browser, `${dashboard.url}/explain/retention?source=default`, async (page) => {
    const headings = await page.locator("thead th").allInnerTexts();
    assert.equal(headings.some((text) => /^(Status|Plan|Quantity)$/.test(text)), false);
  });
}

async function lookAtEmpty(browser: Browser): Promise<void> {
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({}),
    pollSeconds: 600,
  });
  await inEverySight(browser, `${dashboard.url}/`, async (page) => {
    assert.equal(await page.locator(".page-card").count(), 1);
    assert.equal(await page.locator("section.widget").count(), 0);
    assert.doesNotMatch(await page.locator("main").innerText(), /\$0|–/);
  });
}

async function lookAtOneCustomer(browser: Browser): Promise<void> {
  const price = makePrice({ id: "price_a", unit_amount: 24_400_00 });
  const created = NOW - 200 * 86_400;
  const one = makeSubscription({ id: "sub_a", created, start_date: created });
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ objects: { prices: [price], subscriptions: [one] } }),
    pollSeconds: 600,
  });
  await inEverySight(browser, `${dashboard.url}/`, async (page) => {
    const ticks = await page.locator(".widget-type-chart13 .axis text").allTextContents();
    assert.ok(ticks.includes("$0"), ticks.join(" "));
  });
}

async function lookAtNoKey(browser: Browser): Promise<void> {
  await using dashboard = await startDashboard({
    simulator: createSimulator({}),
    settings: (settings) => ({ ...settings, accounts: [] }),
  });
  await inEverySight(browser, `${dashboard.url}/`, async (page) => {
    const sizes = await page.locator("main *").evaluateAll((all) =>
      all.map((each) => [parseFloat(getComputedStyle(each).fontSize), each.tagName] as const)
    );
    const [, largest] = sizes.toSorted(([a], [b]) => b - a)[0]!;
    assert.equal(largest, "H1");
    assert.equal(await page.locator("a.button.strong").innerText(), "Create a read-only key");
    assert.match(await page.locator("pre").innerText(), /^STRIPE_SECRET_KEY=/);
  });
}

Deno.test("currencies, faults, no key, an empty account, one customer: wide, narrow, light, dark", async () => {
  await withBrowser(async (browser) => {
    await lookAtAccounts(browser);
    await lookAtEmpty(browser);
    await lookAtOneCustomer(browser);
    await lookAtNoKey(browser);
  });
});

Deno.test("on paper there are figures and tables, without bars, menus and buttons", async () => {
  await withBrowser(async (browser) => {
    const source = createCompany({ seed: 4, customers: 20, now: NOW }).source;
    await using dashboard = await startLiveDashboard({
      simulator: createSimulator({ source }),
      pollSeconds: 600,
    });
    const page = await browser.newPage();
    await page.emulateMedia({ media: "print" });
    await page.goto(`${dashboard.url}/`);
    for (const selector of [".bar .pages", ".status .segments", ".freshness", ".foot", ".hint"]) {
      const shown = await page.locator(selector).evaluateAll((all) =>
        all.filter((each) => each.checkVisibility()).length
      );
      assert.equal(shown, 0, selector);
    }
    assert.equal(await page.locator(".head .metric-primary").isVisible(), true);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(background, "rgb(255, 255, 255)");
  });
});
