/** Links from figures lead to their own rows: of the same account, currency and period. */
import assert from "node:assert/strict";
import { loadConfig } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import {
  createCompany,
  createSimulator,
  makeAccount,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";

const ACCOUNTS = ["europe", "america"] as const;
const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;

const keyOf = (account: string) => `rk_test_links_${account}`;

/** One subscription of the account; its ids name it. */
function simulatorOf(account: string): Simulator {
  const price = makePrice({ id: `price_${account}`, currency: "usd", nickname: `plan ${account}` });
  const lines = [makeItem({ id: `si_${account}`, price })];
  return createSimulator({
    key: keyOf(account),
    account: makeAccount({ id: `acct_${account}` }),
    objects: {
      subscriptions: [
        makeSubscription({
          id: `sub_${account}`,
          customer: `cus_${account}`,
          currency: "usd",
          created: NOW - DAY,
          lines,
        }),
      ],
    },
  });
}

function pageText(account: string): string {
  const widgets = ["head", "bridge", "plans", "activity", "revenue", "trials", "cohorts"]
    .map((type) => `{ type: ${type}, account: ${account} }`);
  return `  - { name: ${account}, columns: [{ size: full, widgets: [${widgets.join(", ")}] }] }`;
}

async function twoAccounts(): Promise<Settings> {
  const accounts = ACCOUNTS.map((account) =>
    `  ${account}: { stripe-api-key: ${keyOf(account)}, api-base: "http://127.0.0.1:9" }`
  );
  const text = ["accounts:", ...accounts, "pages:", ...ACCOUNTS.map(pageText)].join("\n");
  const { settings } = await loadConfig({
    env: () => undefined,
    configPath: "glance.yml",
    readFile: () => Promise.resolve(text),
  });
  return settings;
}

async function startTwo(): Promise<Dashboard> {
  const settings = await twoAccounts();
  const byKey = new Map(ACCOUNTS.map((account) => [keyOf(account), simulatorOf(account)]));
  const [first] = byKey.values();
  return await startDashboard({
    simulator: {
      ...first!,
      fetch(input, init) {
        const { headers } = new Request(input, init);
        const key = headers.get("authorization")!.replace("Bearer ", "");
        return byKey.get(key)!.fetch(input, init);
      },
    },
    settings: (base) => ({ ...settings, server: base.server }),
  });
}

function hrefsOf(page: string): string[] {
  const found = page.matchAll(/href="(\/(?:explain|definitions|api\/v1)[^"]*)"/g);
  return [...new Set([...found].map(([, href]) => href!.replaceAll("&amp;", "&")))];
}

Deno.test("every link of the second account's page opens the second account's rows", async () => {
  await using dashboard = await startTwo();
  const page = await (await dashboard.get("/america")).text();
  const hrefs = hrefsOf(page);
  assert.ok(hrefs.length > 20, `${hrefs.length} links`);
  for (const href of hrefs) {
    const answer = await dashboard.get(href);
    const text = await answer.text();
    assert.equal(answer.status, 200, href);
    assert.doesNotMatch(text, /(sub|cus|price)_europe/, href);
    for (const deeper of hrefsOf(text)) {
      const { searchParams } = new URL(deeper, dashboard.url);
      assert.equal(searchParams.get("source"), "america", `${href} → ${deeper}`);
    }
  }
  const mrr = await (await dashboard.get("/explain/mrr?source=america")).text();
  assert.match(mrr, /sub_america/);
});

Deno.test("the status line of a page is its own when it is refreshed", async () => {
  await using dashboard = await startTwo();
  const page = await (await dashboard.get("/america")).text();
  const [, id] = /id="w-status" data-widget="([^"]+)"/.exec(page) ?? [];
  const status = await (await dashboard.get(`/api/widgets/${id}?period=30d`)).text();
  assert.match(status, /href="\/america\?period=quarter"/);
  assert.match(status, /href="\/definitions\?source=america"/);
  assert.doesNotMatch(status, /href="\/europe|href="\/\?/);
});

Deno.test("what is downloaded behind a figure is of its page's currency and period", async () => {
  const company = createCompany({ now: NOW, seed: 2, customers: 200 });
  await using dashboard = await startDashboard({
    simulator: createSimulator({ source: company.source }),
  });
  await dashboard.until(({ status, money }) => status.historyDone && money.balanceCheck !== null);
  const asked = "period=12m&currency=eur&native=1&cohorts=quarter&left=customers";
  const figures = ["mrr", "active", "new", "churn", "movements", "renewals", "known-changes"];
  for (const figure of [...figures, "failed-payments", "trials", "cash"]) {
    const page = await (await dashboard.get(`/explain/${figure}?${asked}`)).text();
    const downloads = hrefsOf(page).filter((href) => href.startsWith("/api/"));
    assert.ok(downloads.length > 0, figure);
    for (const href of downloads) {
      const answer = await dashboard.get(href);
      await answer.body?.cancel();
      assert.equal(answer.status, 200, href);
      if (figure !== "cash") assert.match(href, /currency=eur/);
    }
  }
  const churn = await (await dashboard.get("/explain/churn?period=12m&currency=eur")).text();
  const json = hrefsOf(churn).find((href) => href.startsWith("/api/") && !href.includes("csv"));
  const { totalExact } = await dashboard.json(json!);
  assert.match(churn, new RegExp(`${totalExact} minor units of EUR`));
});
