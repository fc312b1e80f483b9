/**
 * Cohort tables of a slice, worked out once a day, as each scans all customers (metrics.md C.8).
 *
 * @module
 */
import { type Cohort, cohortTable, type CohortUnit } from "../metrics/cohorts.ts";
import type { Movements } from "../metrics/books.ts";
import { compare } from "../metrics/rational.ts";
import type { Segment, SegmentLine } from "../metrics/segments.ts";
import type { SourceView } from "../store/port.ts";
import type { WidgetContext } from "./context.ts";
import type { MovementView } from "./movement_view.ts";

/** Cohorts that began in [from, to); `first` is the price of the first payment, `null` for any. */
export interface CohortCut {
  readonly from: number;
  readonly to: number;
  readonly unit: CohortUnit;
  readonly first: string | null;
}

interface Kept {
  readonly key: string;
  readonly tables: Map<string, readonly Cohort[]>;
  /** Prices that customers first paid, with their products. */
  plans: ReadonlyMap<string, string> | null;
}

/** Tables kept for a day; a flood of odd cuts must not fill the memory. */
const TABLES_MAX = 50;

const kept = new WeakMap<Movements, Kept>();

function keptOf({ view, now }: WidgetContext, { book, currency }: MovementView): Kept {
  const { calendar, status } = view;
  const today = calendar.dayOf(now);
  const key = `${currency} ${today} ${status.historyDone} ${status.liveSince}`;
  let known = kept.get(book);
  if (known?.key !== key || known.tables.size >= TABLES_MAX) {
    kept.set(book, known = { key, tables: new Map(), plans: null });
  }
  return known;
}

/** The line that was worth most when a customer first paid, by customer. */
function firstLines(view: SourceView): ReadonlyMap<string, SegmentLine> {
  const first = new Map<string, Segment>();
  for (const [segment] of view.allSegments()) {
    const known = segment && first.get(segment.customer);
    if (segment && (!known || segment.from < known.from)) first.set(segment.customer, segment);
  }
  return new Map(
    [...first].flatMap(([customer, { lines }]) => {
      const [most] = [...lines].sort((a, b) => compare(b.exact, a.exact));
      return most ? [[customer, most] as const] : [];
    }),
  );
}

/** Prices that customers first paid, with their products, most customers first. */
export function firstPlans(
  context: WidgetContext,
  movements: MovementView,
): ReadonlyMap<string, string> {
  const known = keptOf(context, movements);
  if (!known.plans) {
    const groups = [...Map.groupBy(firstLines(context.view).values(), ({ price }) => price)];
    known.plans = new Map(
      groups.sort(([, a], [, b]) => b.length - a.length)
        .map(([price, [line]]) => [price, line!.product]),
    );
  }
  return known.plans;
}

/** The cohorts of a cut, oldest first. */
export function cohortsOf(
  context: WidgetContext,
  movements: MovementView,
  { from, to, unit, first }: CohortCut,
): readonly Cohort[] {
  const { tables } = keptOf(context, movements);
  const key = `${from} ${to} ${unit} ${first}`;
  let table = tables.get(key);
  if (!table) {
    const lines = first === null ? null : firstLines(context.view);
    const { calendar } = context.view;
    // All of a table at today's rates, so that its shares are what customers did, not rates.
    const today = calendar.dayOf(context.now);
    const steps = [...movements.book.histories(movements.currency, today)]
      .filter(({ customer }) => lines === null || lines.get(customer)?.price === first)
      .map((history) => history.steps);
    tables.set(key, table = cohortTable(steps, from, to, unit, calendar));
  }
  return table;
}
