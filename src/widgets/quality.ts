/**
 * How well the past is known, month by month: seen as it happened, rebuilt from invoices, or
 * inferred from the subscriptions alone (metrics.md B.6). The worst within a period counts.
 *
 * @module
 */
import { monthStart } from "../metrics/calendar.ts";
import type { Quality, Segment } from "../metrics/segments.ts";
import type { SourceView } from "../store/port.ts";

interface Kept {
  readonly key: string;
  readonly months: ReadonlySet<number>;
}

const kept = new WeakMap<SourceView, Kept>();

/** Adds the first days of the months that a segment lies in. */
function mark(months: Set<number>, { calendar }: SourceView, { from, to }: Segment, now: number) {
  const last = calendar.dayOf(to ?? now);
  for (let day = monthStart(calendar.dayOf(from)); day <= last; day = monthStart(day, 1)) {
    months.add(day);
  }
}

/**
 * First days of the months in which some MRR is inferred only. Worked out once a rebuilding of
 * the past, as it scans all segments.
 */
function inferredMonths(view: SourceView): ReadonlySet<number> {
  const { historyDone, liveSince } = view.status;
  const key = `${historyDone} ${liveSince} ${view.calendar.timeZone}`;
  const known = kept.get(view);
  if (known?.key === key) return known.months;
  const months = new Set<number>();
  for (const segments of view.allSegments()) {
    for (const segment of segments) {
      if (segment.quality === "inferred") mark(months, view, segment, liveSince ?? segment.from);
    }
  }
  kept.set(view, { key, months });
  return months;
}

/** The quality of the period [from, to) of local days. */
export function qualityOf(view: SourceView, from: number, to: number): Quality {
  const { liveSince, historyDone } = view.status;
  if (liveSince !== null && view.calendar.startOf(from) >= liveSince) return "live";
  if (!historyDone) return "inferred";
  const inferred = inferredMonths(view);
  for (let day = monthStart(from); day < to; day = monthStart(day, 1)) {
    if (inferred.has(day)) return "inferred";
  }
  return "invoice";
}
