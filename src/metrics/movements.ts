/**
 * Movements: what made MRR change, customer by customer (metrics.md B.1, B.2, B.3).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import type { ChurnCause } from "./causes.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import { add, compare, equal, format, type Rational, subtract, sum, ZERO } from "./rational.ts";
import { type Step, stepBefore, valueBefore } from "./steps.ts";

export const MOVEMENT_KINDS = [
  "new",
  "reactivation",
  "expansion",
  "contraction",
  "churn",
] as const;
export type MovementKind = typeof MOVEMENT_KINDS[number];

/** `day` nets within a local day, `period` compares the two ends, `event` shows each step. */
export const GRAINS = ["event", "day", "period"] as const;
export type Grain = typeof GRAINS[number];

/** A change of one customer's MRR; `amount` (minor units a month) is above 0 for every kind. */
export interface Change {
  readonly kind: MovementKind;
  readonly amount: Rational;
}

/** A change with its date: `at` in Unix seconds, `day` the local day that holds it. */
export interface DatedChange extends Change {
  readonly at: number;
  readonly day: number;
  /** Why MRR fell to nothing, where that is known. */
  readonly cause?: ChurnCause;
}

export interface Movement extends DatedChange {
  readonly customer: string;
  readonly currency: string;
}

/** Sums over a period, in minor units a month, and how many (customer, day) each kind had. */
export interface MovementTotals
  extends Readonly<Record<MovementKind | "start" | "fx" | "end", Rational>> {
  readonly customers: Readonly<Record<MovementKind | "start" | "end", number>>;
  /** What `churn` is made of. */
  readonly causes: Readonly<Record<ChurnCause, CausePart>>;
}

/** MRR in minor units and (customer, day) of one cause of churn. */
export interface CausePart {
  readonly mrr: Rational;
  readonly customers: number;
}

/** start + new + reactivation + expansion − contraction − churn + fx is not end (metrics.md B.1). */
export class MovementIdentityError extends Error {
  override readonly name = "MovementIdentityError";
}

/**
 * The kind of a change from `before` to `after`, or `null` when they are equal (B.1).
 *
 * @param everPositive Whether the customer had MRR above 0 at any time before.
 */
export function classify(
  before: Rational,
  after: Rational,
  everPositive: boolean,
): Change | null {
  const difference = compare(after, before);
  if (difference === 0) return null;
  if (before.n === 0n) return { kind: everPositive ? "reactivation" : "new", amount: after };
  if (after.n === 0n) return { kind: "churn", amount: before };
  return difference > 0
    ? { kind: "expansion", amount: subtract(after, before) }
    : { kind: "contraction", amount: subtract(before, after) };
}

/** Whether a kind takes MRR away. */
export function isLoss(kind: MovementKind): boolean {
  return kind === "contraction" || kind === "churn";
}

/** What a kind does to the number of customers: 1, −1 or 0. */
export function customersChange(kind: MovementKind): number {
  return kind === "churn" ? -1 : kind === "new" || kind === "reactivation" ? 1 : 0;
}

function datedChanges(
  steps: readonly (Step & { readonly day: number })[],
): readonly DatedChange[] {
  const changes: DatedChange[] = [];
  let before = ZERO;
  let everPositive = false;
  for (const { at, day, value, cause } of steps) {
    const change = classify(before, value, everPositive);
    if (change) {
      const dated = { at, day, kind: change.kind, amount: change.amount };
      changes.push(cause ? { ...dated, cause } : dated);
    }
    before = value;
    everPositive ||= value.n > 0n;
  }
  return changes;
}

/** The changes of one customer, each step by itself: grain `event`. */
export function changesByEvent(
  steps: readonly Step[],
  calendar: Calendar,
): readonly DatedChange[] {
  return datedChanges(steps.map((step) => ({ ...step, day: calendar.dayOf(step.at) })));
}

/**
 * The changes of one customer from close to close: grain `day`. A change is dated by the last
 * step of its day. MRR that comes and goes within one day was never there.
 */
export function changesByDay(steps: readonly Step[], calendar: Calendar): readonly DatedChange[] {
  const closes: (Step & { readonly day: number })[] = [];
  for (const step of steps) {
    const day = calendar.dayOf(step.at);
    if (closes.at(-1)?.day === day) closes.pop();
    closes.push({ ...step, day });
  }
  return datedChanges(closes);
}

/** @throws {MovementIdentityError} when the parts do not lead from start to end. */
export function assertIdentity(totals: MovementTotals): void {
  const { start, reactivation, expansion, fx } = totals;
  const gained = sum([start, totals.new, reactivation, expansion, fx]);
  const end = subtract(gained, sum([totals.contraction, totals.churn]));
  if (!equal(end, totals.end)) {
    throw new MovementIdentityError(
      `Cannot trust movements as start and parts give ${format(end)}: end is ${format(totals.end)}`,
    );
  }
  const { customers } = totals;
  const left = customers.start + customers.new + customers.reactivation - customers.churn;
  if (left !== customers.end) {
    throw new MovementIdentityError(
      `Cannot trust movements as start and parts give ${left} customers: end is ${customers.end}`,
    );
  }
}

/** Collects the parts of a period. `fx` is what rates alone have made, 0 within a currency (B.5). */
export function createTotals() {
  const sums = new Map<string, ExactSum>();
  const counts = new Map<string, number>();
  const causes = new Map<ChurnCause, CausePart>();
  const partOf = (cause: ChurnCause) => causes.get(cause) ?? { mrr: ZERO, customers: 0 };
  function put(
    name: MovementKind | "start" | "fx" | "end",
    amount: Rational,
    customers: number,
  ): void {
    let total = sums.get(name);
    if (!total) sums.set(name, total = createExactSum());
    total.add(amount);
    counts.set(name, (counts.get(name) ?? 0) + customers);
  }
  const amount = (name: string) => sums.get(name)?.total() ?? ZERO;
  const count = (name: string) => counts.get(name) ?? 0;
  return {
    put,
    /** Says what a part of the churn that was put is due to. */
    putCause(cause: ChurnCause, mrr: Rational, customers: number): void {
      const before = partOf(cause);
      causes.set(cause, { mrr: add(before.mrr, mrr), customers: before.customers + customers });
    },
    /** @throws {MovementIdentityError} when the identity does not hold. */
    totals(): MovementTotals {
      const totals: MovementTotals = {
        start: amount("start"),
        new: amount("new"),
        reactivation: amount("reactivation"),
        expansion: amount("expansion"),
        contraction: amount("contraction"),
        churn: amount("churn"),
        fx: amount("fx"),
        end: amount("end"),
        customers: {
          start: count("start"),
          new: count("new"),
          reactivation: count("reactivation"),
          expansion: count("expansion"),
          contraction: count("contraction"),
          churn: count("churn"),
          end: count("end"),
        },
        causes: {
          voluntary: partOf("voluntary"),
          involuntary: partOf("involuntary"),
          disputed: partOf("disputed"),
          paused: partOf("paused"),
          other: partOf("other"),
        },
      };
      assertIdentity(totals);
      return totals;
    },
  };
}

/** One customer's changes within the days [fromDay, toDay), in a grain. */
export function changesIn(
  steps: readonly Step[],
  fromDay: number,
  toDay: number,
  grain: Grain,
  calendar: Calendar,
): readonly DatedChange[] {
  if (grain !== "period") {
    const changes = grain === "day"
      ? changesByDay(steps, calendar)
      : changesByEvent(steps, calendar);
    return changes.filter(({ day }) => day >= fromDay && day < toDay);
  }
  const start = calendar.startOf(fromDay);
  const everPositive = changesByDay(steps, calendar).some(({ day }) => day < fromDay);
  const end = valueBefore(steps, calendar.startOf(toDay));
  const change = classify(valueBefore(steps, start), end, everPositive);
  const last = stepBefore(steps, calendar.startOf(toDay));
  if (!change || !last) return [];
  const { at, cause } = last;
  return [{ ...change, at, day: calendar.dayOf(at), ...(cause && { cause }) }];
}

/**
 * The movements of the days [fromDay, toDay) over customers, each given by its steps in time
 * order. Start is the close of the day before (B.3).
 *
 * @throws {MovementIdentityError} when the identity does not hold.
 */
export function totalsOf(
  customers: Iterable<readonly Step[]>,
  fromDay: number,
  toDay: number,
  grain: Grain,
  calendar: Calendar,
): MovementTotals {
  const totals = createTotals();
  for (const steps of customers) {
    const start = valueBefore(steps, calendar.startOf(fromDay));
    const end = valueBefore(steps, calendar.startOf(toDay));
    totals.put("start", start, start.n > 0n ? 1 : 0);
    totals.put("end", end, end.n > 0n ? 1 : 0);
    for (const { kind, amount, cause } of changesIn(steps, fromDay, toDay, grain, calendar)) {
      totals.put(kind, amount, 1);
      if (kind === "churn") totals.putCause(cause ?? "other", amount, 1);
    }
  }
  return totals.totals();
}
