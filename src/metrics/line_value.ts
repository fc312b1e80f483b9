/**
 * The value of invoice lines by the price mirror: exact, where the amounts on an invoice are
 * rounded and hold a share of a discount or tax (metrics.md B.6 step 2.3 and 2.4).
 *
 * @module
 */
import { mrr, type MrrFacts } from "./mrr.ts";
import type { InvoiceLine } from "./invoice_lines.ts";
import type { HistoryLine, ValueOfLines } from "./history_item.ts";
import type { MrrOptions } from "./options.ts";
import { compare, negate, type Rational, rational, subtract, sum, ZERO } from "./rational.ts";
import type { Discount, Item, Subscription } from "./types.ts";

interface Discounts {
  readonly item: readonly Discount[];
  readonly shared: readonly Discount[];
}

/** A net amount below this may hold a tax that was rounded to nothing. Minor units. */
const TAXABLE_MIN = rational(100);

function distinct(discounts: readonly Discount[]): Discount[] {
  return [...new Map(discounts.map((one) => [one.id, one])).values()];
}

function inForce({ start, end }: Discount, at: number): boolean {
  return start <= at && (end === null || at < end);
}

/** On an invoice they were applied, whatever second they began in. */
function applied(discounts: readonly Discount[]): Discount[] {
  return distinct(discounts).map((one) => ({ ...one, start: 0, end: null }));
}

/** Discounts of lines of which some began at the same time, e.g. those of one renewal. */
function discountsOf(lines: readonly InvoiceLine[], item: string): Discounts {
  return {
    item: distinct(
      lines.filter((line) => line.item === item).flatMap((line) => line.itemDiscounts),
    ),
    shared: distinct(lines.flatMap((line) => line.sharedDiscounts)),
  };
}

/** The discounts of the object as it is now. */
function liveDiscounts(sub: Subscription, item: string, facts: MrrFacts): Discounts {
  const own = sub.items.find(({ id }) => id === item)?.discounts ?? [];
  const customer = facts.customerDiscount ? [facts.customerDiscount] : [];
  return { item: own, shared: sub.discounts.length > 0 ? sub.discounts : customer };
}

/** The discount of a change in mid-cycle: those of the renewals before and after it, in force. */
function neighbouring(
  sub: Subscription,
  renewals: readonly InvoiceLine[],
  item: string,
  at: number,
  facts: MrrFacts,
): Discounts {
  const starts = renewals.map(({ period }) => period.from);
  const startedAt = (from: number) => renewals.filter(({ period }) => period.from === from);
  const before = Math.max(...starts.filter((from) => from <= at));
  const after = Math.min(...starts.filter((from) => from > at));
  const known = discountsOf(startedAt(before), item);
  const next = after === Infinity
    ? liveDiscounts(sub, item, facts)
    : discountsOf(startedAt(after), item);
  const force = (discounts: readonly Discount[]) =>
    distinct(discounts).filter((one) => inForce(one, at));
  return {
    item: force([...known.item, ...next.item]),
    shared: force([...known.shared, ...next.shared]),
  };
}

function takesAmount(discount: Discount, facts: MrrFacts): boolean {
  const coupon = facts.coupon?.(discount.couponId ?? "") ?? discount.coupon;
  return coupon?.amountOff != null;
}

/** Items that ran at a moment, by the lines that cover it. */
function itemsAt(lines: readonly InvoiceLine[], at: number): number {
  const covering = lines.filter(({ period, credit }) =>
    !credit && period.from <= at && at < period.to
  );
  return new Set(covering.map(({ item }) => item)).size;
}

/** Whether tiers by the mirror and the lines that charged them agree, to a unit a line. */
function agree(gross: Rational, lines: readonly HistoryLine[]): boolean {
  const charged = sum(lines.map(({ amount }) => amount));
  const difference = subtract(gross, charged);
  const size = difference.n < 0n ? negate(difference) : difference;
  return compare(size, rational(lines.length)) <= 0;
}

/** Whether what is known of the tax now was so then: both hold some, or both hold none. */
function sameTax(line: HistoryLine, taxed: boolean): boolean {
  if (line.inclusiveTax.n > 0n) return taxed;
  const off = sum(line.discounts.map(({ amount }) => amount));
  const telling = !line.proration && compare(subtract(line.amount, off), TAXABLE_MIN) >= 0;
  return !telling || !taxed;
}

/**
 * Values lines as the subscription would be valued, had it just this item. Where that is not
 * known (price, coupon, tax; an amount off that several items share) it gives `null`: the value
 * then follows from the amounts.
 *
 * @param sub The subscription as it is now: its tax rates are taken.
 * @param lines All lines of the subscription.
 */
export function lineValuer(
  sub: Subscription,
  lines: readonly InvoiceLine[],
  options: MrrOptions,
  facts: MrrFacts,
): ValueOfLines {
  const renewals = lines.filter(({ proration }) => !proration);
  const plain: Subscription = {
    ...sub,
    status: "active",
    cancelAt: null,
    cancelAtPeriodEnd: false,
    pause: null,
    itemsTruncated: false,
  };

  function discountsFor(held: readonly InvoiceLine[]): Discounts {
    const { item, period, proration } = held[0]!;
    const known = !proration || held.some(({ discounts }) => discounts.length > 0);
    const found = known
      ? discountsOf(held, item)
      : neighbouring(sub, renewals, item, period.from, facts);
    return { item: applied(found.item), shared: applied(found.shared) };
  }

  return (given) => {
    const held = given as readonly InvoiceLine[];
    const { item: id, price: priceId, period } = held[0]!;
    const own = sub.items.find((item) => item.id === id);
    const price = facts.price?.(priceId) ??
      sub.items.find((item) => item.price.id === priceId)?.price;
    if (!price || held.some((line) => line.price !== priceId)) return null;
    const discounts = discountsFor(held);
    const spread = discounts.shared.some((one) => takesAmount(one, facts));
    if (spread && itemsAt(lines, period.from) > 1) return null;
    const item: Item = {
      id,
      price,
      quantity: held.reduce((total, { quantity }) => total + quantity, 0n),
      currentPeriodStart: period.from,
      currentPeriodEnd: period.to,
      trial: own?.trial ?? null,
      discounts: discounts.item,
      taxRates: own?.taxRates ?? [],
    };
    const value = mrr(
      { ...plain, items: [item], discounts: discounts.shared },
      period.from,
      options,
      {
        ...facts,
        customerDiscount: null,
        pastDueSince: undefined,
      },
    );
    if (value.kind === "unresolved" || value.issues.includes("inclusive_tax_unknown")) return null;
    const [line] = value.lines;
    if (!line) return ZERO;
    if (held.length > 1 && (held[0]!.proration || !agree(line.gross, held))) return null;
    const taxed = compare(line.amount, line.discounted) !== 0;
    const checked = options.inclusiveTax === "ignore" || held.every((one) => sameTax(one, taxed));
    return checked ? line.amount : null;
  };
}
