/**
 * Running sums over all standings: a change costs the same whatever the number of
 * subscriptions. Everything is summed exactly (metrics.md A.8).
 *
 * @module
 */
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

/** How many of something each key has; keys at 0 are gone. */
function createCounter() {
  const counts = new Map<string, number>();
  return {
    counts,
    change(key: string, by: number): void {
      const next = (counts.get(key) ?? 0) + by;
      if (next === 0) counts.delete(key);
      else counts.set(key, next);
    },
  };
}

type Counter = ReturnType<typeof createCounter>;

interface CurrencyTally {
  readonly sums: Readonly<Record<FigureName, ExactSum>>;
  /** Subscriptions that add to each figure. */
  readonly counts: Record<FigureName, number>;
  readonly paying: Counter;
  subscriptions: number;
}

interface PlanTally {
  readonly price: string;
  readonly product: string;
  readonly currency: string;
  readonly sum: ExactSum;
  readonly paying: Counter;
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
  const paying = createCounter();
  const everyone = createCounter();
  const statuses = createCounter();

  function currencyTally(currency: string): CurrencyTally {
    let tally = currencies.get(currency);
    if (!tally) {
      const sums = Object.fromEntries(FIGURES.map((figure) => [figure, createExactSum()]));
      const counts = Object.fromEntries(FIGURES.map((figure) => [figure, 0]));
      tally = {
        sums: sums as Record<FigureName, ExactSum>,
        counts: counts as Record<FigureName, number>,
        paying: createCounter(),
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
      tally = { price, product, currency, sum: createExactSum(), paying: createCounter() };
      plans.set(key, tally);
    }
    return tally;
  }

  function changePlans({ sub, lines }: Standing, by: 1 | -1): void {
    const seen = new Set<PlanTally>();
    for (const line of lines) {
      if (line.exact.n === 0n) continue;
      const plan = planTally(line.price, line.product, sub.currency);
      if (by === 1) plan.sum.add(line.exact);
      else plan.sum.subtract(line.exact);
      if (!seen.has(plan)) plan.paying.change(sub.customer, by);
      seen.add(plan);
    }
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
    statuses.change(sub.status, by);
    everyone.change(sub.customer, by);
    if (standing.mrr !== null && standing.mrr.n > 0n) {
      tally.paying.change(sub.customer, by);
      paying.change(sub.customer, by);
    }
    changePlans(standing, by);
  }

  return {
    add: (standing) => change(standing, 1),
    remove: (standing) => change(standing, -1),
    currencies: () =>
      [...currencies].filter(([, { subscriptions }]) => subscriptions > 0)
        .map(([currency]) => currency).sort(),
    total: (currency, figure) => currencies.get(currency)?.sums[figure].total() ?? ZERO,
    count: (currency, figure) => currencies.get(currency)?.counts[figure] ?? 0,
    payingIn: (currency) => currencies.get(currency)?.paying.counts.size ?? 0,
    active: () => paying.counts.size,
    customers: () => everyone.counts.size,
    byStatus: () => statuses.counts,
    plans: () =>
      [...plans.values()].filter((plan) => plan.paying.counts.size > 0).map((plan) => ({
        price: plan.price,
        product: plan.product,
        currency: plan.currency,
        mrr: plan.sum.total(),
        customers: plan.paying.counts.size,
      })),
  };
}
