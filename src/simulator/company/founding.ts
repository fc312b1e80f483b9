/** The company's past: who came when, and how each lived until now. */
import { createDice, roll } from "../random.ts";
import { addMonths, HOUR } from "./calendar.ts";
import { COUPONS, type Currency, TAXES } from "./catalogue.ts";
import { castAll } from "./cases/cases.ts";
import { discountFrom } from "./changes.ts";
import { makeId } from "./ids.ts";
import { liveUntil, openSubscription, returnTime, secondTime } from "./life.ts";
import type { CustomerRecord, Sub } from "./state.ts";

export interface Founding {
  readonly seed: number;
  readonly customers: number;
  readonly months: number;
  /** Unix seconds. */
  readonly now: number;
  /** Half of the customers live the cases that are hard to rebuild. */
  readonly cases?: "all";
}

/** When the company's first customer could have come. */
export function foundedAt({ now, months }: Founding): number {
  return addMonths(now, -months);
}

/** Arrivals in each month: a wave at the launch, then growth with noise. They add up. */
function arrivalsByMonth({ seed, customers, months }: Founding): number[] {
  const dice = createDice(seed, 11);
  const weights = Array.from({ length: months }, (_, month) => {
    const growth = 0.45 + (month + 0.5) / months;
    return (month === 0 ? 2.2 : 1) * growth * (0.85 + 0.3 * roll(dice));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  let given = 0;
  return weights.map((weight) => {
    sum += weight;
    const upTo = Math.round(customers * sum / total);
    const count = upTo - given;
    given = upTo;
    return count;
  });
}

/** The times at which customers came, oldest first. */
export function arrivals(founding: Founding): number[] {
  const dice = createDice(founding.seed, 12);
  const start = foundedAt(founding);
  const times = arrivalsByMonth(founding).flatMap((count, month) => {
    const from = addMonths(start, month);
    const to = addMonths(start, month + 1);
    return Array.from({ length: count }, () => from + Math.floor(roll(dice) * (to - from)));
  });
  return times.sort((a, b) => a - b);
}

function currencyBy(chance: number): Currency {
  return chance < 0.7 ? "usd" : chance < 0.9 ? "eur" : "gbp";
}

/** A customer's record, by its own dice. */
export function makeCustomer(index: number, created: number, seed: number): CustomerRecord {
  const dice = createDice(seed, index, 55);
  const currency = currencyBy(roll(dice));
  const taxed = roll(dice) < 0.35;
  const discounted = roll(dice) < 0.01;
  return {
    index,
    id: makeId("cus", index, seed),
    created,
    currency,
    tax: taxed ? TAXES[currency] ?? null : null,
    discount: discounted ? discountFrom(COUPONS.nonprofit, created, created, index) : null,
    subscriptions: [],
  };
}

/** Founds the company: customers and their subscriptions, lived until `now`. */
export function found(founding: Founding): { customers: CustomerRecord[]; subs: Sub[] } {
  const { seed, now } = founding;
  const customers: CustomerRecord[] = [];
  const subs: Sub[] = [];
  const open = (customer: CustomerRecord, at: number, trial?: boolean): Sub => {
    const sub = openSubscription(customer, subs.length, at, seed, trial);
    liveUntil(sub, now);
    subs.push(sub);
    return sub;
  };
  const cast = founding.cases ? castAll(founding, Math.floor(founding.customers / 2)) : [];
  const plain = founding.customers - cast.length;
  for (const [index, created] of arrivals({ ...founding, customers: plain }).entries()) {
    const customer = makeCustomer(index, created, seed);
    customers.push(customer);
    const start = created + Math.floor(roll(createDice(seed, index, 56)) * HOUR);
    if (start > now) continue;
    const first = open(customer, start);
    const again = [returnTime(first), secondTime(first)];
    for (const at of again) if (at !== null && at <= now) open(customer, at, false);
  }
  for (const [place, { created, complete, play }] of cast.entries()) {
    const customer = complete(makeCustomer(plain + place, created, seed));
    customers.push(customer);
    subs.push(...play(customer, subs.length));
  }
  return { customers, subs };
}
