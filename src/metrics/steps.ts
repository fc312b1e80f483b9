/**
 * A customer's MRR over time as a step function: the sum of its segments (metrics.md B.1, netting
 * per customer).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { type ChurnCause, preferredCause } from "./causes.ts";
import { add, equal, negate, ONE, type Rational, ZERO } from "./rational.ts";
import type { Segment } from "./segments.ts";

/** From `at` (Unix seconds) on the value is `value` (minor units a month), until the next step. */
export interface Step {
  readonly at: number;
  readonly value: Rational;
  /** Why it fell to 0, where that is known. */
  readonly cause?: ChurnCause;
}

/** What a step function needs of a segment: [from, to), its worth, and why it ended. */
export type Stretch = Pick<Segment, "from" | "to" | "exact" | "cause">;

function stepTo(at: number, value: Rational, cause: ChurnCause | undefined): Step {
  return cause && value.n === 0n ? { at, value, cause } : { at, value };
}

/** The sum, as the fraction already at hand where it is one: most steps lead from or to 0. */
function shared(a: Rational, b: Rational): Rational {
  if (a.n === 0n) return b;
  const total = add(a, b);
  return total.n === 0n ? ZERO : total;
}

/**
 * The sum of stretches in any order as steps, strictly rising in time, each a change. Stretches
 * that begin where others end in the same second leave no step at 0 between them.
 */
export function stepsOf(stretches: Iterable<Stretch>): readonly Step[] {
  const changes: Step[] = [];
  for (const { from, to, exact, cause } of stretches) {
    if (exact.n === 0n || from === to) continue;
    changes.push({ at: from, value: exact });
    if (to !== null) changes.push({ at: to, value: negate(exact), ...(cause && { cause }) });
  }
  changes.sort((a, b) => a.at - b.at);
  const steps: Step[] = [];
  let value = ZERO;
  for (let index = 0; index < changes.length;) {
    const { at } = changes[index]!;
    let after = value;
    let cause: ChurnCause | undefined;
    for (; changes[index]?.at === at; index++) {
      after = shared(after, changes[index]!.value);
      cause = preferredCause(cause, changes[index]!.cause);
    }
    if (!equal(after, value)) steps.push(stepTo(at, after, cause));
    value = after;
  }
  // A grown array keeps room for more; there may be 100,000 of these.
  return steps.slice();
}

/** The newest step before a moment in Unix seconds, if there is one. */
export function stepBefore(steps: readonly Step[], seconds: number): Step | undefined {
  return steps.findLast(({ at }) => at < seconds);
}

/** The value just before a moment in Unix seconds: 0 before the first step. */
export function valueBefore(steps: readonly Step[], seconds: number): Rational {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index]!;
    if (step.at < seconds) return step.value;
  }
  return ZERO;
}

/** The value at the close of a local day. */
export function closeOf(steps: readonly Step[], day: number, calendar: Calendar): Rational {
  return valueBefore(steps, calendar.startOf(day + 1));
}

/** 1 while any of the step functions is above 0, else 0. */
export function presenceOf(functions: readonly (readonly Step[])[]): readonly Step[] {
  const times = functions.length === 1
    ? functions[0]!.map(({ at }) => at)
    : [...new Set(functions.flatMap((steps) => steps.map(({ at }) => at)))].sort((a, b) => a - b);
  const causeAt = (at: number) =>
    functions.flatMap((steps) => steps.filter((step) => step.at === at))
      .reduce<ChurnCause | undefined>(
        (cause, step) => preferredCause(cause, step.cause),
        undefined,
      );
  const presence: Step[] = [];
  let before = ZERO;
  for (const at of times) {
    const there = functions.some((steps) => valueBefore(steps, at + 1).n > 0n);
    const value = there ? ONE : ZERO;
    if (!equal(value, before)) presence.push(stepTo(at, value, there ? undefined : causeAt(at)));
    before = value;
  }
  return presence;
}
