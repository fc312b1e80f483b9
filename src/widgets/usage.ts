/**
 * Usage billed: metered lines of invoices. It stands beside MRR and is never in it.
 *
 * @module
 */
import { rational } from "../metrics/rational.ts";
import { moneyText, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import type { Figure } from "./models.ts";
import { invoicesUnread, sumIn, whyNoSum } from "./money.ts";
import { daysOf } from "./movement_view.ts";
import { inCurrency } from "./native_amounts.ts";

/** Usage of this month's invoices; `null` where nothing is metered. */
export function usageFigure(context: WidgetContext): Figure | null {
  const { whole, slice } = context;
  const { payments } = whole.money;
  const { from, to } = daysOf(context, "month");
  const label = inCurrency(context, "Usage billed, this month");
  const definition = definitionOf("usageBilled", whole.info);
  // Prices tell whether anything is metered; without one the figure would be noise.
  const everBilled = payments.currencies().some((currency) =>
    payments.billed(currency, whole.daily.firstDay() ?? from, to).usage !== 0n
  );
  if (!everBilled) return null;
  const unread = invoicesUnread(whole);
  const amount = unread ? null : sumIn(
    context,
    payments.currencies().map((currency) => ({
      currency,
      amount: rational(payments.billed(currency, from, to).usage),
    })),
  );
  return amount && slice
    ? { label, value: moneyText(amount, slice.currency), note: "beside MRR, not in it", definition }
    : { label, value: null, reason: unread ?? whyNoSum(context), definition };
}
