/**
 * Accounts from public reports, in Stripe's shapes, with the exact MRR and monthly movements that
 * are right under two presets (metrics.md B.6): read from the simulator as from Stripe.
 */
import assert from "node:assert/strict";
import type { Grain } from "../../src/metrics/movements.ts";
import type { PresetName } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { createSimulator, makeAccount } from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { reportObjects } from "../support/report_objects.ts";
import { follow } from "./harness.ts";

const FOLDER = new URL("../reports/", import.meta.url);

interface MonthRow {
  readonly month: string;
  readonly currency: string;
  readonly start: string;
  readonly new: string;
  readonly reactivation: string;
  readonly expansion: string;
  readonly contraction: string;
  readonly churn: string;
  readonly end: string;
}

interface Report {
  /** Unix seconds. */
  readonly now: number;
  readonly time_zone: string;
  readonly objects: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  readonly expected: Readonly<
    Record<string, { readonly mrr: Record<string, string>; readonly movements: MonthRow[] }>
  >;
}

/** A month's movements as a report has them: fractions as text. */
export function monthRow(
  store: SourceStore,
  month: string,
  currency: string,
  grain: Grain = "day",
): MonthRow {
  const first = Temporal.PlainYearMonth.from(month);
  const dayOf = (year: Temporal.PlainYearMonth) =>
    store.calendar.dayOf(
      year.toPlainDate({ day: 1 }).toZonedDateTime(store.info.timeZone).epochMilliseconds / 1000,
    );
  const totals = store.movements.period(
    currency,
    dayOf(first),
    dayOf(first.add({ months: 1 })),
    grain,
  );
  const { start, end, new: fresh, reactivation, expansion, contraction, churn } = totals;
  return {
    month,
    currency,
    start: format(start),
    new: format(fresh),
    reactivation: format(reactivation),
    expansion: format(expansion),
    contraction: format(contraction),
    churn: format(churn),
    end: format(end),
  };
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
