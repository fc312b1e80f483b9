/** The lines of an invoice in whole minor units, as Stripe rounds them. */
import { grossOf, isHeld } from "./worth.ts";
import * as exact from "./fraction.ts";
import type { Period } from "./calendar.ts";
import { type InvoiceRef, latestInvoiceId } from "./invoices.ts";
import { type DiscountState, type ItemState, periodOf } from "./state.ts";
import { partsOf } from "./tier_lines.ts";

export interface LineDiscount {
  readonly discount: DiscountState;
  readonly onItem: boolean;
  /** Minor units. */
  readonly amount: number;
}

export interface LineAmount {
  readonly item: ItemState;
  readonly description: string;
  readonly quantity: number;
  /** Minor units before discounts; a credit is negative. */
  readonly amount: number;
  /** Minor units after discounts, tax included. */
  net: number;
  /** The inclusive tax within `net`. */
  tax: number;
  readonly unit: string | null;
  readonly period: Period;
  readonly proration: boolean;
  /** Whether it waited for this invoice, as an invoice item. */
  readonly pending?: boolean;
  readonly credits: { readonly id: string } | null;
  readonly discounts: LineDiscount[];
}

type Draft = Omit<LineAmount, "net" | "tax" | "discounts">;

function fullLines(ref: InvoiceRef): Draft[] {
  const { sub, state, created } = ref;
  const { currency } = sub.customer;
  const period = periodOf(state, created);
  return state.items.flatMap((item) =>
    partsOf(item.price, item.quantity, currency, sub.traits?.flatLine).map((part) => ({
      item,
      description: `${part.quantity} × ${item.price.product.name}`,
      quantity: part.quantity,
      // A trial is invoiced at nothing.
      amount: state.status === "trialing" ? 0 : part.amount,
      unit: part.unit,
      period,
      proration: false,
      credits: null,
    }))
  );
}

/** What a change in mid-cycle costs: the unused rest is credited, the new rest is charged. */
function prorationLines(ref: InvoiceRef): Draft[] {
  const { sub, state, before, created } = ref;
  const { currency } = sub.customer;
  const cycle = periodOf(state, created);
  const rest: Period = { start: created, end: cycle.end };
  const share = exact.fraction(BigInt(rest.end - rest.start), BigInt(cycle.end - cycle.start));
  const line = (item: ItemState, sign: 1 | -1): Draft => {
    const gross = exact.multiply(grossOf(item.price, item.quantity, currency), share);
    const words = sign < 0 ? "Unused time on" : "Remaining time on";
    return {
      item,
      description: `${words} ${item.quantity} × ${item.price.product.name}`,
      quantity: item.quantity,
      amount: sign * exact.round(gross),
      unit: null,
      period: rest,
      proration: true,
      credits: sign < 0 ? creditedBy(ref) : null,
    };
  };
  const changed = (item: ItemState, others: readonly ItemState[]) =>
    !others.some((each) => each.price === item.price && each.quantity === item.quantity);
  const isSame = !before!.items.some((item) => changed(item, state.items)) &&
    state.items.length === before!.items.length;
  if (isSame) {
    return [
      ...before!.items.map((item) => line(item, -1)),
      ...state.items.map((it) => line(it, 1)),
    ];
  }
  return [
    ...before!.items.filter((item) => changed(item, state.items)).map((item) => line(item, -1)),
    ...state.items.filter((item) => changed(item, before!.items)).map((item) => line(item, 1)),
  ];
}

/** The invoice whose lines a change gives back. */
function creditedBy({ sub, before, created }: InvoiceRef): { readonly id: string } | null {
  const id = latestInvoiceId(sub, before!, Math.max(before!.at, created - 1));
  return id === null ? null : { id };
}

/** A trial given in mid-cycle: the unused rest goes back, where that was agreed; then nothing. */
function trialLines(ref: InvoiceRef): Draft[] {
  const { sub, before, created } = ref;
  const trial = fullLines(ref).map((line) => ({
    ...line,
    // An extension has a line of its own, from then on.
    period: { start: created, end: line.period.end },
  }));
  if (!sub.traits?.credits || before!.status === "trialing") return trial;
  const cycle = periodOf(before!, created);
  const share = exact.fraction(BigInt(cycle.end - created), BigInt(cycle.end - cycle.start));
  const rest = before!.items.map((item): Draft => ({
    item,
    description: `Unused time on ${item.quantity} × ${item.price.product.name}`,
    quantity: item.quantity,
    amount: -exact.round(
      exact.multiply(grossOf(item.price, item.quantity, sub.customer.currency), share),
    ),
    unit: null,
    period: { start: created, end: cycle.end },
    proration: true,
    credits: creditedBy(ref),
  }));
  return [...rest, ...trial];
}

/** Prorations of the cycle before that waited for the renewal. */
function pendingLines({ sub, state, created, reason }: InvoiceRef): Draft[] {
  if (reason !== "subscription_cycle" || !sub.traits) return [];
  const { start } = periodOf(state, created - 1);
  return sub.states.flatMap((each, index) => {
    if (each.cause !== "changed_pending" || each.at < start || each.at >= created) return [];
    const before = sub.states[index - 1]!;
    const ref = { id: "", created: each.at, sub, state: each, before, reason };
    return prorationLines(ref).map((line) => ({ ...line, pending: true }));
  });
}

/** The lines of an invoice before discounts and tax. */
function draftsOf(ref: InvoiceRef): Draft[] {
  const { before, state, created, reason } = ref;
  if (!before) return [...pendingLines(ref), ...fullLines(ref)];
  if (state.status === "trialing") return trialLines(ref);
  if (reason !== "subscription_cycle") return prorationLines(ref);
  // A change at the very second of a renewal: its prorations are of no length.
  const nothing = prorationLines(ref).map((line) => ({
    ...line,
    amount: 0,
    period: { start: created, end: created },
  }));
  return [...nothing, ...fullLines(ref)];
}

/** Takes a discount off lines in proportion; the last line takes what rounding left. */
function takeOff(lines: LineAmount[], discount: DiscountState, onItem: boolean, currency: string) {
  const { percent, amount, appliesTo } = discount.coupon;
  const eligible = lines.filter(({ item, net }) =>
    net > 0 && (!appliesTo || item.price.product === appliesTo)
  );
  const sum = eligible.reduce((total, { net }) => total + net, 0);
  if (percent === undefined && sum === 0) return;
  let left = Math.min(sum, Number(amount?.[currency as "usd"] ?? 0));
  const off = left;
  eligible.forEach((line, index) => {
    const taken = percent !== undefined
      ? Math.round(line.net * percent / 100)
      : index === eligible.length - 1
      ? left
      : Math.round(off * line.net / sum);
    left -= taken;
    line.net -= taken;
    line.discounts.push({ discount, onItem, amount: taken });
  });
}

/** The discounts of the whole invoice: the subscription's, else the customer's. */
export function sharedDiscounts({ sub, state, created }: InvoiceRef): readonly DiscountState[] {
  const { discount } = sub.customer;
  if (state.discounts.length > 0) return state.discounts;
  return discount && isHeld(discount, created) ? [discount] : [];
}

/** The lines of an invoice. */
export function linesOf(ref: InvoiceRef): LineAmount[] {
  const { sub, state, created } = ref;
  const { currency, tax } = sub.customer;
  const lines = draftsOf(ref).map((draft): LineAmount => ({
    ...draft,
    net: draft.amount,
    tax: 0,
    discounts: [],
  }));
  const inForce = ({ start, end }: DiscountState) =>
    start <= created && (end === null || created < end);
  for (const item of state.items) {
    const own = lines.filter((line) => line.item === item);
    for (const each of item.discounts.filter(inForce)) takeOff(own, each, true, currency);
  }
  for (const each of sharedDiscounts(ref).filter(inForce)) takeOff(lines, each, false, currency);
  if (tax) {
    for (const line of lines) {
      line.tax = line.net - Math.round(line.net * 100 / (100 + tax.percentage));
    }
  }
  return lines;
}
