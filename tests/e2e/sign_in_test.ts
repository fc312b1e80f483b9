/** Signing in and out in a real browser: every state of it, in both schemes, wide and narrow. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import type { Settings } from "../../config/settings.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { loadAxe, seriousFindings } from "../support/axe.ts";
import { browserForFile } from "../support/browser.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { HASH, PASSWORD, usersAuth } from "../support/signed_in.ts";

const withBrowser = await browserForFile();

interface World extends AsyncDisposable {
  readonly dashboard: Dashboard;
  /** Gives the only user another password. */
  changePassword(): Promise<void>;
}

async function world(): Promise<World> {
  const company = createCompany({ seed: 8, customers: 30, now: Math.floor(Date.now() / 1000) });
  let own: Settings;
  const dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
    settings: (settings) => own = { ...settings, auth: usersAuth({ ada: "admin" }) },
  });
  return {
    dashboard,
    changePassword() {
      const hash = HASH.replace(/\$[^$]{22}\$/, "$AAAAAAAAAAAAAAAAAAAAAA$");
      const users = new Map([["ada", { hash, role: "admin" as const }]]);
      const auth = { mode: "users", users, tokens: [], auditDays: 365, sessionDays: 90 } as const;
      return dashboard.server.reload({ ...own, auth });
    },
    [Symbol.asyncDispose]: () => dashboard[Symbol.asyncDispose](),
  };
}

async function fill(page: Page, password: string): Promise<void> {
  await page.fill("[name=username]", "ada");
  await page.fill("[name=password]", password);
  await page.click("main button");
}

const SCHEMES = ["light", "dark"] as const;

/** Says what a page must not do; the browser itself calls every refusal an error. */
function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) {
      faults.push(message.text());
    }
  });
  return faults;
}

/** Accessible in both schemes, and within its width. */
async function isSound(page: Page): Promise<void> {
  await loadAxe(page);
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await seriousFindings(page), [], `${page.url()}, ${colorScheme}`);
  }
  const wide = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.equal(wide, 0, `${page.url()} is wider than the screen`);
}

async function throughAllStates(browser: Browser, width: number): Promise<void> {
  await using made = await world();
  const { dashboard } = made;
  const page = await browser.newPage({ viewport: { width, height: 844 } });
  const faults = watch(page);

  await page.goto(`${dashboard.url}/explain/mrr?currency=usd`);
  await page.waitForURL(/\/login\?next=/);
  await isSound(page);
  await fill(page, "a wrong password");
  assert.equal(
    await page.textContent("[role=alert]"),
    "This name and password do not belong together",
  );
  await isSound(page);
  await fill(page, PASSWORD);
  await page.waitForURL(`${dashboard.url}/explain/mrr?currency=usd`);

  // The bar is there for the pointer too.
  const listening = page.waitForResponse(/\/api\/stream/);
  await page.click(".brand");
  await listening;
  await made.changePassword();
  // The open page hears of the change, is refused, and comes to sign in.
  await page.waitForURL(/\/login\?ended=/);
  assert.match((await page.textContent("[role=status]"))!, /Your session has ended/);
  await isSound(page);
  await page.close();
  assert.deepEqual(faults, []);
}

for (const width of [1440, 390]) {
  Deno.test(`wrong password, the page asked for, an ended session: ${width} px`, async () => {
    await withBrowser((browser) => throughAllStates(browser, width));
  });
}

Deno.test("five wrong passwords, and the page says when to try again", async () => {
  await withBrowser(async (browser) => {
    await using made = await world();
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(made.dashboard.url);
    for (let tries = 0; tries < 5; tries++) await fill(page, "a wrong password");
    await fill(page, PASSWORD);
    assert.match(
      (await page.textContent("[role=alert]"))!,
      /^Too many tries: try again in (30|2\d) seconds$/,
    );
    await page.close();
  });
});

Deno.test("after logging out, going back shows no figure", async () => {
  await withBrowser(async (browser) => {
    await using made = await world();
    const page = await browser.newPage();
    await page.goto(made.dashboard.url);
    await fill(page, PASSWORD);
    await page.waitForSelector(".metric-primary");
    await page.click("button.logout");
    await page.waitForURL(/\/login\?out/);
    assert.match((await page.textContent("[role=status]"))!, /You are signed out/);
    assert.deepEqual(await page.context().cookies(), []);
    await page.goBack();
    await page.waitForURL(/\/login/);
    assert.equal(await page.locator(".metric-primary").count(), 0);
    await page.close();
  });
});

Deno.test("an admin finds the audit log from the sources page, and it is sound", async () => {
  await withBrowser(async (browser) => {
    await using made = await world();
    const page = await browser.newPage();
    await page.goto(`${made.dashboard.url}/sources`);
    await fill(page, PASSWORD);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(`${made.dashboard.url}/sources`);
      await page.click('a[href="/audit"]');
      await page.waitForSelector("table.events");
      await isSound(page);
    }
    await page.close();
  });
});
