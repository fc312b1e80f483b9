/**
 * Since when changes were seen as they happened, and the absences in between, which are told
 * afterwards by events and invoices (metrics.md B.6).
 *
 * @module
 */

/** A stretch of time [from, to), Unix seconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Seen {
  /** Since when changes are followed, Unix seconds. */
  readonly since: number;
  /** When nobody looked, oldest first. */
  readonly absences: readonly Stretch[];
}

/** Absences that are kept; the two oldest are joined. */
const ABSENCES_MAX = 100;

/** Whether a change at a moment (Unix seconds) was seen as it happened. */
export function isSeen({ since, absences }: Seen, at: number): boolean {
  return at >= since && !absences.some(({ from, to }) => from < at && at < to);
}

/** The absences with one more, which may go on with the last. */
export function withAbsence(absences: readonly Stretch[], next: Stretch): readonly Stretch[] {
  const last = absences.at(-1);
  if (last && next.from <= last.to) {
    const joined = { from: Math.min(last.from, next.from), to: Math.max(last.to, next.to) };
    return [...absences.slice(0, -1), joined];
  }
  const [first, second, ...rest] = [...absences, next];
  if (rest.length + 2 <= ABSENCES_MAX || !first || !second) return [...absences, next];
  return [{ from: first.from, to: second.to }, ...rest];
}
