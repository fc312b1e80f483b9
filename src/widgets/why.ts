/**
 * Why a figure, a chart or a list has nothing to show: the closed list of sentences that stand in
 * the place of a value, each with the state that makes it true (tests/widgets/why_test.ts). Reasons
 * of ratios are in src/metrics/ratios.ts, those of whole sources in banner.ts.
 *
 * @module
 */
import { BRING_RATES, type WidgetContext } from "./context.ts";

/** Sentences without a parameter. */
export const WHY = {
  noSubscriptions: "no subscriptions yet",
  noPayingSubscription: "no plan has a paying subscription",
  noActiveCustomers: "no active customers",
  currenciesNotAdded:
    "several currencies are not added up: choose one, or set a reporting currency",
  movementsDiffer: "the movements do not add up to MRR",
  pastUnread: "the past is not read yet",
  noEarlierClose: "not yet: there is no close of last month to compare with",
  noYear: "the history does not reach a year back",
  noTwoMonths: "fewer than 2 complete months",
  noTwoCloses: "not yet: needs two months of MRR",
  noMovement: "no movement yet",
  noLateMovement: "none of the latest 48 movements is in this currency",
  noPayout: "no payout is announced",
  noTransaction: "no transaction yet",
  noCohort: "no customer joined in the last 12 months",
  noTrialDecided: "no trial is decided yet",
  noRenewal: "nothing renews in the next 90 days",
} as const;

/** "no rate for GBP: set figures.rates, or …". */
export function noRateText(currencies: readonly string[]): string {
  return `no rate for ${currencies.join(", ").toUpperCase()}: ${BRING_RATES}`;
}

/** Why an amount in the shown currency is unknown. */
export function whyNoMoney({ slice }: WidgetContext): string {
  return slice && slice.missingRates.length > 0
    ? noRateText(slice.missingRates)
    : WHY.noSubscriptions;
}

/** Why there are no movements to show. */
export function whyNoMovements(context: WidgetContext): string {
  return context.view.status.identityProblem === null ? whyNoMoney(context) : WHY.movementsDiffer;
}

/** Why there is no earlier close to compare with. */
export function whyNoGrowth(context: WidgetContext, otherwise: string): string {
  const { slice, view } = context;
  if (!slice || slice.missingRates.length > 0) return whyNoMoney(context);
  return view.status.historyDone || view.status.permissions.invoices === "missing"
    ? otherwise
    : WHY.pastUnread;
}
