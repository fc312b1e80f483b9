/**
 * The renewals to come: invoices that subscriptions will make, at today's items and discounts
 * (metrics.md C.11, cash forecast). Trials, what is paused and metered items are not in it: what
 * they will come to is not known.
 *
 * @module
 */
import { grossAmount, type Issue, Unresolved } from "./amount.ts";
import { cancellationAt } from "./known_changes.ts";
import { applyToInvoice, applyToItem, type DiscountContext, reductionsOf } from "./discounts.ts";
import { type Span, spanOf } from "./interval.ts";
import type { MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { type Rational, sum } from "./rational.ts";
import type { Discount, Item, Subscription } from "./types.ts";

/** An invoice to come; `amount` in minor units, inclusive tax in it and exclusive tax not. */
export interface Renewal {
  /** Unix seconds. */
  readonly at: number;
  readonly amount: Rational;
}

/** Invoices are laid out this far, in days. */
export const RENEWAL_DAYS = 90;
const DAY_SECONDS = 86_400;
/** A subscription of days has no more of them. */
const RENEWALS_MAX = 100;

interface Due {
  readonly item: Item;
  readonly span: Span;
}

/** The day of the month on which it renews: 31 stays so through a shorter month. */
function anchorDay(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): number {
  const cut = end.day === end.daysInMonth && start.day > end.day;
  return cut ? start.day : end.day;
}

/** The moments from the end of the current period on, by the calendar, in UTC as Stripe counts. */
function* periodEnds(item: Item, { base, length }: Span): Generator<number> {
  const { currentPeriodStart, currentPeriodEnd } = item;
  if (base === "day") {
    for (let at = currentPeriodEnd;; at += length * DAY_SECONDS) yield at;
  }
  const [start, end] = [currentPeriodStart, currentPeriodEnd].map((seconds) =>
    Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO("UTC")
  );
  const day = anchorDay(start!, end!);
  const first = end!.with({ day: 1 });
  for (let months = 0;; months += length) {
    yield first.add({ months }).with({ day }).epochMilliseconds / 1000;
  }
}

/** Items that renew, by the moments before `until` at which they do. */
function dueBy(
  sub: Subscription,
  facts: MrrFacts,
  now: number,
  until: number,
): Map<number, Due[]> {
  const moments = new Map<number, Due[]>();
  for (const each of sub.items) {
    const item = { ...each, price: facts.price?.(each.price.id) ?? each.price };
    const { recurring } = item.price;
    const span = recurring && !recurring.metered
      ? spanOf(recurring.interval, recurring.count)
      : null;
    if (!span) continue;
    let count = 0;
    for (const at of periodEnds(item, span)) {
      if (at >= until || ++count > RENEWALS_MAX) break;
      if (at < now) continue;
      const due = moments.get(at);
      if (due) due.push({ item, span });
      else moments.set(at, [{ item, span }]);
    }
  }
  return moments;
}

/** Without the discounts of one invoice, which the first one takes. */
function lasting(discounts: readonly Discount[], facts: MrrFacts): readonly Discount[] {
  return discounts.filter(({ couponId, coupon }) =>
    ((couponId === null ? undefined : facts.coupon?.(couponId)) ?? coupon)?.duration !== "once"
  );
}

/** What the items due at a moment come to, after discounts. @throws {Unresolved} */
function invoiceAmount(
  sub: Subscription,
  due: readonly Due[],
  at: number,
  first: boolean,
  options: MrrOptions,
  facts: MrrFacts,
): Rational {
  const context: DiscountContext = {
    at,
    currency: sub.currency,
    // An invoice takes off what is attached, whatever counts in MRR.
    options: { ...options, subtractRepeating: true, subtractOnce: true },
    coupon: (id) => facts.coupon?.(id),
    report: (_issue: Issue) => {},
  };
  const attached = (discounts: readonly Discount[]) =>
    reductionsOf(first ? discounts : lasting(discounts, facts), context);
  const lines = due.map(({ item, span }) => {
    const line = { product: item.price.product, span, left: grossAmount(item, sub.currency) };
    return { ...line, left: applyToItem(line, attached(item.discounts)) };
  });
  const shared = sub.discounts.length > 0
    ? sub.discounts
    : facts.customerDiscount
    ? [facts.customerDiscount]
    : [];
  return sum(applyToInvoice(lines, attached(shared)));
}

const NONE: readonly Renewal[] = [];
const RENEWING: ReadonlySet<string> = new Set(["active", "past_due"]);

/**
 * The renewals of a subscription in [now, until), in order. None for one whose value cannot be
 * known; nothing at or after its cancellation.
 *
 * @param now Unix seconds.
 * @param until Unix seconds.
 */
export function renewalsOf(
  sub: Subscription,
  now: number,
  until: number,
  options: MrrOptions,
  facts: MrrFacts,
): readonly Renewal[] {
  if (!RENEWING.has(sub.status) || sub.itemsTruncated) return NONE;
  if (sub.testClock && options.testClocks === "exclude") return NONE;
  const end = Math.min(until, cancellationAt(sub) ?? Infinity);
  const resumes = sub.pause ? sub.pause.resumesAt ?? Infinity : -Infinity;
  const found: Renewal[] = [];
  try {
    const moments = [...dueBy(sub, facts, now, end)].sort(([a], [b]) => a - b);
    for (const [at, due] of moments) {
      if (at < resumes) continue;
      const amount = invoiceAmount(sub, due, at, found.length === 0, options, facts);
      if (amount.n > 0n || found.length === 0) found.push({ at, amount });
    }
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    return NONE;
  }
  const paid = found.filter(({ amount }) => amount.n > 0n);
  return paid.length === 0 ? NONE : paid.slice();
}
