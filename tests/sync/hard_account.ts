/**
 * Small accounts written by hand, read as from Stripe, and what they make of MRR: every movement of
 * every month, exact. The present is 2026-11-24 12:00 UTC, events reach back to 2026-10-25 12:00.
 */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import { format } from "../../src/metrics/rational.ts";
import type { MrrOptions, PresetName } from "../../src/metrics/options.ts";
import {
  createSimulator,
  makeAccount,
  makeDiscount,
  makeItem,
  makePrice,
  makeSubscription,
  type ObjectLists,
} from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { follow, NOW } from "./harness.ts";
import { invoiceWith, type LineParts } from "./invoice_fixture.ts";
import { monthRow } from "./month_row.ts";

/** `2026-03-10` or `2026-03-10T12:30:00`, UTC, as Unix seconds. */
export function t(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`) / 1000;
}

export const P30 = makePrice({ id: "p30", unit_amount: 3000 });
export const P60 = makePrice({ id: "p60", unit_amount: 6000 });
const YEARLY = {
  interval: "year",
  interval_count: 1,
  meter: null,
  trial_period_days: null,
  usage_type: "licensed",
} as const;
/** 48,000 a year: 4,000 a month. */
export const Y48 = makePrice({ id: "y48", unit_amount: 48_000, recurring: YEARLY });
/** 36,000 a year: 3,000 a month. */
export const Y36 = makePrice({ id: "y36", unit_amount: 36_000, recurring: YEARLY });
export const PRICES: readonly Stripe.Price[] = [P30, P60, Y48, Y36];

/** The day of the month of `start`, so many months later; clipped to the month's end. */
export function later(start: string, months: number): string {
  const [day, time] = start.split("T");
  const moved = Temporal.PlainDate.from(day!).add({ months }).toString();
  return time === undefined ? moved : `${moved}T${time}`;
}

type Given = Parameters<typeof makeSubscription>[0];

/** An active subscription of one item `si_ID` since 10 March 2026, at 3,000 a month. */
export function sub(
  id: string,
  given: Partial<Given> & { readonly price?: Stripe.Price; readonly quantity?: number } = {},
): Stripe.Subscription {
  const { price = P30, quantity = 1, ...rest } = given;
  const created = rest.created ?? t("2026-03-10");
  const period = { current_period_start: t("2026-11-10"), current_period_end: t("2026-12-10") };
  return makeSubscription({
    id,
    customer: `cus_${id}`,
    created,
    lines: [makeItem({ id: `si_${id}`, price, quantity, created, ...period })],
    ...rest,
  });
}

/** An invoice of a subscription that was paid at once, at the start of its period. */
export function bill(
  id: string,
  from: string,
  to: string,
  parts: Partial<LineParts> = {},
  given: object = {},
): Stripe.Invoice {
  const amount = parts.amount ?? 3000;
  const line = {
    item: `si_${id}`,
    price: "p30",
    ...parts,
    amount,
    from: t(from),
    to: t(to),
  };
  return lines(id, from, [line], given);
}

let count = 0;

export function lines(
  id: string,
  at: string,
  parts: readonly LineParts[],
  given: object = {},
): Stripe.Invoice {
  return invoiceWith(id, `in_${id}_${count++}`, t(at), parts, {
    customer: `cus_${id}`,
    attempt_count: 1,
    attempted: true,
    billing_reason: "subscription_cycle",
    status_transitions: {
      finalized_at: t(at),
      paid_at: t(at),
      marked_uncollectible_at: null,
      voided_at: null,
    },
    ...given,
  });
}

/** Renewals from `start` to the month of `last`, each of one month. */
export function renewals(
  id: string,
  start: string,
  last: string,
  parts: Partial<LineParts> = {},
  given: object = {},
): Stripe.Invoice[] {
  const made: Stripe.Invoice[] = [];
  for (let month = 0; later(start, month) <= last; month++) {
    made.push(bill(id, later(start, month), later(start, month + 1), parts, given));
  }
  return made;
}

/** How a pause of collection closes an invoice: at once and without an attempt. */
export function pausedBy(status: "void" | "uncollectible", at: string) {
  const field = status === "void" ? "voided_at" : "marked_uncollectible_at";
  return {
    status,
    attempt_count: 0,
    attempted: false,
    status_transitions: { finalized_at: t(at), [field]: t(at) + 5 },
  };
}

export function pausedRenewals(
  id: string,
  start: string,
  last: string,
  status: "void" | "uncollectible" = "void",
): Stripe.Invoice[] {
  return renewals(id, start, last).map((invoice) => ({
    ...invoice,
    ...pausedBy(status, new Date(invoice.created * 1000).toISOString().slice(0, 19)),
  } as unknown as Stripe.Invoice));
}

export function discountOn(
  id: string,
  coupon: Stripe.Coupon,
  start: string,
  end: string | null = null,
  given: object = {},
): Stripe.Discount {
  return makeDiscount({
    id: `di_${id}_${coupon.id}`,
    coupon,
    customer: `cus_${id}`,
    subscription: id,
    start: t(start),
    end: end === null ? null : t(end),
    ...given,
  });
}

export interface Way {
  readonly preset?: PresetName;
  readonly options?: Partial<MrrOptions>;
  readonly timeZone?: string;
}

const KINDS = ["new", "reactivation", "expansion", "contraction", "churn"] as const;

/** `2026-03 new 3000 usd`, of each month that has any movement. */
export function movesOf(store: SourceStore, way: Way = {}): string[] {
  const grain = way.preset === "profitwell" ? "period" : "day";
  const moves: string[] = [];
  for (const currency of store.movements.currencies().toSorted()) {
    for (let month = 0; month < 23; month++) {
      const name = later("2025-01-01", month).slice(0, 7);
      const row = monthRow(store, name, currency, grain);
      for (const kind of KINDS) {
        if (row[kind] !== "0") moves.push(`${name} ${kind} ${row[kind]} ${currency}`);
      }
    }
  }
  return moves.sort();
}

export function mrrNow(store: SourceStore): string[] {
  return store.tally.currencies().toSorted()
    .map((each) => `${format(store.tally.total(each, "mrr"))} ${each}`)
    .filter((each) => !each.startsWith("0 "));
}

/** What a subscription was worth from when to when. */
export function spansOf(store: SourceStore, id: string): string[] {
  const at = (seconds: number | null) =>
    seconds === null ? "open" : new Date(seconds * 1000).toISOString().slice(0, 16);
  return store.segments(id).map(({ from, to, exact, quality }) =>
    `${at(from)} ${at(to)} ${format(exact)} ${quality}`
  );
}

/** An account that has been read with its past. */
export async function read(objects: ObjectLists, way: Way = {}) {
  const { preset = "stripe", options, timeZone = "UTC" } = way;
  const simulator = createSimulator({
    objects: { prices: PRICES, ...objects },
    account: makeAccount({ timezone: timeZone }),
  });
  const followed = follow({
    simulator,
    preset,
    start: NOW,
    info: { timeZone },
    ...(options ? { options } : {}),
  });
  await followed.until(() => followed.store.status.historyDone, 3600);
  return followed;
}

/** The movements and the MRR of an account under a way of counting. */
export async function holds(
  objects: ObjectLists,
  way: Way,
  moves: readonly string[],
  mrr: readonly string[],
): Promise<void> {
  await using followed = await read(objects, way);
  const { store } = followed;
  const segments = [...store.standings()].flatMap(({ sub: { id } }) =>
    spansOf(store, id).map((span) => `${id} ${span}`)
  );
  const named = JSON.stringify(way);
  assert.deepEqual(
    { moves: movesOf(store, way), mrr: mrrNow(store) },
    { moves: [...moves].sort(), mrr },
    `${named}\n${segments.join("\n")}`,
  );
}
