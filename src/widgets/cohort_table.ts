/**
 * Cohort tables of a slice: each scans all customers (metrics.md C.8).
 *
 * @module
 */
import { type Cohort, cohortTable, type CohortUnit } from "../metrics/cohorts.ts";
import { compare } from "../metrics/rational.ts";
import type { Segment, SegmentLine } from "../metrics/segments.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import type { MovementView } from "./movement_view.ts";

/** Cohorts that began in [from, to); `first` is the price of the first payment, `null` for any. */
export interface CohortCut {
  readonly from: number;
  readonly to: number;
  readonly unit: CohortUnit;
  readonly first: string | null;
}

/** By time; what began together, by subscription, so that the order of reading does not matter. */
function isBefore(a: Segment, b: Segment): boolean {
  return a.from === b.from ? a.subscription < b.subscription : a.from < b.from;
}

/** The line that was worth most when a customer first paid, by customer. */
function firstLines(view: SourceView): ReadonlyMap<string, SegmentLine> {
  const first = new Map<string, Segment>();
  for (const [segment] of view.allSegments()) {
    const known = segment && first.get(segment.customer);
    if (segment && (!known || isBefore(segment, known))) first.set(segment.customer, segment);
  }
  return new Map(
    [...first].flatMap(([customer, { lines }]) => {
      const [most] = [...lines].sort((a, b) => compare(b.exact, a.exact));
      return most ? [[customer, most] as const] : [];
    }),
  );
}

/** Prices that customers first paid, with their products, most customers first. */
export function firstPlans({ view, now }: WidgetContext): ReadonlyMap<string, string> {
  return view.scanned(scanFirstPlans, [], now);
}

function scanFirstPlans({ view }: Look): ReadonlyMap<string, string> {
  const groups = [...Map.groupBy(firstLines(view).values(), ({ price }) => price)];
  return new Map(
    groups.sort(([one, a], [other, b]) => b.length - a.length || (one < other ? -1 : 1))
      .map(([price, [line]]) => [price, line!.product]),
  );
}

/** The cohorts of a cut, oldest first. */
export function cohortsOf(
  { view, now }: WidgetContext,
  { currency, converted }: MovementView,
  { from, to, unit, first }: CohortCut,
): readonly Cohort[] {
  return view.scanned(scanCohorts, [currency, converted, from, to, unit, first], now);
}

function scanCohorts(
  { view, today, pastBefore }: Look,
  currency: string,
  converted: boolean,
  from: number,
  to: number,
  unit: CohortUnit,
  first: string | null,
): readonly Cohort[] {
  const lines = first === null ? null : firstLines(view);
  // All of a table at today's rates, so that its shares are what customers did, not rates.
  const steps = [...pastBefore(today + 1, converted).histories(currency, today)]
    .filter(({ customer }) => lines === null || lines.get(customer)?.price === first)
    .map((history) => history.steps);
  return cohortTable(steps, from, to, unit, view.calendar);
}
