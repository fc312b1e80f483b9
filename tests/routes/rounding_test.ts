/** Whoever adds up the amounts that a page shows arrives at the total that it shows. */
import assert from "node:assert/strict";
import { roundingOf, roundingRows } from "../../routes/rounding.ts";
import { rational } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);
const THIRD = rational(100n, 3n);

Deno.test("three thirds are shown as 0.33 each and as 1.00 together: the cent is named", () => {
  assert.deepEqual(roundingOf([THIRD, THIRD, THIRD], rational(100n), "usd"), {
    text: "Rounding: each row is rounded to be shown, the total only once",
    amount: "+$0.01",
  });
  assert.equal(roundingOf([rational(40n), rational(60n)], rational(100n), "usd"), null);
});

Deno.test("in a table the line fills all columns, and is not there where nothing is rounded", () => {
  const [row, ...others] = roundingRows([THIRD, THIRD, THIRD], rational(100n), "usd", 6);
  assert.deepEqual(row?.slice(1), ["", "", "", "+$0.01", ""]);
  assert.deepEqual(others, []);
  assert.deepEqual(roundingRows([rational(100n)], rational(100n), "usd", 6), []);
});

/** "−$1,204.50" in cents; `null` for what is no amount in dollars. */
function cents(text: string): number | null {
  const [, sign, amount] = /^([+−]?)\$([\d,]+\.\d\d)$/.exec(text.trim()) ?? [];
  if (amount === undefined) return null;
  return Number(amount.replace(/[,.]/g, "")) * (sign === "−" ? -1 : 1);
}

/** The last amount of each row of a part of the page's first table. */
function amountsOf(page: string, part: "tbody" | "tfoot"): readonly (readonly [string, number])[] {
  const [, rows = ""] = new RegExp(`<${part}>(.*?)</${part}>`, "s").exec(page) ?? [];
  return rows.split("</tr>").flatMap((row) => {
    const cells = [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)]
      .map(([, cell]) => cell!.replace(/<[^>]*>/g, ""));
    const amount = cells.map(cents).findLast((found) => found !== null);
    return amount === undefined || amount === null ? [] : [[cells[0]!, amount] as const];
  });
}

/** What the rows of all pages and the line of rounding come to, and the total below them. */
async function reckon(dashboard: Dashboard, path: string) {
  let rows = 0;
  let foot: ReturnType<typeof amountsOf> = [];
  for (let next: string | undefined = path; next;) {
    const page: string = await (await dashboard.get(next)).text();
    for (const [, amount] of amountsOf(page, "tbody")) rows += amount;
    foot = amountsOf(page, "tfoot");
    next = /rel="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
  }
  const rounding = foot.find(([name]) => name.startsWith("Rounding"))?.[1] ?? 0;
  return { sum: rows + rounding, total: foot.at(-1)?.[1], rounding };
}

Deno.test("on every page behind a figure the rows and the rounding add up to the total", async () => {
  const company = createCompany({ now: NOW, seed: 2, customers: 200 });
  const simulator = createSimulator({ source: company.source });
  await using dashboard = await startDashboard({ simulator });
  await dashboard.until(({ status, money }) => status.historyDone && money.balanceCheck !== null);
  const paths = [
    ...["mrr", "arr", "scheduledToCancelMrr", "top10"],
    ...["movements", "new", "reactivation", "expansion", "contraction", "churn"]
      .map((kind) => `${kind}?period=12m`),
    ...["known-changes", "renewals", "failed-payments?period=all", "trials?show=converted"],
  ];
  const rounded: string[] = [];
  for (const path of paths) {
    const all = `/explain/${path}${path.includes("?") ? "&" : "?"}currency=usd`;
    const { sum, total, rounding } = await reckon(dashboard, all);
    assert.equal(sum, total, path);
    if (rounding !== 0) rounded.push(path);
  }
  // Were nothing rounded here, the rule would be tried on nothing.
  for (const path of ["mrr", "movements?period=12m", "renewals"]) assert.ok(rounded.includes(path));
});
