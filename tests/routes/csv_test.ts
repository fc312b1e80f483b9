/** CSV says of what its amounts are: a spreadsheet shows no documentation. */
import assert from "node:assert/strict";
import { parse as parseCsv } from "csv-parse/sync";
import { toCsv } from "../../routes/api/csv.ts";
import { API_ROUTES } from "../../routes/api/schemas/table.ts";
import { dayKey } from "../../src/metrics/calendar.ts";
import type { Dashboard } from "../support/dashboard.ts";
import { companyDashboard, MORE } from "./company_fixture.ts";

/** Every column that holds no money: one that is not here must name its unit. */
const NO_MONEY = new Set(
  `account active approximate asOf asOfDay at beganAt billing breaker cause charges churned closed
  compared comparing converted30Days convertedAt corrections currency customer customers day detail
  disputeRate disputesCreated disputesLost drift ended30Days endingIn7Days endsAt figure
  firstFailedAt formula history historyDone interval invoice invoices issues kind lastEventAt
  lastReconcileAt livemode lossReason lostAt ltvToCac ltvWithMargin month name new newThisMonth
  nextAttemptAt options origin outcome paidAt paybackMonths period phase price problem product
  progress projection quality quarter quickRatio rateAfter rateBefore readsThisMonth reactivated
  reason reasons refundRate running size source staleSince status subscription text total trialing
  trialConversion unreadable url view year`.split(/\s+/),
);
const NO_MONEY_WITHIN = new RegExp(
  "^(byStatus|churn|revenueChurn|nrr|grr|concentration|growth|recoveryRate|counts|permissions" +
    "|progress|customers|revenue|conversion)[.]|[.]customers$|Reason$",
);

const MONTHS_AGO = dayKey(Math.floor(Date.now() / 86_400_000) - 200);

/** The names of the columns; none of a CSV without rows. */
function head(csv: string): string[] {
  return csv.trim() === "" ? [] : parseCsv(csv)[0]!;
}

/** The links to CSV on the pages that the first page leads to. */
async function linked(dashboard: Dashboard): Promise<string[]> {
  const hrefs = async (path: string) =>
    [...(await (await dashboard.get(path)).text()).matchAll(/href="(\/[^"]*)"/g)]
      .map(([, href]) => href!.replaceAll("&amp;", "&"));
  const pages = new Map(
    (await hrefs("/")).filter((href) => href.startsWith("/explain/"))
      .map((href) => [new URL(href, dashboard.url).pathname, href]),
  );
  const found = await Promise.all([...pages.values()].map(hrefs));
  return [...new Set(found.flat().filter((href) => href.includes("format=csv")))];
}

Deno.test("every column of money in every CSV of a company names its unit, and no other does", async () => {
  await using dashboard = await companyDashboard();
  const links = await linked(dashboard);
  assert.ok(links.length > 10, String(links.length));
  const routes = API_ROUTES.filter(({ path }) => path !== "/audit").flatMap(({ path }) =>
    ["", ...MORE[path] ?? []].map((query) =>
      `/api/v1${path}${query === "" ? "?" : `${query}&`}format=csv`
    )
  );
  // On the first of a month the running one has no movements.
  routes.push(`/api/v1/subscriptions?figure=new&from=${MONTHS_AGO}&format=csv`);
  const wrong = new Set<string>();
  for (const path of [...routes, ...links]) {
    const response = await dashboard.get(path);
    assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8", path);
    for (const column of head(await response.text())) {
      const money = !NO_MONEY.has(column) && !NO_MONEY_WITHIN.test(column);
      if (money !== column.endsWith(" (minor units)")) wrong.add(`${path}: ${column}`);
    }
  }
  assert.deepEqual([...wrong], []);
});

Deno.test("an amount and its exact fraction name the unit, by month and within groups too; ratios do not", () => {
  assert.equal(
    toCsv([{
      customer: "cus_1",
      "2026-10": 833,
      "2026-10Exact": "2500/3",
      causes: { other: { mrr: 5, mrrExact: "5", customers: 1 } },
      churn: { exact: "1/11", value: 0.0909 },
    }]),
    "customer,2026-10 (minor units),2026-10Exact (minor units)," +
      "causes.other.mrr (minor units),causes.other.mrrExact (minor units)," +
      "causes.other.customers,churn\r\n" +
      "cus_1,833,2500/3,5,5,1,0.0909\r\n",
  );
});

Deno.test("a list of amounts within a cell names the unit, empty lists too", () => {
  assert.equal(
    toCsv([{ currency: "usd", byPlan: [], tags: ["a"] }]),
    "currency,byPlan (minor units),tags\r\n" +
      'usd,[],"[""a""]"\r\n',
  );
});
