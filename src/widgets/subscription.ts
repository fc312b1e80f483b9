/**
 * One subscription, step by step: price, discounts, tax, share of a month.
 *
 * @module
 */
import { type LineMrr, mrr } from "../metrics/mrr.ts";
import { nextChangeAt } from "../metrics/next_change.ts";
import { divide, equal, format, multiply, type Rational, rational } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import { factsOf } from "../store/facts.ts";
import type { Price, Tier } from "../metrics/types.ts";
import { dayText, momentOf, moneyText, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { formatInteger } from "./format.ts";
import type { SubscriptionItemSteps, SubscriptionModel } from "./models.ts";
import { planName } from "./plans.ts";

type Steps = SubscriptionItemSteps["steps"];

/** What the routes add: links and texts that are not the figures' own. */
export type SubscriptionParts = Omit<
  SubscriptionModel,
  "chrome" | "customer" | "dashboard" | "back" | "reason" | "issues"
>;

function everyText({ interval, intervalCount }: LineMrr): string {
  return intervalCount === 1 ? `a ${interval}` : `every ${intervalCount} ${interval}s`;
}

/** "10 × $20.00 + 30 × $15.00 + $5.00". */
function tierText(
  tiers: readonly Tier[],
  quantity: bigint,
  volume: boolean,
  currency: string,
): string {
  const parts: string[] = [];
  let below = 0n;
  for (const { upTo, unit, flat } of tiers) {
    const inside = upTo === null || quantity <= upTo;
    const units = volume ? quantity : (inside ? quantity : upTo) - below;
    if (!volume || inside) {
      parts.push(`${formatInteger(units)} × ${moneyText(unit, currency)}`);
      if (flat.n !== 0n) parts.push(moneyText(flat, currency));
    }
    if (inside) break;
    below = upTo;
  }
  return parts.join(" + ");
}

function priceExpression(price: Price | undefined, line: LineMrr, currency: string): string {
  const face = price?.currency === currency ? price : price?.currencyOptions?.[currency];
  if (price && face?.tiers) return tierText(face.tiers, line.quantity, price.volume, currency);
  const unit = face?.unitAmount ? moneyText(face.unitAmount, currency) : "price";
  const quantity = formatInteger(line.quantity);
  if (!price?.transform) return `${quantity} × ${unit}`;
  const { divideBy, roundUp } = price.transform;
  return `${quantity} in packages of ${divideBy}, rounded ${roundUp ? "up" : "down"}, × ${unit}`;
}

function factorText(factor: Rational): string {
  return factor.n === 1n ? `÷ ${factor.d}` : `× ${format(factor)}`;
}

function stepsOf(context: WidgetContext, line: LineMrr, currency: string): Steps {
  const price = context.view.price(line.priceId);
  const monthly = multiply(line.gross, line.factor);
  const steps: Steps[number][] = [{
    label: price?.tiered ? "Tiers" : "Price",
    expression: priceExpression(price, line, currency),
    result: moneyText(line.gross, currency),
    note: everyText(line),
  }];
  if (!equal(line.factor, rational(1))) {
    steps.push({
      label: "Per month",
      expression: `${moneyText(line.gross, currency)} ${factorText(line.factor)}`,
      result: moneyText(monthly, currency),
    });
  }
  if (!equal(line.discounted, monthly)) {
    const off = monthly.n === 0n ? null : divide(line.discounted, monthly);
    steps.push({
      label: "Discounts",
      expression: off ? `${moneyText(monthly, currency)} × ${format(off)}` : "",
      result: moneyText(line.discounted, currency),
      note: "discounts that count, in their order",
    });
  }
  if (!equal(line.amount, line.discounted)) {
    const divisor = divide(line.discounted, line.amount);
    steps.push({
      label: "Inclusive tax",
      expression: `${moneyText(line.discounted, currency)} ÷ ${format(divisor)}`,
      result: moneyText(line.amount, currency),
      note: "tax in the price is not revenue",
    });
  }
  return steps;
}

export function subscriptionModel(context: WidgetContext, standing: Standing): SubscriptionParts {
  const { view, now } = context;
  const { sub } = standing;
  const facts = factsOf(view, sub);
  const { options } = view.info;
  const result = mrr(sub, now, options, facts);
  const lines = result.kind === "value" && standing.reason !== "excluded" ? result.lines : [];
  const next = nextChangeAt(sub, now, options, facts);
  return {
    id: sub.id,
    status: sub.status.replaceAll("_", " "),
    amount: standing.mrr && moneyText(standing.mrr, sub.currency),
    exact: standing.mrr && format(standing.mrr),
    definition: definitionOf("mrr", view.info),
    items: lines.map((line) => ({
      name: planName(view, line.priceId, line.productId),
      detail: `${formatInteger(line.quantity)} × ${line.priceId}, ${everyText(line)}`,
      steps: stepsOf(context, line, sub.currency),
      amount: moneyText(line.amount, sub.currency),
      exact: format(line.amount),
    })),
    ...(next === null ? {} : { nextChange: `may change on ${dayText(context, next)} by itself` }),
    asOf: momentOf(context, view.status.asOf ?? now),
  };
}
