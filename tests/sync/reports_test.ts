/**
 * Accounts from public reports, in Stripe's shapes, with the exact MRR and monthly movements that
 * are right under two presets (metrics.md B.6): read from the simulator as from Stripe.
 */
import assert from "node:assert/strict";
import type { PresetName } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { createSimulator, makeAccount } from "../../src/simulator/mod.ts";
import { reportObjects } from "../support/report_objects.ts";
import { follow } from "./harness.ts";
import { type MonthRow, monthRow } from "./month_row.ts";

const FOLDER = new URL("../reports/", import.meta.url);

interface Report {
  /** Unix seconds. */
  readonly now: number;
  readonly time_zone: string;
  readonly objects: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  readonly expected: Readonly<
    Record<string, { readonly mrr: Record<string, string>; readonly movements: MonthRow[] }>
  >;
}

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const report: Report = JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)));
  for (const [preset, { mrr, movements }] of Object.entries(report.expected)) {
    Deno.test(`report ${name.replace(".json", "")} is exact under ${preset}`, async () => {
      const simulator = createSimulator({
        objects: reportObjects(report.objects),
        account: makeAccount({ timezone: report.time_zone }),
      });
      await using followed = follow({
        simulator,
        preset: preset as PresetName,
        start: report.now,
        info: { timeZone: report.time_zone },
      });
      const { store } = followed;
      await followed.until(() => store.status.historyDone, 3600);
      const found = Object.fromEntries(
        store.tally.currencies().map((each) => [each, format(store.tally.total(each, "mrr"))]),
      );
      assert.deepEqual(found, mrr);
      assert.deepEqual(
        movements.map(({ month, currency }) => monthRow(store, month, currency)),
        movements,
      );
    });
  }
}
