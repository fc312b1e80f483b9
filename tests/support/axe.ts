/** What axe finds wrong with a page. */
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = Deno.readTextFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"));

/** Puts axe on a page, until it is left. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(AXE);
}

/** With axe on the page: rules that it finds broken with serious or critical impact, each with its first element. */
export function seriousFindings(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes[0].html + " " + nodes[0].failureSummary);
  })()`);
}
