/**
 * Invoices in the shapes of older API versions, since 2020-08-27, turned into the shape of today's
 * (metrics.md D.1, second column). One of today's shape stays as it is.
 *
 * @module
 */
import { isObject, type Json, newestDiscount, priceOfPlan } from "./older_shapes.ts";

function idIn(value: unknown): unknown {
  return isObject(value) ? value.id : value;
}

/** Taxes, of which older versions said whether they are inclusive. */
function newestTaxes(amounts: unknown): unknown {
  if (!Array.isArray(amounts)) return amounts;
  return amounts.map((each) => {
    if (!isObject(each)) return each;
    const { amount, inclusive, tax_rate } = each;
    return {
      amount,
      tax_behavior: inclusive === true ? "inclusive" : "exclusive",
      tax_rate_details: { tax_rate: idIn(tax_rate) },
    };
  });
}

/** What a line belongs to. A proration named the item too, whatever its type. */
function parentOf({ type, subscription, subscription_item, proration, proration_details }: Json) {
  const details = { subscription, proration: proration ?? false, proration_details };
  return type === "subscription" || subscription_item != null
    ? { subscription_item_details: { ...details, subscription_item } }
    : { invoice_item_details: details };
}

function pricingOf({ price, plan }: Json): unknown {
  const priced = price ?? priceOfPlan(plan);
  if (!isObject(priced)) return null;
  return { price_details: { price: priced.id, product: idIn(priced.product) } };
}

function newestLine(value: unknown): unknown {
  if (!isObject(value) || value.parent !== undefined || value.type === undefined) return value;
  return {
    ...value,
    parent: parentOf(value),
    pricing: value.pricing ?? pricingOf(value),
    taxes: value.taxes ?? newestTaxes(value.tax_amounts),
  };
}

function newestLines(lines: unknown): unknown {
  if (!isObject(lines) || !Array.isArray(lines.data)) return lines;
  return { ...lines, data: lines.data.map(newestLine) };
}

/** Discounts of the invoice, or the single one that older versions had. */
function discountsOf({ discounts, discount }: Json): unknown {
  if (discounts === undefined) return discount == null ? [] : [newestDiscount(discount)];
  return Array.isArray(discounts) ? discounts.map(newestDiscount) : discounts;
}

/** An invoice of any version since 2020-08-27 in today's shape. */
export function newestInvoice(value: unknown): unknown {
  if (!isObject(value) || value.parent !== undefined) return value;
  const { subscription } = value;
  return {
    ...value,
    parent: subscription == null ? null : { subscription_details: { subscription } },
    lines: newestLines(value.lines),
    discounts: discountsOf(value),
    total_taxes: value.total_taxes ?? newestTaxes(value.total_tax_amounts),
  };
}
