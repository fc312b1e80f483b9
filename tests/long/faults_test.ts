/**
 * Campaign: whole dashboards over HTTP while 30 % of all requests fail in every way there is. Short
 * by default; `--full` runs fifty companies.
 */
import assert from "node:assert/strict";
import {
  createCompany,
  createSimulator,
  FAULT_KINDS,
  serveSimulator,
} from "../../src/simulator/mod.ts";
import { format } from "../../src/metrics/rational.ts";
import type { SourceView } from "../../src/store/port.ts";
import { startDashboard } from "../support/dashboard.ts";

const SEEDS = Deno.env.get("LONG_TESTS_FULL") ? 50 : 2;

function shown(view: SourceView): Record<string, string> {
  return Object.fromEntries(
    view.tally.currencies().map((currency) =>
      [currency, format(view.tally.total(currency, "mrr"))] as const
    ),
  );
}

for (let seed = 1; seed <= SEEDS; seed++) {
  Deno.test(`30 % of requests fail in every way: the figures end exact (company ${seed})`, async () => {
    let now = Math.floor(Date.now() / 1000);
    const company = createCompany({ seed, customers: 500, now });
    const simulator = createSimulator({
      source: company.source,
      faults: { rate: 0.3, kinds: FAULT_KINDS, seed },
    });
    const server = await serveSimulator(simulator, { hostname: "127.0.0.1", port: 0 });
    const truth = () =>
      Object.fromEntries(
        Object.entries(company.books().mrr).map(([currency, { exact }]) => [currency, exact]),
      );
    {
      await using dashboard = await startDashboard({
        simulator: { ...simulator, fetch },
        settings: (settings) => ({
          ...settings,
          accounts: settings.accounts.map((account) => ({
            ...account,
            base: server.url.replace(/\/$/, ""),
          })),
        }),
        limits: {
          attemptTimeoutMs: 250,
          breaker: { failuresMax: 5, openMs: 50 },
          retry: { delayMs: 1, waitMsMax: 20 },
        },
      });
      // Before the account is read nothing is shown, whatever is known by then.
      const early: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
      if (dashboard.view.status.asOf === null) assert.equal(early.state, "incomplete");
      // Until the discounts of customers are read, MRR is marked as incomplete.
      await dashboard.until(({ status }) =>
        status.asOf !== null && !status.reasons.includes("customer_discounts_unread")
      );
      assert.deepEqual(shown(dashboard.view), truth());
      for (let count = 0; count < 60; count++) {
        now += 1;
        company.step(now);
      }
      const wanted = JSON.stringify(truth());
      await dashboard.until((view) => JSON.stringify(shown(view)) === wanted);
      assert.ok(simulator.stats().requests > 40);
    }
    await server.close();
  });
}
