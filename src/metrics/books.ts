/**
 * What can be asked of movements: of those in native currencies, and of everything converted to
 * one (metrics.md B.1 to B.5).
 *
 * @module
 */
import type { DayParts, Level } from "./day_table.ts";
import type { Grain, Movement, MovementKind, MovementTotals } from "./movements.ts";
import type { Rational } from "./rational.ts";
import type { Step, Stretch } from "./steps.ts";

/** One customer's MRR in one currency over time. */
export interface CustomerHistory {
  readonly customer: string;
  readonly currency: string;
  readonly steps: readonly Step[];
}

export type CountName = "start" | "new" | "reactivation" | "churn" | "end";

/** How many customers came and went, each once whatever its currencies. */
export type CustomerCounts = Readonly<Record<CountName | "paused", number>>;

/**
 * Distinct customers of a window, each once whatever its currencies and however often it came and
 * went (metrics.md C.3).
 */
export interface DistinctCounts {
  /** With MRR above 0 at the close of the day before. */
  readonly start: number;
  /** Who had MRR for the first time. */
  readonly new: number;
  /** Who came back. */
  readonly returned: number;
  /** Who left, whether or not they came back after. */
  readonly lost: number;
  /** Those among `lost` who were not there at the start and are not new: they came back and left. */
  readonly lostOnReturn: number;
}

/** Whether customers who paused count as gone (metrics.md B.1). */
export type Paused = "gone" | "staying";

/** A customer and what it brings in a month, in minor units. */
export interface CustomerMrr {
  readonly customer: string;
  readonly mrr: Rational;
}

/** What pages ask of movements, whether of native currencies or of everything converted. */
export interface Movements {
  /** First day with a movement in any currency, or `null`. */
  firstDay(): number | null;
  /** MRR and paying customers of a currency at the close of a day. */
  levelAt(currency: string, day: number): Level;
  /**
   * Sums over the days [fromDay, toDay), in minor units of the currency. Grain `day` costs the
   * same whatever the number of customers; the others pass over all of them.
   *
   * @throws {MovementIdentityError} when start and parts do not lead to end.
   */
  period(currency: string, fromDay: number, toDay: number, grain?: Grain): MovementTotals;
  /** The same in customers alone, over all currencies: moving between two is no movement. */
  customers(fromDay: number, toDay: number): CustomerCounts;
  /**
   * The customers who came and went within the days [fromDay, toDay), each once. Grain `event`
   * passes over all customers, the others over those who moved.
   */
  distinct(fromDay: number, toDay: number, grain: Grain, paused: Paused): DistinctCounts;
  /** The newest movements of all currencies, newest first. */
  recent(limit: number): readonly Movement[];
  /** The movements behind a figure of [fromDay, toDay), one a (customer, day), oldest first. */
  movementsIn(
    currency: string,
    fromDay: number,
    toDay: number,
    kind?: MovementKind,
    grain?: Grain,
  ): readonly Movement[];
  /** Customers with MRR above 0 at the close of a day. */
  activeAt(currency: string, day: number): readonly CustomerMrr[];
  /**
   * The customers with the most MRR now, greatest first.
   *
   * @param ratesOf The day whose rates apply, where amounts are converted.
   */
  largest(currency: string, count: number, ratesOf: number): readonly CustomerMrr[];
  /**
   * All customers of a currency.
   *
   * @param ratesOf The day at whose rates all of it is valued, where amounts are converted, so
   * that nothing in it is due to rates.
   */
  histories(currency: string, ratesOf: number): Iterable<CustomerHistory>;
  /** All customers, once each: 1 while MRR is above 0 in any currency, else 0. */
  presence(): Iterable<readonly Step[]>;
}

/** The movements of native currencies. */
export interface MovementBook extends Movements {
  /**
   * Replaces what the book knows of a customer in a currency; no stretches forget it. Costs the
   * same whatever the number of customers.
   *
   * @throws {RangeError} when a stretch ends before it begins or is worth less than 0.
   */
  set(customer: string, currency: string, stretches: readonly Stretch[]): void;
  /** Every currency with a movement, in order of the alphabet. */
  currencies(): readonly string[];
  histories(currency: string): Iterable<CustomerHistory>;
  /** What one customer has in each currency. */
  historiesOf(customer: string): readonly CustomerHistory[];
  /** What each customer has in each currency. */
  byCustomer(): Iterable<readonly CustomerHistory[]>;
  largest(currency: string, count: number): readonly CustomerMrr[];
  /** Grows whenever a day before `day` changes in any currency. */
  changesBefore(day: number): number;
  /** The movements of one day in a currency, if there are any. */
  partsOn(currency: string, day: number): DayParts | undefined;
  /** Customers of several currencies, of which one at least moves on a day. */
  severalOn(day: number): ReadonlySet<string>;
  /** Customers of several currencies. */
  several(): Iterable<string>;
}
