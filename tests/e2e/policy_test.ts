/** No page does what its policy forbids: no inline script or style, nothing from elsewhere. */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { browserForFile } from "../support/browser.ts";
import { startLiveDashboard } from "../support/dashboard.ts";

const withBrowser = await browserForFile();

/** Pages that are looked at: all kinds of them come early. */
const PAGES_MAX = 60;

/** One page of a kind is as good as another: ids and filters are left out. */
function kindOf(path: string): string {
  return path.replace(/[?#].*$/, "").replace(/(sub|cus|price|prod)_\w+/g, "$1");
}

Deno.test("a walk over every kind of page meets no violation of the policy and no error", async () => {
  await withBrowser(async (browser) => {
    const now = Math.floor(Date.now() / 1000);
    const company = createCompany({ seed: 4, customers: 80, now });
    await using dashboard = await startLiveDashboard({
      simulator: createSimulator({ source: company.source }),
      pollSeconds: 600,
    });
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(dashboard.url)) faults.push(`asked ${request.url()}`);
    });
    await page.addInitScript(() =>
      addEventListener(
        "securitypolicyviolation",
        (event) => console.error(`${event.violatedDirective} ${event.blockedURI}`),
      )
    );
    const waiting = ["/", "/sources", "/webhooks/status", "/definitions", "/audit"];
    const seen = new Set<string>();
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      if (seen.has(kindOf(path)) || seen.size >= PAGES_MAX) continue;
      seen.add(kindOf(path));
      const response = await page.goto(`${dashboard.url}${path}`);
      assert.equal(response!.status(), 200, path);
      const links = await page.$$eval(
        "a[href]",
        (all) => all.map((link) => link.getAttribute("href") ?? ""),
      );
      waiting.push(...links.filter((href) => /^\/(?!\/|api\/|assets\/|health)/.test(href)));
    }
    assert.deepEqual(faults, []);
    for (const kind of ["/", "/money", "/sources", "/explain/mrr", "/explain/subscription/sub"]) {
      assert.ok(seen.has(kind), `${kind} is among ${[...seen].join(" ")}`);
    }
  });
});
