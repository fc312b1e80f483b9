/**
 * Which days have changed since something was worked out from them and the days before.
 *
 * @module
 */

export interface Touches {
  /** A day has changed. */
  note(day: number): void;
  /** Grows whenever a day before `day` changes. */
  before(day: number): number;
}

export function createTouches(): Touches {
  let revision = 0;
  /** Rising in both: a change of an earlier day counts for all later ones too. */
  const newest: { readonly day: number; readonly revision: number }[] = [];
  return {
    note(day) {
      while (newest.length > 0 && newest.at(-1)!.day >= day) newest.pop();
      newest.push({ day, revision: ++revision });
    },
    before: (day) => newest.findLast((touch) => touch.day < day)?.revision ?? 0,
  };
}
