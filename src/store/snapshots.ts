/**
 * Daily snapshots of a store: MRR, customers and movements of each currency and day.
 *
 * @module
 */
import { dayKey } from "../metrics/calendar.ts";
import { MOVEMENT_KINDS } from "../metrics/movements.ts";
import { format } from "../metrics/rational.ts";
import type { Snapshot } from "./journal.ts";
import type { SourceStore } from "./port.ts";

/** Of the days from `from` to `to`, both of them. */
export function snapshotsOf(store: SourceStore, from: number, to: number): Snapshot[] {
  const { movements } = store;
  return movements.currencies().flatMap((currency) => {
    const rows: Snapshot[] = [];
    for (let day = from; day <= to; day++) {
      const { mrr, customers } = movements.levelAt(currency, day);
      const totals = movements.period(currency, day, day + 1);
      const parts = MOVEMENT_KINDS.filter((kind) => totals.customers[kind] > 0).map((kind) =>
        [kind, { exact: format(totals[kind]), customers: totals.customers[kind] }] as const
      );
      rows.push({
        currency,
        day: dayKey(day),
        mrr: format(mrr),
        customers,
        movements: JSON.stringify(Object.fromEntries(parts)),
      });
    }
    return rows;
  });
}
