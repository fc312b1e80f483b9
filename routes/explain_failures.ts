/**
 * The invoices behind the failed payments of a period, or of one month of first failures.
 *
 * @module
 */
import { dayNumber, monthStart } from "../src/metrics/calendar.ts";
import { FAILURE_PARTS, type FailurePart, failureTotals } from "../src/metrics/failed_payments.ts";
import { format } from "../src/metrics/rational.ts";
import { periodText } from "../src/widgets/period_text.ts";
import { countText, dayText, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf, type MeaningKey } from "../src/widgets/definitions.ts";
import { belongsTo, failuresIn, type ShownFailure } from "../src/widgets/failures.ts";
import type { Cell, Choices, TablesContent } from "../src/widgets/models.ts";
import { invoicesUnread, whyNoSum } from "../src/widgets/money.ts";
import { type DayRange, daysOf } from "../src/widgets/movement_view.ts";
import { queryText } from "../src/widgets/query.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import { daysAsked, downloadsOf, unfiltered } from "./download_links.ts";
import { roundingRows } from "./rounding.ts";

const PART_TEXTS: Readonly<Record<FailurePart, readonly [string, MeaningKey]>> = {
  entered: ["Failed payments", "failedPayments"],
  recovered: ["Recovered payments", "recoveredPayments"],
  paidOffStripe: ["Paid off Stripe", "paidOffStripe"],
  lost: ["Lost payments", "lostPayments"],
  open: ["Open failed payments", "openPayments"],
};

function becameOf(context: WidgetContext, { fact, outcome }: ShownFailure): string {
  const on = (at: number | null) => at === null ? "" : ` ${dayText(context, at)}`;
  switch (outcome) {
    case "recovered":
      return `recovered${on(fact.paidAt)}`;
    case "paidOffStripe":
      return `paid off Stripe${on(fact.paidAt)}`;
    case "lost":
      return `lost${on(fact.lostAt)}${fact.lossReason ? `: ${fact.lossReason}` : ""}`;
    case "open":
      return fact.nextAttemptAt === null
        ? "open, no retry left"
        : `open, next try${on(fact.nextAttemptAt)}`;
  }
}

function row(context: WidgetContext, part: FailurePart, failure: ShownFailure): Cell[] {
  const { whole, query } = context;
  const { fact, customer, currency, firstFailureAt } = failure;
  const share = failure[part];
  return [
    { text: fact.invoice, href: dashboardUrl(whole, "invoices", fact.invoice) },
    {
      text: fact.subscription,
      href: `/explain/subscription/${fact.subscription}${queryText(query)}`,
    },
    customer === "" ? "–" : { text: customer, href: dashboardUrl(whole, "customers", customer) },
    dayText(context, firstFailureAt),
    becameOf(context, failure),
    moneyText(share, currency),
    format(share),
  ];
}

/** The days of `month=2026-10`, else of the period. */
function rangeOf(context: WidgetContext, month: string | null): DayRange {
  if (!month || !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    return daysOf(context, context.query.period);
  }
  const from = dayNumber(Temporal.PlainDate.from(`${month}-01`));
  return { from, to: monthStart(from, 1) };
}

function choices(context: WidgetContext, current: FailurePart, month: string | null): Choices {
  return {
    label: "Outcome",
    choices: FAILURE_PARTS.map((part) => ({
      text: PART_TEXTS[part][0],
      href: `/explain/failed-payments${
        queryText(context.query, { part, ...(month ? { month } : {}) })
      }`,
      current: part === current,
    })),
  };
}

export function explainFailures(context: WidgetContext, search: URLSearchParams): TablesContent {
  const part = FAILURE_PARTS.find((each) => each === search.get("part")) ?? "entered";
  const month = search.get("month");
  const [title, key] = PART_TEXTS[part];
  const range = rangeOf(context, month);
  const all = failuresIn(context, range);
  const reason = invoicesUnread(context.whole) ?? (all ? null : whyNoSum(context));
  const shown = { ...context.query, currency: context.slice?.currency ?? null };
  const base = {
    title,
    definition: definitionOf(key, context.whole.info),
    filters: [choices(context, part, month)],
    downloads: downloadsOf("failed-payments", unfiltered(shown), {
      detail: "invoices",
      ...daysAsked(range),
    }),
  };
  if (reason !== null || !all) {
    return { ...base, total: null, sub: periodText(context), reason: reason ?? "", tables: [] };
  }
  const found = all.filter((failure) => belongsTo(part, failure)).toReversed();
  const { amount } = failureTotals(all)[part];
  const { currency } = context.slice!;
  const customers = new Set(found.map(({ customer }) => customer)).size;
  return {
    ...base,
    total: moneyText(amount, currency),
    sub: `${month ? `First failed in ${month}` : periodText(context)}: ${
      countText(found.length, "invoice")
    } of ${countText(customers, "customer")}`,
    tables: [{
      columns: [
        { text: "Invoice" },
        { text: "Subscription" },
        { text: "Customer" },
        { text: "First failed" },
        { text: "What became of it" },
        { text: "Amount", kind: "number" },
        { text: "Exact, minor units", kind: "exact" },
      ],
      rows: found.map((failure) => row(context, part, failure)),
      foot: [
        ...roundingRows(found.map((failure) => failure[part]), amount, currency, 7),
        ["Total", "", "", "", "", moneyText(amount, currency), format(amount)],
      ],
    }],
  };
}
