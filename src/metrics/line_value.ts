/**
 * The value of invoice lines by the price mirror: exact, where the amounts on an invoice are
 * rounded and hold a share of a discount or tax (metrics.md B.6 step 2.3 and 2.4).
 *
 * @module
 */
import {
  discountsAt,
  type DiscountSpan,
  discountSpans,
  type DiscountsSeen,
} from "./discount_past.ts";
import type { Valuer, Worth } from "./history_item.ts";
import type { Held } from "./history_line.ts";
import type { InvoiceLine } from "./invoice_lines.ts";
import { type LineMrr, mrr, type MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { compare, rational, round, subtract, sum, ZERO } from "./rational.ts";
import { grossOf, unitsOf } from "./units.ts";
import type { Discount, Item, Price, Subscription } from "./types.ts";

/** A net amount below this may hold a tax that was rounded to nothing. Minor units. */
const TAXABLE_MIN = rational(100);

function distinct(discounts: readonly Discount[]): Discount[] {
  return [...new Map(discounts.map((one) => [one.id, one])).values()];
}

/** What renewals had, oldest first. A free one that names no discount says nothing. */
function seenOn(
  renewals: readonly InvoiceLine[],
  of: (line: InvoiceLine) => readonly Discount[],
): DiscountsSeen[] {
  const telling = renewals.filter((line) =>
    line.invoiceStatus !== "draft" && (line.amount.n > 0n || of(line).length > 0)
  );
  return [...Map.groupBy(telling, ({ period }) => period.from)]
    .sort(([a], [b]) => a - b)
    .map(([at, lines]) => ({ at, discounts: distinct(lines.flatMap(of)) }));
}

/** What invoices of changes in mid-cycle had: what they lack may just not be named. */
function seenBetween(
  lines: readonly InvoiceLine[],
  of: (line: InvoiceLine) => readonly Discount[],
): DiscountsSeen[] {
  return lines.filter(({ proration }) => proration).flatMap((line) => {
    const at = line.period.from;
    const discounts = of(line).filter(({ start }) => start > 0 && start <= at);
    return discounts.length === 0 ? [] : [{ at, discounts }];
  });
}

/** Whether what is known of the tax now was so then: both hold some, or both hold none. */
function sameTax(lines: Held, taxed: boolean): boolean {
  return lines.every((line) => {
    if (line.inclusiveTax.n > 0n) return taxed;
    const off = sum(line.discounts.map(({ amount }) => amount));
    const telling = !line.proration && compare(subtract(line.amount, off), TAXABLE_MIN) >= 0;
    return !telling || !taxed;
  });
}

/** Whether what the lines tell of tax bears out what the mirror makes of them. */
function fits(line: LineMrr, held: Held, options: MrrOptions): boolean {
  if (options.inclusiveTax === "ignore") return true;
  return sameTax(held, compare(line.amount, line.discounted) !== 0);
}

interface Spans {
  readonly shared: readonly DiscountSpan[];
  of(item: string): readonly DiscountSpan[];
  readonly all: readonly DiscountSpan[];
}

/** The past of the subscription's discounts and of those of its items. */
function spansOf(
  sub: Subscription,
  lines: readonly InvoiceLine[],
  at: number,
  facts: MrrFacts,
): Spans {
  const renewals = lines.filter(({ proration }) => !proration);
  const rules = {
    coupon: (one: Discount) => facts.coupon?.(one.couponId ?? "") ?? one.coupon ?? undefined,
  };
  function spans(of: (line: InvoiceLine) => readonly Discount[], live: readonly Discount[] | null) {
    const seen = seenOn(renewals, of);
    const known = live && !seen.some((each) => each.at >= at);
    // Of an ended one, what is missing may have been taken off as it ended.
    const telling = known && (sub.endedAt === null || live.length > 0);
    const between = seenBetween(lines, of);
    return discountSpans(seen, between, telling ? { at, discounts: live } : null, rules);
  }
  // The customer's own counts where the subscription has none, whatever invoices say of it.
  const shared = spans(
    (line) => line.sharedDiscounts.filter(({ id }) => id !== facts.customerDiscount?.id),
    sub.discounts,
  );
  const ids = new Set([...lines.map(({ item }) => item), ...sub.items.map(({ id }) => id)]);
  const items = new Map([...ids].flatMap((id) => {
    const own = spans(
      (line) => line.item === id ? line.itemDiscounts : [],
      sub.items.find((item) => item.id === id)?.discounts ?? null,
    );
    return own.length === 0 ? [] : [[id, own] as const];
  }));
  return {
    shared,
    of: (item) => items.get(item) ?? [],
    all: [...shared, ...[...items.values()].flat()],
  };
}

/** Moments at which a discount, or an item's trial offer, begins or ends. */
function turnsOf(
  { all }: Spans,
  { items }: Subscription,
  { customerDiscount }: MrrFacts,
): number[] {
  const times = all.flatMap(({ from, to, doubts }) => [
    from,
    to,
    ...doubts.flatMap((doubt) => [doubt.from, doubt.to]),
  ]);
  if (customerDiscount) times.push(customerDiscount.start, customerDiscount.end);
  for (const { trial } of items) if (trial) times.push(trial.start, trial.end);
  return times.filter((time) => time !== null);
}

/**
 * Values what ran as the subscription would be valued, had it just these items at that moment.
 * Where that is not known (price, coupon, tax) it gives `null`: the value then follows from the
 * amounts.
 *
 * @param sub The subscription as it was at `at`: its tax rates and discounts are taken.
 * @param lines All lines of the subscription before `at`.
 * @param at Unix seconds.
 */
export function lineValuer(
  sub: Subscription,
  lines: readonly InvoiceLine[],
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
): Valuer {
  const spans = spansOf(sub, lines, at, facts);
  const plain: Subscription = {
    ...sub,
    status: "active",
    cancelAt: null,
    cancelAtPeriodEnd: false,
    pause: null,
    itemsTruncated: false,
  };
  const factsThen: MrrFacts = { ...facts, pastDueSince: undefined };

  function priceOf(held: Held): Price | undefined {
    const { price: id } = held[0]!;
    if (held.some(({ price }) => price !== id)) return undefined;
    return facts.price?.(id) ?? sub.items.find(({ price }) => price.id === id)?.price;
  }

  function itemOf(held: Held, price: Price, quantity: bigint, moment: number): Item {
    const { item: id, period } = held[0]!;
    const own = sub.items.find((item) => item.id === id);
    return {
      id,
      price,
      quantity,
      currentPeriodStart: period.from,
      currentPeriodEnd: period.to,
      trial: own?.trial ?? null,
      discounts: discountsAt(spans.of(id), moment),
      taxRates: own?.taxRates ?? [],
    };
  }

  function takesAmount({ couponId, coupon }: Discount): boolean {
    return (facts.coupon?.(couponId ?? "") ?? coupon)?.amountOff != null;
  }

  /** The mirror's value of those whose price is known and fits; `null` for the rest. */
  function valued(running: readonly Held[], moment: number): readonly Worth[] {
    const shared = discountsAt(spans.shared, moment);
    const read = running.map((held) => {
      const price = priceOf(held);
      const own = sub.items.find(({ id }) => id === held[0]!.item);
      const likely = own ? own.quantity ?? 1n : null;
      const units = price ? unitsOf(price, sub.currency, held, likely) : null;
      return { held, units, priced: price !== undefined, price };
    });
    const items = read.map(({ held, price, units }) =>
      price && units !== null ? itemOf(held, price, units, moment) : null
    );
    const unknown = read.map(({ held, units, priced }): Worth => ({
      exact: null,
      quantity: units ?? held.reduce((total, { quantity }) => total + quantity, 0n),
      doubted: priced && units === null,
    }));
    const known = items.filter((item) => item !== null);
    // An amount off is spread over all items: the share of one is not known without the others.
    const { customerDiscount } = facts;
    const level = shared.length > 0 || !customerDiscount ? shared : [customerDiscount];
    const apart = known.length < items.length && level.some(takesAmount);
    if (apart || known.length === 0) return unknown;
    const value = mrr({ ...plain, items: known, discounts: shared }, moment, options, factsThen);
    if (value.kind === "unresolved" || value.issues.includes("inclusive_tax_unknown")) {
      return unknown;
    }
    return running.map((held, index) => {
      const item = items[index];
      if (!item) return unknown[index]!;
      const line = value.lines.find(({ itemId }) => itemId === item.id);
      if (line && !fits(line, held, options)) return unknown[index]!;
      return { exact: line ? line.amount : ZERO, quantity: item.quantity!, doubted: false };
    });
  }

  /** By the mirror, or, where the price is gone, by what the same price charged elsewhere. */
  function isFree(held: Held): boolean | null {
    const price = priceOf(held);
    if (!price) {
      const { price: id, quantity } = held[0]!;
      const charged = lines.some((line) =>
        line.price === id && line.quantity === quantity && line.amount.n > 0n
      );
      return charged ? false : null;
    }
    if (!price.recurring || price.recurring.metered) return true;
    const units = unitsOf(price, sub.currency, held);
    const gross = units === null ? null : grossOf(price, sub.currency, units);
    return gross && round(gross) === 0n;
  }

  const turns = turnsOf(spans, sub, facts);
  const timed = sub.items.some(({ trial }) => trial !== null);
  let last: { readonly key: string; readonly worth: readonly Worth[] } | null = null;

  return {
    turns,
    isFree,
    doubtful: (moment) =>
      spans.all.some(({ doubts }) => doubts.some(({ from, to }) => from <= moment && moment < to)),
    worth(running, moment) {
      // Most periods are as the one before: what ran and what was taken off say whether.
      const era = turns.filter((turn) => turn <= moment).length;
      const key =
        running.map((held) =>
          held.map(({ item, price, quantity, proration, amount, inclusiveTax }) =>
            `${item} ${price} ${quantity} ${proration} ${amount.n} ${inclusiveTax.n}`
          ).join()
        ).join(";") + `;${era}` + (timed ? `;${moment}` : "");
      if (last?.key !== key) last = { key, worth: valued(running, moment) };
      return last.worth;
    },
  };
}

/** The lines of invoices that tell of the time before `at`. */
export function toldBefore(lines: readonly InvoiceLine[], at: number): readonly InvoiceLine[] {
  return lines.filter(({ period }) => period.from < at);
}
