/**
 * Running sums over all standings: a change costs the same whatever the number of
 * subscriptions. Everything is summed exactly (metrics.md A.8).
 *
 * @module
 */
import { createDistinctCustomers, type Group } from "./distinct.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import { type Rational, ZERO } from "./rational.ts";
import type { Standing } from "./standing.ts";

/** The sums kept for each currency. */
export const FIGURES = [
  "mrr",
  "pastDueMrr",
  "scheduledToCancelMrr",
  "trialingMrr",
  "pausedMrr",
  "excludedMrr",
] as const;
export type FigureName = typeof FIGURES[number];

/** Minor units of its currency that a standing adds to each figure. */
export function shareIn(figure: FigureName, standing: Standing): Rational {
  switch (figure) {
    case "mrr":
      return standing.mrr ?? ZERO;
    case "pastDueMrr":
      return standing.sub.status === "past_due" ? standing.mrr ?? ZERO : ZERO;
    case "scheduledToCancelMrr":
      return standing.scheduledToCancel;
    case "trialingMrr":
      return standing.trialing;
    case "pausedMrr":
      return standing.paused;
    case "excludedMrr":
      return standing.excluded;
  }
}

/** `customers` are those with MRR above 0. */
interface CurrencyTally extends Group {
  readonly sums: Readonly<Record<FigureName, ExactSum>>;
  /** Subscriptions that add to each figure. */
  readonly counts: Record<FigureName, number>;
  subscriptions: number;
}

/** `customers` are those that a line of the plan adds something for. */
interface PlanTally extends Group {
  readonly price: string;
  readonly product: string;
  readonly currency: string;
  readonly sum: ExactSum;
}

export interface PlanTotal {
  readonly price: string;
  readonly product: string;
  readonly currency: string;
  readonly mrr: Rational;
  readonly customers: number;
}

export interface Tally {
  add(standing: Standing): void;
  remove(standing: Standing): void;
  /** Every currency that any subscription has, in order of the alphabet. */
  currencies(): string[];
  total(currency: string, figure: FigureName): Rational;
  /** Subscriptions that add something to the figure. */
  count(currency: string, figure: FigureName): number;
  /** Customers with MRR above 0 in the currency. */
  payingIn(currency: string): number;
  /** Customers with MRR above 0, each once. */
  active(): number;
  /** Customers with a subscription of any status. */
  customers(): number;
  /** Subscriptions by status. */
  byStatus(): ReadonlyMap<string, number>;
  plans(): PlanTotal[];
}

export function createTally(): Tally {
  const currencies = new Map<string, CurrencyTally>();
  const plans = new Map<string, PlanTally>();
  const paying: Group = { customers: 0 };
  const everyone = createDistinctCustomers(groupsOf);
  const statuses = new Map<string, number>();

  function currencyTally(currency: string): CurrencyTally {
    let tally = currencies.get(currency);
    if (!tally) {
      const sums = Object.fromEntries(FIGURES.map((figure) => [figure, createExactSum()]));
      const counts = Object.fromEntries(FIGURES.map((figure) => [figure, 0]));
      tally = {
        sums: sums as Record<FigureName, ExactSum>,
        counts: counts as Record<FigureName, number>,
        customers: 0,
        subscriptions: 0,
      };
      currencies.set(currency, tally);
    }
    return tally;
  }

  function planTally(price: string, product: string, currency: string): PlanTally {
    const key = `${price} ${currency}`;
    let tally = plans.get(key);
    if (!tally) {
      tally = { price, product, currency, sum: createExactSum(), customers: 0 };
      plans.set(key, tally);
    }
    return tally;
  }

  function groupsOf({ sub, mrr, lines }: Standing): Group[] {
    const groups: Group[] = mrr !== null && mrr.n > 0n ? [paying, currencyTally(sub.currency)] : [];
    for (const { price, product, exact } of lines) {
      if (exact.n === 0n) continue;
      const plan = planTally(price, product, sub.currency);
      if (!groups.includes(plan)) groups.push(plan);
    }
    return groups;
  }

  function changePlans({ sub, lines }: Standing, by: 1 | -1): void {
    for (const { price, product, exact } of lines) {
      if (exact.n === 0n) continue;
      const { sum } = planTally(price, product, sub.currency);
      if (by === 1) sum.add(exact);
      else sum.subtract(exact);
    }
  }

  function changeStatus(status: string, by: 1 | -1): void {
    const count = (statuses.get(status) ?? 0) + by;
    if (count === 0) statuses.delete(status);
    else statuses.set(status, count);
  }

  function change(standing: Standing, by: 1 | -1): void {
    const { sub } = standing;
    const tally = currencyTally(sub.currency);
    tally.subscriptions += by;
    for (const figure of FIGURES) {
      const share = shareIn(figure, standing);
      if (share.n === 0n) continue;
      tally.counts[figure] += by;
      if (by === 1) tally.sums[figure].add(share);
      else tally.sums[figure].subtract(share);
    }
    changeStatus(sub.status, by);
    changePlans(standing, by);
    if (by === 1) everyone.add(standing);
    else everyone.remove(standing);
  }

  return {
    add: (standing) => change(standing, 1),
    remove: (standing) => change(standing, -1),
    currencies: () =>
      [...currencies].filter(([, { subscriptions }]) => subscriptions > 0)
        .map(([currency]) => currency).sort(),
    total: (currency, figure) => currencies.get(currency)?.sums[figure].total() ?? ZERO,
    count: (currency, figure) => currencies.get(currency)?.counts[figure] ?? 0,
    payingIn: (currency) => currencies.get(currency)?.customers ?? 0,
    active: () => paying.customers,
    customers: everyone.size,
    byStatus: () => statuses,
    plans: () =>
      [...plans.values()].filter((plan) => plan.customers > 0).map((plan) => ({
        price: plan.price,
        product: plan.product,
        currency: plan.currency,
        mrr: plan.sum.total(),
        customers: plan.customers,
      })),
  };
}
