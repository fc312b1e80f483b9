/**
 * Rows of the page behind a figure: one for each subscription.
 *
 * @module
 */
import { format } from "../src/metrics/rational.ts";
import type { SourceView } from "../src/store/port.ts";
import { moneyText, unreadSubscriptions } from "../src/widgets/context.ts";
import { formatInteger } from "../src/widgets/format.ts";
import type { ExplainRow } from "../src/widgets/models.ts";
import { planName } from "../src/widgets/plans.ts";
import type { Row } from "../src/widgets/rows.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import { issueText, reasonText } from "./explain_texts.ts";

function planText(view: SourceView, row: Row): string {
  const names = row.lines.map(({ price, product }) => planName(view, price, product));
  if (names.length > 0) return [...new Set(names)].join(" + ");
  const items = view.standing(row.subscription)?.sub.items ?? [];
  return [...new Set(items.map(({ price }) => planName(view, price.id, price.product)))].join(
    " + ",
  );
}

/** A row as the page shows it; `suffix` is the query of its links. */
export function explainRow(view: SourceView, row: Row, suffix: string): ExplainRow {
  const quantity = row.lines.reduce((sum, line) => sum + line.quantity, 0n);
  return {
    subscription: {
      text: row.subscription,
      href: `/explain/subscription/${row.subscription}${suffix}`,
    },
    customer: { text: row.customer, href: dashboardUrl(view, "customers", row.customer) },
    status: row.status.replaceAll("_", " "),
    plan: planText(view, row),
    quantity: row.lines.length === 0 ? "" : formatInteger(quantity),
    amount: row.share && moneyText(row.share, row.currency),
    exact: row.share && format(row.share),
    ...(row.reason ? { reason: reasonText(row.reason) } : {}),
    issues: row.issues.map(issueText),
  };
}

/** Objects that could not even be read stand with the subscriptions that could not be valued. */
export function unreadableRows(view: SourceView): ExplainRow[] {
  return unreadSubscriptions(view).map(({ id, problem }) => ({
    subscription: { text: id, href: dashboardUrl(view, "subscriptions", id) },
    customer: { text: "–", href: dashboardUrl(view, "customers", "") },
    status: "unreadable",
    plan: "",
    quantity: "",
    amount: null,
    exact: null,
    issues: [`its shape is not understood: ${problem}`],
  }));
}
