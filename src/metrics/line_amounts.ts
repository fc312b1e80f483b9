/**
 * The monthly value of invoice lines by what they charged, where their price does not tell
 * (metrics.md B.6 step 2.3).
 *
 * @module
 */
import type { HistoryLine } from "./history_line.ts";
import { monthlyFactor, spanOf } from "./interval.ts";
import type { MrrOptions } from "./options.ts";
import { multiply, type Rational, rational, subtract, sum, ZERO } from "./rational.ts";

/** Seconds of the whole interval that ends where a line ends (a prorated one began earlier). */
export function fullSeconds({ interval, intervalCount, period }: HistoryLine): number {
  const span = spanOf(interval, intervalCount);
  if (!span) return period.to - period.from;
  const end = Temporal.Instant.fromEpochMilliseconds(period.to * 1000).toZonedDateTimeISO("UTC");
  const length = span.base === "month" ? { months: span.length } : { days: span.length };
  return period.to - end.subtract(length).epochMilliseconds / 1000;
}

/**
 * Amounts net of tax and of the discounts that count, a prorated one × full period / prorated
 * period. A discount of duration `once` has left the subscription by the time that its invoice is
 * finalised, so it never counts here (metrics.md B.6 step 2.5).
 */
export function valueByAmounts(lines: readonly HistoryLine[], options: MrrOptions): Rational {
  return sum(lines.map((line) => {
    const span = spanOf(line.interval, line.intervalCount);
    const { from, to } = line.period;
    if (!span || to <= from) return ZERO;
    const off = line.discounts.filter(({ duration }) =>
      duration === "forever" || (duration === "repeating" && options.subtractRepeating)
    );
    const tax = options.inclusiveTax === "deduct" ? line.inclusiveTax : ZERO;
    const net = subtract(line.amount, sum([tax, ...off.map(({ amount }) => amount)]));
    const charged = net.n > 0n ? net : ZERO;
    const full = line.proration ? rational(fullSeconds(line), to - from) : rational(1);
    return multiply(multiply(charged, full), monthlyFactor(span, options));
  }));
}
