/**
 * Objects in the shapes of older versions of Stripe's interface, as events that were made under
 * them still carry them (metrics.md D.1, second column).
 */
import type { OlderVersion } from "./state.ts";

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function jsons(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** Those without the fields named. */
function without(object: Json, ...names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** A discount whose coupon stands in it, not in a source. */
export function olderDiscount(discount: Json): Json {
  const { source, ...rest } = discount;
  const coupon = isJson(source) ? source["coupon"] : null;
  return {
    ...rest,
    coupon: isJson(coupon) ? without(coupon, "applies_to", "currency_options") : coupon,
  };
}

function firstDiscount(object: Json): Json | null {
  const [first] = jsons(object["discounts"]);
  return first ? olderDiscount(first) : null;
}

const idsOf = (objects: unknown) => jsons(objects).map(({ id }) => id);

/** The periods stood on the subscription; one item's plan and quantity beside it. */
function olderSubscription(sub: Json, version: OlderVersion): Json {
  const list = sub["items"] as Json;
  const [first, ...others] = jsons(list["data"]);
  const item = (each: Json) => {
    const older = without(each, "current_period_start", "current_period_end", "current_trial");
    return version === "2022-11-15"
      ? without(older, "discounts")
      : { ...older, discounts: idsOf(each["discounts"]) };
  };
  const isOne = first !== undefined && others.length === 0;
  const older: Json = {
    ...without(sub, "billing_mode", "billing_schedules", "managed_payments", "discounts"),
    current_period_start: first?.["current_period_start"] ?? null,
    current_period_end: first?.["current_period_end"] ?? null,
    discount: firstDiscount(sub),
    items: { ...list, data: jsons(list["data"]).map(item) },
    plan: isOne ? first["plan"] : null,
    ...(isOne ? { quantity: first["quantity"] } : {}),
  };
  return version === "2022-11-15" ? older : { ...older, discounts: idsOf(sub["discounts"]) };
}

function olderLine(line: Json, prices: (id: unknown) => unknown): Json {
  const parent = line["parent"] as Json;
  const item = parent["invoice_item_details"] as Json | null;
  const details = item ?? parent["subscription_item_details"] as Json;
  const pricing = line["pricing"] as Json;
  const { price } = pricing["price_details"] as Json;
  return {
    ...without(line, "parent", "pricing", "taxes", "pretax_credit_amounts", "quantity_decimal"),
    discounts: idsOf(line["discounts"]),
    price: prices(price),
    proration: details["proration"],
    proration_details: details["proration_details"] ?? { credited_items: null },
    subscription: details["subscription"],
    subscription_item: details["subscription_item"],
    tax_amounts: [],
    type: item ? "invoiceitem" : "subscription",
  };
}

function olderInvoice(invoice: Json, prices: (id: unknown) => unknown): Json {
  const parent = invoice["parent"] as Json;
  const details = parent["subscription_details"] as Json;
  const lines = invoice["lines"] as Json;
  const id = String(invoice["id"]).slice(3);
  const isTried = invoice["attempted"] === true && Number(invoice["amount_due"]) > 0;
  return {
    ...without(invoice, "parent", "total_taxes", "total_pretax_credit_amounts", "payments"),
    charge: isTried ? `ch_${id}` : null,
    discount: firstDiscount(invoice),
    discounts: idsOf(invoice["discounts"]),
    lines: { ...lines, data: jsons(lines["data"]).map((line) => olderLine(line, prices)) },
    paid: invoice["status"] === "paid",
    payment_intent: isTried ? `pi_${id}` : null,
    subscription: details["subscription"],
    total_tax_amounts: [],
  };
}

/** A customer, subscription, invoice or discount as an older version has it. */
export function olderShape(
  object: object,
  version: OlderVersion,
  prices: (id: unknown) => unknown,
): Json {
  const json = object as Json;
  switch (json["object"]) {
    case "subscription":
      return olderSubscription(json, version);
    case "invoice":
      return olderInvoice(json, prices);
    case "discount":
      return olderDiscount(json);
    case "customer":
      return {
        ...json,
        discount: isJson(json["discount"]) ? olderDiscount(json["discount"]) : null,
      };
    default:
      return json;
  }
}
