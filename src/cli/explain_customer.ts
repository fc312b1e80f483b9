/**
 * `glance explain --customer`: a customer's whole history in words, movement by movement and
 * subscription by subscription.
 *
 * @module
 */
import { dayKey } from "../metrics/calendar.ts";
import { changesByEvent, type DatedChange, isLoss } from "../metrics/movements.ts";
import { format, negate } from "../metrics/rational.ts";
import type { Quality, Segment } from "../metrics/segments.ts";
import { valueBefore } from "../metrics/steps.ts";
import type { SourceView } from "../store/port.ts";
import { moneyText } from "../widgets/context.ts";
import { spanText } from "../widgets/period_text.ts";
import { planName } from "../widgets/plans.ts";

const KIND_TEXTS: Readonly<Record<DatedChange["kind"], string>> = {
  new: "becomes a customer",
  reactivation: "returns",
  expansion: "expands",
  contraction: "contracts",
  churn: "leaves",
};

const QUALITY_TEXTS: Readonly<Record<Quality, string>> = {
  inferred: "inferred from the subscription as it is now",
  invoice: "from its invoices",
  event: "from Stripe's events",
  live: "seen as it happened",
};

function movementLines(view: SourceView, customer: string): string[] {
  return view.movements.historiesOf(customer).flatMap(({ currency, steps }) =>
    changesByEvent(steps, view.calendar).map((change) => {
      const amount = isLoss(change.kind) ? negate(change.amount) : change.amount;
      const after = valueBefore(steps, change.at + 1);
      return `  ${dayKey(change.day)}  ${KIND_TEXTS[change.kind]}: ${
        moneyText(amount, currency, { signed: true })
      }, then ${moneyText(after, currency)} a month`;
    })
  );
}

function segmentText(view: SourceView, segment: Segment): string {
  const day = (at: number) => dayKey(view.calendar.dayOf(at));
  const until = segment.to === null ? "now" : day(segment.to);
  const parts = segment.lines.map(({ price, product, quantity }) =>
    `${quantity} × ${planName(view, price, product)}`
  );
  return `    ${spanText(day(segment.from), until)}: ${
    moneyText(segment.exact, segment.currency)
  } a month (exactly ${format(segment.exact)}) for ${parts.join(" + ") || "nothing"}, ${
    QUALITY_TEXTS[segment.quality]
  }`;
}

function subscriptionLines(view: SourceView, id: string): string[] {
  const standing = view.standing(id);
  const issues = standing?.issues.map((issue) => `    note: ${issue}`) ?? [];
  const segments = view.segments(id);
  return [
    `  ${id} (${standing?.sub.status ?? "gone"})`,
    ...(segments.length === 0 ? ["    never brought in anything"] : []),
    ...segments.map((segment) => segmentText(view, segment)),
    ...issues,
  ];
}

/** @throws {TypeError} for a customer without any subscription. */
export function explainCustomer(view: SourceView, customer: string): string {
  const subscriptions = view.subscriptionsOf(customer);
  if (subscriptions.length === 0) {
    throw new TypeError(
      `${customer} has no subscription in this account: look for its id in Stripe's dashboard`,
    );
  }
  const movements = movementLines(view, customer);
  return [
    `${customer}, days of ${view.calendar.timeZone}`,
    "",
    movements.length === 0 ? "No movement: it never brought in anything" : "Movements",
    ...movements,
    "",
    "Subscriptions",
    ...subscriptions.flatMap((id) => subscriptionLines(view, id)),
  ].join("\n");
}
