/** Months in UTC as Stripe bills them: the anchor's day, or the month's last. Unix seconds. */

export const DAY = 86_400;
export const HOUR = 3_600;

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/** The time `months` months after an anchor; 31 January + 1 month is the last of February. */
export function addMonths(anchor: number, months: number): number {
  const date = new Date(anchor * 1000);
  const month = date.getUTCMonth() + months;
  const year = date.getUTCFullYear() + Math.floor(month / 12);
  const inYear = ((month % 12) + 12) % 12;
  const day = Math.min(date.getUTCDate(), daysInMonth(year, inYear));
  const time = anchor % DAY;
  return Date.UTC(year, inYear, day) / 1000 + time;
}

export interface Period {
  readonly start: number;
  readonly end: number;
}

/** Months of a billing interval, or its days. */
export type Step = number | { readonly days: number };

/** The time one interval after another one, of the same anchor's day. */
export function stepOn(from: number, step: Step): number {
  return typeof step === "number" ? addMonths(from, step) : from + step.days * DAY;
}

/** The period of a step that holds a time at or after the anchor. */
export function periodAt(anchor: number, step: Step, at: number): Period {
  if (typeof step !== "number") {
    const length = step.days * DAY;
    const start = anchor + Math.floor((at - anchor) / length) * length;
    return { start, end: start + length };
  }
  const from = new Date(anchor * 1000);
  const to = new Date(at * 1000);
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() -
    from.getUTCMonth();
  let count = Math.floor(months / step);
  let start = addMonths(anchor, count * step);
  if (start > at) start = addMonths(anchor, --count * step);
  return { start, end: addMonths(anchor, (count + 1) * step) };
}
