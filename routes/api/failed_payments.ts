/**
 * `/api/v1/failed-payments`: by the period of the first failure, or invoice by invoice
 * (metrics.md C.9).
 *
 * @module
 */
import {
  FAILURE_OUTCOMES,
  FAILURE_PARTS,
  type FailureTotals,
  failureTotals,
} from "../../src/metrics/failed_payments.ts";
import { monthStart } from "../../src/metrics/calendar.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { failuresIn, type ShownFailure } from "../../src/widgets/failures.ts";
import { invoicesUnread } from "../../src/widgets/money.ts";
import { checkNames, readWord } from "./params.ts";
import { INTERVALS, periodEnd, periodKey } from "./periods.ts";
import { Problem } from "./problem.ts";
import { readRange } from "./times.ts";
import { amount, convertedAmount, derived, time, viewOf } from "./values.ts";

const ROWS_MAX = 2_000;

function totalsJson(totals: FailureTotals) {
  return {
    ...Object.assign({}, ...FAILURE_PARTS.map((part) => amount(part, totals[part].amount))),
    counts: Object.fromEntries(FAILURE_PARTS.map((part) => [part, totals[part].count])),
    recoveryRate: { amount: derived(totals.rateByAmount), count: derived(totals.rateByCount) },
  };
}

function invoiceJson(failure: ShownFailure, converted: boolean) {
  const { fact, customer, currency, firstFailureAt, outcome } = failure;
  return {
    invoice: fact.invoice,
    subscription: fact.subscription,
    customer,
    currency,
    ...viewOf(converted),
    firstFailedAt: time(firstFailureAt),
    outcome,
    ...amount("amount", failure.entered),
    ...Object.assign({}, ...FAILURE_OUTCOMES.map((each) => amount(each, failure[each]))),
    nextAttemptAt: time(fact.nextAttemptAt),
    paidAt: time(fact.paidAt),
    lostAt: time(fact.lostAt),
    lossReason: fact.lossReason,
  };
}

/** One context a currency: native ones, or the converted view that was asked for. */
export function failedPayments(contexts: readonly WidgetContext[], search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", "interval", "detail"]);
  const [first] = contexts;
  if (!first) return { data: [], atRisk: {} };
  const { whole: view, now } = first;
  const interval = readWord(search, "interval", INTERVALS, "month");
  const detail = readWord(search, "detail", ["periods", "invoices"], "periods");
  const { from, to } = readRange({ view, search, now }, (today) => monthStart(today, -12));
  const unread = invoicesUnread(view);
  const atRisk = Object.fromEntries(
    contexts.map(({ slice }) => [
      slice!.currency,
      convertedAmount("mrr", slice!.total("pastDueMrr")),
    ]),
  );
  if (unread !== null) {
    const missing = view.status.permissions.invoices === "missing";
    return {
      data: [],
      reason: missing ? "permission_missing" : "not_read_yet",
      detail: unread,
      ...(missing ? { resource: "invoices" } : {}),
      atRisk,
    };
  }
  const data = contexts.flatMap((context): Record<string, unknown>[] => {
    const failures = failuresIn(context, { from, to });
    if (!failures) throw new Problem("fx_rate_missing", "currency");
    if (detail === "invoices") {
      return failures.map((failure) => invoiceJson(failure, context.slice!.converted));
    }
    const rows: Record<string, unknown>[] = [];
    for (let start = from; start < to; start = periodEnd(start, interval)) {
      if (rows.length >= ROWS_MAX) {
        throw new Problem("parameter_invalid", "from", `at most ${ROWS_MAX} periods at once`);
      }
      const end = Math.min(periodEnd(start, interval), to);
      const [begin, stop] = [view.calendar.startOf(start), view.calendar.startOf(end)];
      rows.push({
        period: periodKey(start, interval),
        currency: context.slice!.currency,
        view: context.slice!.converted ? "converted" : "native",
        ...totalsJson(
          failureTotals(
            failures.filter(({ firstFailureAt }) =>
              firstFailureAt >= begin && firstFailureAt < stop
            ),
          ),
        ),
      });
    }
    return rows;
  });
  return { data, atRisk };
}
