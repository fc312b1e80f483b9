/**
 * Whether the movements of every day lead from MRR to MRR, in every currency (metrics.md B.1):
 * start + new + reactivation + expansion - contraction - churn = end.
 *
 * @module
 */
import type { Daily } from "./daily.ts";
import type { MovementBook } from "./movement_book.ts";
import { MovementIdentityError } from "./movements.ts";
import { equal, format } from "./rational.ts";

/**
 * Checks each day from the first movement to `today`, the whole of them as one period, and that
 * the movements' MRR is that of the daily rows, which are kept apart from them.
 *
 * @param today The day number up to which is checked.
 * @throws {MovementIdentityError} at the first day that does not add up.
 */
export function checkIdentity(book: MovementBook, daily: Daily, today: number): void {
  const first = book.firstDay();
  if (first === null) return;
  for (const currency of book.currencies()) {
    const closes = daily.closes(currency, first, today + 1);
    closes.forEach((close, index) => {
      const day = first + index;
      const { end } = book.period(currency, day, day + 1);
      if (equal(end, close)) return;
      throw new MovementIdentityError(
        `Cannot trust movements as they lead to ${format(end)} ${currency} at the close of day ` +
          `${day}: MRR is ${format(close)}`,
      );
    });
    book.period(currency, first, today + 1);
  }
}
