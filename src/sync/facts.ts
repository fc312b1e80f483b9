/**
 * Facts that a value needs and a listing leaves out: items beyond the tenth, coupons that were
 * deleted, tiers in another currency, the rate of an inclusive automatic tax, and since when a
 * subscription is past due (metrics.md A.2–A.6).
 *
 * @module
 */
import { divide, multiply, type Rational, rational, subtract, sum } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceStore } from "../store/port.ts";
import { StripeFault } from "../stripe/fault.ts";
import {
  list,
  object,
  optionalDecimal,
  optionalObject,
  optionalWhole,
  type Shape,
  shape,
  text,
} from "../stripe/shape.ts";
import { translatePrice } from "../stripe/translate.ts";
import type { Ledger } from "./ledger.ts";
import { listAll, type ListingContext, persist } from "./listing.ts";

export interface FactsContext extends ListingContext {
  readonly store: SourceStore;
  readonly ledger: Ledger;
}

const seconds = (context: ListingContext) => Math.floor(context.clock.now() / 1000);

/** Reads one thing; what the key may not read or Stripe no longer has is left unknown. */
async function tryRead<T>(context: FactsContext, path: string, query = {}): Promise<T | null> {
  try {
    return await persist(context, () => context.client.retrieve(path, query)) as T;
  } catch (error) {
    const known = error instanceof StripeFault &&
      ["not_found", "permission_missing", "bad_request"].includes(error.kind);
    if (known) return null;
    throw error;
  }
}

/** The subscription again, with all its items and with what its coupons apply to. */
async function readWhole(context: FactsContext, sub: Subscription): Promise<void> {
  const found = await tryRead<Record<string, unknown>>(context, `/v1/subscriptions/${sub.id}`, {
    expand: ["discounts.source.coupon.applies_to", "items.data.discounts"],
  });
  if (!found) return;
  for (const { value } of list(shape(found), "discounts")) keepCoupon(context, value);
  const items: unknown[] = [];
  await listAll(context, "/v1/subscription_items", {
    subscription: sub.id,
    expand: ["data.discounts.source.coupon"],
  }, (data) => void items.push(...data));
  for (const item of items) {
    for (const { value } of list(shape(item), "discounts")) keepCoupon(context, value);
  }
  const whole = { ...found, items: { data: items, has_more: false } };
  context.ledger.putListed(whole, seconds(context));
}

/** Mirrors a coupon that the listing of coupons no longer has, because it was deleted. */
function keepCoupon({ store, ledger }: FactsContext, discount: unknown): void {
  if (typeof discount !== "object" || discount === null) return;
  const coupon = object(shape(discount), "source").fields.coupon;
  if (typeof coupon !== "object" || coupon === null) return;
  if (!store.coupon(text(shape(coupon), "id"))) ledger.putCoupon(coupon);
}

function unmirroredCoupon(store: SourceStore, sub: Subscription): boolean {
  const discounts = [...sub.discounts, ...sub.items.flatMap((item) => item.discounts)];
  return discounts.some(({ couponId }) => couponId === null || !store.coupon(couponId));
}

/** Prices whose tiers in a subscription's currency were not read yet: id → currencies. */
function missingTiers(store: SourceStore, standings: readonly Standing[]) {
  const missing = new Map<string, Set<string>>();
  for (const { sub, issues } of standings) {
    const incomplete = issues.includes("tiers_missing") ||
      issues.includes("currency_option_missing");
    if (!incomplete) continue;
    for (const { price } of sub.items) {
      const mirrored = store.price(price.id);
      const needed = !mirrored || (mirrored.tiered && mirrored.currency !== sub.currency);
      if (!needed) continue;
      missing.set(price.id, (missing.get(price.id) ?? new Set()).add(sub.currency));
    }
  }
  return missing;
}

async function readPrice(
  context: FactsContext,
  id: string,
  currencies: ReadonlySet<string>,
): Promise<void> {
  const expand = ["tiers", "currency_options"];
  const tiered = [...currencies].map((currency) => `currency_options.${currency}.tiers`);
  const found = await tryRead(context, `/v1/prices/${id}`, { expand: [...expand, ...tiered] }) ??
    await tryRead(context, `/v1/prices/${id}`, { expand });
  if (found) context.store.setPrice(translatePrice(found));
}

/** Percent of the inclusive taxes on a line of the newest invoice (metrics.md A.6). */
async function inclusivePercent(context: FactsContext, line: Shape): Promise<Rational | null> {
  const taxes = list(line, "taxes").map(({ value, path }) => shape(value, path))
    .filter((tax) => tax.fields.tax_behavior === "inclusive");
  if (taxes.length === 0) return null;
  const percents: Rational[] = [];
  for (const tax of taxes) {
    const id = optionalObject(tax, "tax_rate_details")?.fields.tax_rate;
    const rate = typeof id === "string"
      ? await tryRead<unknown>(context, `/v1/tax_rates/${id}`)
      : null;
    const from = rate === null ? null : shape(rate);
    const percent = from &&
      (optionalDecimal(from, "effective_percentage") ?? optionalDecimal(from, "percentage"));
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

async function readTax(context: FactsContext, sub: Subscription): Promise<boolean> {
  if (sub.latestInvoice === null) return false;
  const invoice = await tryRead<unknown>(context, `/v1/invoices/${sub.latestInvoice}`);
  if (!invoice) return false;
  const percents: Record<string, Rational> = {};
  for (const { value, path } of list(object(shape(invoice), "lines"), "data")) {
    const line = shape(value, path);
    const parent = optionalObject(line, "parent");
    const details = parent && optionalObject(parent, "subscription_item_details");
    const item = details?.fields.subscription_item;
    if (typeof item !== "string") continue;
    const percent = await inclusivePercent(context, line);
    if (percent) percents[item] = percent;
  }
  context.store.setInclusiveTax(sub.id, percents);
  return Object.keys(percents).length > 0;
}

/** The earliest failed try of an open invoice: the start of being past due (A.2). */
async function readPastDueSince(context: FactsContext, sub: Subscription): Promise<boolean> {
  let since: number | null = null;
  try {
    const query = { subscription: sub.id, status: "open" };
    await listAll(context, "/v1/invoices", query, (data) => {
      for (const value of data) {
        const invoice = shape(value);
        if (invoice.fields.attempted !== true) continue;
        const at = optionalWhole(object(invoice, "status_transitions"), "finalized_at");
        if (at !== null && (since === null || at < since)) since = at;
      }
    });
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind !== "permission_missing") throw error;
  }
  if (since !== null) context.store.setPastDueSince(sub.id, since);
  return since !== null;
}

/**
 * Reads what is missing for the subscriptions that `which` names and values those again. What
 * Stripe does not give stays an issue of the subscription.
 */
export async function completeFacts(
  context: FactsContext,
  which: (sub: Subscription) => boolean,
): Promise<void> {
  const { store, ledger } = context;
  const standings = [...store.standings()].filter(({ sub }) => which(sub));
  const changed = new Set<string>();
  for (const { sub } of standings) {
    if (unmirroredCoupon(store, sub)) changed.add(sub.id);
  }
  for (const { sub, issues } of standings) {
    const partial = issues.includes("items_truncated") || issues.includes("coupon_missing") ||
      issues.includes("discount_not_expanded") || unmirroredCoupon(store, sub);
    if (partial) await readWhole(context, sub);
  }
  for (const [id, currencies] of missingTiers(store, standings)) {
    await readPrice(context, id, currencies);
  }
  const { options } = store.info;
  for (const { sub, issues } of standings) {
    if (issues.includes("tiers_missing") || issues.includes("currency_option_missing")) {
      changed.add(sub.id);
    }
    if (issues.includes("inclusive_tax_unknown") && await readTax(context, sub)) {
      changed.add(sub.id);
    }
    const late = sub.status === "past_due" && typeof options.pastDue === "object" &&
      store.pastDueSince(sub.id) === undefined;
    if (late && await readPastDueSince(context, sub)) changed.add(sub.id);
  }
  if (changed.size > 0) ledger.revalue(seconds(context), (sub) => changed.has(sub.id), "inferred");
}
