/**
 * The rate of an inclusive automatic tax, which is not on the subscription: it is read from its
 * newest invoice (metrics.md A.6).
 *
 * @module
 */
import { divide, multiply, type Rational, rational, subtract, sum } from "../metrics/rational.ts";
import type { Subscription } from "../metrics/types.ts";
import {
  list,
  optionalDecimal,
  optionalObject,
  optionalWhole,
  type Shape,
  shape,
} from "../stripe/shape.ts";
import { type FactsContext, isGap, tryRead } from "./gaps.ts";
import { listAll } from "./listing.ts";

/** Percentages of tax rates by id; `null` where the key may not read them. */
export type TaxRates = Map<string, Promise<Rational | null>>;

function percentOf(context: FactsContext, rates: TaxRates, id: string): Promise<Rational | null> {
  let percent = rates.get(id);
  if (!percent) rates.set(id, percent = readPercent(context, id));
  return percent;
}

async function readPercent(context: FactsContext, id: string): Promise<Rational | null> {
  const rate = await tryRead<unknown>(context, `/v1/tax_rates/${id}`);
  const from = rate === null ? null : shape(rate);
  return from &&
    (optionalDecimal(from, "effective_percentage") ?? optionalDecimal(from, "percentage"));
}

/** Percent of the inclusive taxes on a line of the newest invoice (metrics.md A.6). */
async function inclusivePercent(
  context: FactsContext,
  rates: TaxRates,
  line: Shape,
): Promise<Rational | null> {
  const taxes = list(line, "taxes").map(({ value, path }) => shape(value, path))
    .filter((tax) => tax.fields.tax_behavior === "inclusive");
  if (taxes.length === 0) return null;
  const percents: Rational[] = [];
  for (const tax of taxes) {
    const id = optionalObject(tax, "tax_rate_details")?.fields.tax_rate;
    const percent = typeof id === "string" ? await percentOf(context, rates, id) : null;
    if (!percent) return nearPercent(line, taxes);
    percents.push(percent);
  }
  return sum(percents);
}

/** From the amounts themselves, which Stripe has rounded: only near. */
function nearPercent(line: Shape, taxes: readonly Shape[]): Rational | null {
  const amounts = (shapes: readonly Shape[]) =>
    sum(shapes.map((each) => rational(optionalWhole(each, "amount") ?? 0)));
  const tax = amounts(taxes);
  const discounts = amounts(
    list(line, "discount_amounts").map(({ value, path }) => shape(value, path)),
  );
  const amount = rational(optionalWhole(line, "amount") ?? 0);
  const net = subtract(subtract(amount, discounts), tax);
  return net.n <= 0n ? null : multiply(divide(tax, net), rational(100));
}

/** All lines of an invoice, or none where the key may not read it. */
async function readLines(context: FactsContext, invoice: string): Promise<Shape[]> {
  const lines: Shape[] = [];
  try {
    await listAll(context, `/v1/invoices/${invoice}/lines`, {}, (data) => {
      for (const value of data) lines.push(shape(value));
    });
  } catch (error) {
    if (!isGap(error)) throw error;
  }
  return lines;
}

/** Notes the percent of each item; returns whether there was any. */
export async function readTax(
  context: FactsContext,
  rates: TaxRates,
  sub: Subscription,
): Promise<boolean> {
  if (sub.latestInvoice === null) return false;
  const percents: Record<string, Rational> = {};
  for (const line of await readLines(context, sub.latestInvoice)) {
    const parent = optionalObject(line, "parent");
    const details = parent && optionalObject(parent, "subscription_item_details");
    const item = details?.fields.subscription_item;
    if (typeof item !== "string") continue;
    const percent = await inclusivePercent(context, rates, line);
    if (percent) percents[item] = percent;
  }
  if (Object.keys(percents).length === 0) return false;
  context.store.setInclusiveTax(sub.id, percents);
  return true;
}
