/**
 * Failed payments in the currency that is shown (metrics.md C.9), by the day of their first
 * failure.
 *
 * @module
 */
import {
  type Failure,
  failureOf,
  type FailurePart,
  scaleFailure,
} from "../metrics/failed_payments.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import { factorsIn } from "./money.ts";
import type { DayRange } from "./movement_view.ts";

/** A failure with its amounts in the shown currency. */
export interface ShownFailure extends Failure {
  readonly currency: string;
  readonly customer: string;
}

interface Known {
  readonly failure: Failure;
  readonly customer: string;
}

/** Every failure of the source, oldest first, without what the configuration excludes. */
function scanFailures({ view }: Look): readonly Known[] {
  const known: Known[] = [];
  for (const fact of view.money.payments.facts()) {
    const standing = view.standing(fact.subscription);
    if (standing?.reason === "excluded") continue;
    const failure = failureOf(fact, standing?.sub.status);
    if (failure) known.push({ failure, customer: standing?.sub.customer ?? "" });
  }
  return known.sort((a, b) => a.failure.firstFailureAt - b.failure.firstFailureAt);
}

/** Failures that are neither paid nor given up, in their own currencies, oldest first. */
export function openFailures({ whole, now }: WidgetContext): readonly Failure[] {
  return whole.scanned(scanFailures, [], now).map(({ failure }) => failure)
    .filter(({ outcome }) => outcome === "open");
}

/** Failures whose first one falls into [from, to), `from` perhaps −Infinity; `null` without a rate. */
export function failuresIn(
  context: WidgetContext,
  { from, to }: DayRange,
): readonly ShownFailure[] | null {
  const { whole } = context;
  const begin = from === -Infinity ? from : whole.calendar.startOf(from);
  const end = whole.calendar.startOf(to);
  const factors = factorsIn(context, whole.money.payments.currencies());
  if (!factors) return null;
  return whole.scanned(scanFailures, [], context.now).flatMap(({ failure, customer }) => {
    const { firstFailureAt, fact } = failure;
    const factor = factors.get(fact.currency);
    if (!factor || firstFailureAt < begin || firstFailureAt >= end) return [];
    return [{ ...scaleFailure(failure, factor), customer, currency: context.slice!.currency }];
  });
}

/** Whether a failure is one of a part's rows. */
export function belongsTo(part: FailurePart, failure: ShownFailure): boolean {
  return part === "entered" || failure.outcome === part || failure[part].n > 0n;
}
