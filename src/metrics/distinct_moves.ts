/**
 * Which customers came and went in a window, each counted once (metrics.md C.3). Movements count
 * every coming and going; rates count customers, so that none passes 100 %.
 *
 * @module
 */
import type { DistinctCounts, Paused } from "./books.ts";
import type { Calendar } from "./calendar.ts";
import { changesIn, type Grain } from "./movements.ts";
import { type Step, valueBefore } from "./steps.ts";

/** Days [fromDay, toDay), and what is a movement in them. */
export interface Moving {
  readonly fromDay: number;
  readonly toDay: number;
  readonly grain: Grain;
  readonly paused: Paused;
}

/** @param presences Each customer that may have moved: 1 while there is MRR, else 0. */
export function distinctIn(
  presences: Iterable<readonly Step[]>,
  { fromDay, toDay, grain, paused }: Moving,
  calendar: Calendar,
): Omit<DistinctCounts, "start"> {
  const counts = { new: 0, returned: 0, lost: 0, lostOnReturn: 0 };
  for (const steps of presences) {
    const changes = changesIn(steps, fromDay, toDay, grain, calendar);
    const isNew = changes.some(({ kind }) => kind === "new");
    const isLost = changes.some(({ kind, cause }) =>
      kind === "churn" && (paused === "gone" || cause !== "paused")
    );
    if (isNew) counts.new++;
    if (changes.some(({ kind }) => kind === "reactivation")) counts.returned++;
    if (!isLost) continue;
    counts.lost++;
    const wasThere = valueBefore(steps, calendar.startOf(fromDay)).n > 0n;
    if (!wasThere && !isNew) counts.lostOnReturn++;
  }
  return counts;
}
