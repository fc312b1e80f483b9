/**
 * Facts that a value needs and a listing leaves out: items beyond the tenth, coupons that were
 * deleted, tiers in another currency, the rate of an inclusive automatic tax, and since when a
 * subscription is past due (metrics.md A.2–A.6).
 *
 * @module
 */
import { pricesOn } from "../metrics/invoice_lines.ts";
import type { Standing } from "../metrics/standing.ts";
import type { Price, Subscription } from "../metrics/types.ts";
import type { SourceStore } from "../store/port.ts";
import { list, object, optionalTime, shape, text } from "../stripe/shape.ts";
import { type FactsContext, isGap, tryRead } from "./gaps.ts";
import { readTax, type TaxRates } from "./inclusive_tax.ts";
import { eachOf } from "./each_of.ts";
import { listAll, type ListingContext } from "./listing.ts";
import { withItems } from "./long_lists.ts";

const seconds = (context: ListingContext) => Math.floor(context.clock.now() / 1000);

/** What a coupon that is not mirrored needs, from the discount on. */
const COUPON_PARTS = ["source.coupon.applies_to", "source.coupon.currency_options"];

/** A customer again, with what the coupon of its discount applies to. */
async function readCustomer(context: FactsContext, id: string): Promise<void> {
  const customer = await tryRead<Record<string, unknown>>(context, `/v1/customers/${id}`, {
    expand: COUPON_PARTS.map((part) => `discount.${part}`),
  });
  if (customer) keepCoupon(context, customer.discount);
}

/** The subscription again, with all its items and with what its coupons apply to. */
async function readWhole(context: FactsContext, sub: Subscription): Promise<void> {
  const found = await tryRead<Record<string, unknown>>(context, `/v1/subscriptions/${sub.id}`, {
    expand: [...COUPON_PARTS.map((part) => `discounts.${part}`), "items.data.discounts"],
  });
  if (!found) return;
  for (const { value } of list(shape(found), "discounts")) keepCoupon(context, value);
  const whole = await withItems(context, found, ["data.discounts.source.coupon"]);
  for (const { value: item } of list(object(shape(whole), "items"), "data")) {
    for (const { value } of list(shape(item), "discounts")) keepCoupon(context, value);
  }
  context.ledger.putListed(whole, seconds(context));
}

/** Mirrors a coupon that the listing of coupons no longer has, because it was deleted. */
function keepCoupon({ store, ledger }: FactsContext, discount: unknown): void {
  if (typeof discount !== "object" || discount === null) return;
  const coupon = object(shape(discount), "source").fields.coupon;
  if (typeof coupon !== "object" || coupon === null) return;
  if (!store.coupon(text(shape(coupon), "id"))) ledger.putCoupon(coupon);
}

function unmirroredCustomerCoupon(store: SourceStore, { customer }: Subscription): boolean {
  const couponId = store.customerDiscount(customer)?.couponId;
  return couponId != null && !store.coupon(couponId);
}

function unmirroredCoupon(store: SourceStore, sub: Subscription): boolean {
  const discounts = [...sub.discounts, ...sub.items.flatMap((item) => item.discounts)];
  return discounts.some(({ couponId }) => couponId === null || !store.coupon(couponId));
}

/** Prices whose tiers in a subscription's currency were not read yet: id → currencies. */
function missingTiers(store: SourceStore, standings: readonly Standing[]) {
  const missing = new Map<string, Set<string>>();
  for (const { sub } of standings) {
    for (const { price } of sub.items) {
      const mirrored = store.price(price.id);
      const needed = !mirrored || (mirrored.tiered && mirrored.currency !== sub.currency);
      if (!needed) continue;
      missing.set(price.id, (missing.get(price.id) ?? new Set()).add(sub.currency));
    }
  }
  return missing;
}

/** Whether what a price costs in a currency is not mirrored. */
function lacksFace(price: Price | undefined, currency: string): boolean {
  if (!price) return true;
  const face = price.currency === currency ? price : price.currencyOptions?.[currency];
  return !face || (price.tiered && face.tiers === null);
}

/**
 * Reads prices that invoices of the past name and the mirror lacks, wholly or in a currency. One
 * that Stripe no longer has stays unknown.
 */
export async function readOldPrices(
  context: FactsContext,
  subscriptions: Iterable<string>,
): Promise<void> {
  const { store } = context;
  const missing = new Map<string, Set<string>>();
  for (const id of subscriptions) {
    const currency = store.standing(id)?.sub.currency;
    if (currency === undefined) continue;
    const history = store.history(id);
    for (const price of history ? pricesOn(history) : []) {
      if (price === "" || !lacksFace(store.price(price), currency)) continue;
      missing.set(price, (missing.get(price) ?? new Set()).add(currency));
    }
  }
  await eachOf(missing, ([id, currencies]) => readPrice(context, id, currencies));
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
  // What is known in other currencies stays.
  if (found) context.ledger.putPrice(found);
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
        const at = optionalTime(object(invoice, "status_transitions"), "finalized_at");
        if (at !== null && (since === null || at < since)) since = at;
      }
    });
  } catch (error) {
    if (!isGap(error)) throw error;
  }
  if (since !== null) context.store.setPastDueSince(sub.id, since);
  return since !== null;
}

/** What only a second look at coupons or items can tell. */
async function completeParts(context: FactsContext, { sub, issues }: Standing): Promise<void> {
  const { store } = context;
  if (unmirroredCustomerCoupon(store, sub)) await readCustomer(context, sub.customer);
  const partial = unmirroredCoupon(store, sub) || issues.includes("items_truncated");
  if (partial) await readWhole(context, sub);
}

/** What invoices tell; returns whether anything became known. */
async function completeFromInvoices(
  context: FactsContext,
  rates: TaxRates,
  { sub, issues }: Standing,
): Promise<boolean> {
  const { options } = context.store.info;
  const tax = issues.includes("inclusive_tax_unknown") && await readTax(context, rates, sub);
  const late = sub.status === "past_due" && typeof options.pastDue === "object" &&
    context.store.pastDueSince(sub.id) === undefined;
  return (late && await readPastDueSince(context, sub)) || tax;
}

function lacksPrice({ issues }: Standing): boolean {
  return issues.includes("tiers_missing") || issues.includes("currency_option_missing");
}

/**
 * Reads what is missing for these subscriptions and values those again. What Stripe does not
 * give stays an issue of the subscription.
 */
export async function completeFacts(
  context: FactsContext,
  standings: Iterable<Standing>,
): Promise<void> {
  const { store, ledger } = context;
  // Each step may bring to light what the next one is for: items, then tiers, then tax.
  let current = [...standings];
  function revalue(changed: readonly Standing[]): void {
    if (changed.length === 0) return;
    ledger.revalue(
      seconds(context),
      changed.map(({ sub }) => store.standing(sub.id)?.sub ?? sub),
    );
    current = current.map((standing) => store.standing(standing.sub.id) ?? standing);
  }

  const partial = current.filter(({ sub, issues }) =>
    issues.includes("items_truncated") || unmirroredCoupon(store, sub) ||
    unmirroredCustomerCoupon(store, sub)
  );
  await eachOf(partial, (standing) => completeParts(context, standing));
  revalue(partial);

  const lacking = current.filter(lacksPrice);
  await eachOf(
    missingTiers(store, lacking),
    ([id, currencies]) => readPrice(context, id, currencies),
  );
  revalue(lacking);

  const rates: TaxRates = new Map();
  const changed: Standing[] = [];
  const open = current.filter(({ sub, issues }) =>
    sub.status === "past_due" || issues.includes("inclusive_tax_unknown")
  );
  await eachOf(open, async (standing) => {
    if (await completeFromInvoices(context, rates, standing)) changed.push(standing);
  });
  revalue(changed);
}
