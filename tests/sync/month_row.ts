/** The movements of a month, as accounts in tests name them. */
import type { Grain } from "../../src/metrics/movements.ts";
import { format } from "../../src/metrics/rational.ts";
import type { SourceStore } from "../../src/store/port.ts";

export interface MonthRow {
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
