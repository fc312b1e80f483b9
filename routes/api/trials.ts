/**
 * `/api/v1/trials`: how many, what they are worth, and both conversions (metrics.md C.7).
 *
 * @module
 */
import { shareIn } from "../../src/metrics/tally.ts";
import type { SourceView } from "../../src/store/port.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { pastNote } from "../../src/widgets/movement_view.ts";
import { trialFigures, type TrialRow, trialsOf } from "../../src/widgets/trial_view.ts";
import { checkNames, FILTERS, readWord } from "./params.ts";
import { amount, convertedAmount, derived, time, viewOf } from "./values.ts";

function trialJson(view: SourceView, row: TrialRow) {
  const { begin, end, outcome, convertedAt } = row;
  const standing = view.standing(row.subscription)!;
  const { sub } = standing;
  return {
    subscription: sub.id,
    customer: sub.customer,
    status: sub.status,
    currency: sub.currency,
    beganAt: time(begin),
    endsAt: time(end),
    outcome,
    convertedAt: time(convertedAt),
    ...amount("mrrInTrial", shareIn("trialingMrr", standing)),
    ...amount("mrr", standing.mrr),
  };
}

export function trials(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "detail", ...FILTERS]);
  const { view, slice } = context;
  if (readWord(search, "detail", ["figures", "subscriptions"], "figures") === "subscriptions") {
    return { data: trialsOf(context).map((row) => trialJson(view, row)) };
  }
  const figures = trialFigures(context);
  // Where no currency is named, the sums are native.
  const asked = search.has("currency") ? slice : null;
  const currencies = asked
    ? [[asked.currency, asked.total("trialingMrr")] as const]
    : view.tally.currencies().map((each) => [each, view.tally.total(each, "trialingMrr")] as const);
  return {
    running: figures.running.length,
    endingIn7Days: figures.ending.length,
    newThisMonth: figures.begun.length,
    ended30Days: figures.ended.length,
    converted30Days: figures.converted.length,
    conversion: { cohort: derived(figures.cohort), stripe30: derived(figures.stripe30) },
    approximate: pastNote(context) !== null,
    currencies: Object.fromEntries(
      currencies.map(([currency, value]) => [currency, {
        ...viewOf(asked?.converted ?? false),
        ...convertedAmount("mrrInTrial", value),
      }]),
    ),
  };
}
