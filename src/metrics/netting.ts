/**
 * Customers in one reporting currency: a native movement at its day's rate, and customers of
 * several currencies netted, so that moving from EUR to USD is one expansion or contraction
 * (metrics.md B.5).
 *
 * @module
 */
import type { CustomerHistory, MovementBook } from "./books.ts";
import type { Calendar } from "./calendar.ts";
import { type ChurnCause, preferredCause } from "./causes.ts";
import type { Conversion } from "./conversion.ts";
import { changesByDay, changesByEvent, classify, type Movement } from "./movements.ts";
import { equal, sum, ZERO } from "./rational.ts";
import { type Step, stepBefore, valueBefore } from "./steps.ts";

/** The moments between which a change is looked at, in Unix seconds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly day: number;
}

export type Netting = ReturnType<typeof createNetting>;

export function createNetting(
  base: MovementBook,
  { to: currency, worth }: Conversion,
  calendar: Calendar,
) {
  /** A customer of several currencies over a stretch, at the rates of its day. */
  function netted(
    histories: readonly CustomerHistory[],
    { from, to, day }: Stretch,
    everPositive: boolean,
  ): Movement | null {
    const at = (moment: number) =>
      sum(histories.map((each) => worth(valueBefore(each.steps, moment), each.currency, day)));
    const change = classify(at(from), at(to), everPositive);
    if (!change) return null;
    const last = histories.flatMap(({ steps }) => stepBefore(steps, to) ?? []);
    const end = Math.max(...last.map((step) => step.at));
    const causes = last.filter((step) => step.at === end).map(({ cause }) => cause);
    const cause = change.kind === "churn" ? causes.reduce(preferredCause) : undefined;
    const { customer } = histories[0]!;
    return { customer, currency, ...change, at: end, day, ...(cause && { cause }) };
  }

  function nettedOn(customer: string, day: number): Movement | null {
    const histories = base.historiesOf(customer);
    const everPositive = histories.some(({ steps }) =>
      changesByDay(steps, calendar).some((change) => change.day < day)
    );
    const stretch = { from: calendar.startOf(day), to: calendar.startOf(day + 1), day };
    return netted(histories, stretch, everPositive);
  }

  /** Each step of a customer by itself. */
  function eventsOf(histories: readonly CustomerHistory[]): Movement[] {
    const [only] = histories;
    if (histories.length === 1 && only) {
      return changesByEvent(only.steps, calendar).map((change) =>
        converted({ ...only, ...change })
      );
    }
    const moments = [...new Set(histories.flatMap(({ steps }) => steps.map(({ at }) => at)))];
    return moments.sort((a, b) => a - b).flatMap((at) => {
      const everPositive = histories.some(({ steps }) =>
        steps.some((step) => step.at < at && step.value.n > 0n)
      );
      const stretch = { from: at, to: at + 1, day: calendar.dayOf(at) };
      return netted(histories, stretch, everPositive) ?? [];
    });
  }

  /** A native movement at its day's rate. */
  function converted(
    { customer, currency: from, kind, at, day, amount, cause }: Movement,
  ): Movement {
    const value = worth(amount, from, day);
    return { customer, currency, kind, at, day, amount: value, ...(cause && { cause }) };
  }

  /** Native movements converted; those of customers of several currencies once a day, netted. */
  function convertAll(movements: readonly Movement[]): Movement[] {
    const done = new Set<string>();
    return movements.flatMap((movement) => {
      const { customer, day } = movement;
      if (!base.severalOn(day).has(customer)) return converted(movement);
      const key = `${day} ${customer}`;
      if (done.has(key)) return [];
      done.add(key);
      return nettedOn(customer, day) ?? [];
    });
  }

  function eventsIn(fromDay: number, toDay: number): Movement[] {
    return [...base.byCustomer()].flatMap((histories) =>
      eventsOf(histories).filter(({ day }) => day >= fromDay && day < toDay)
    );
  }

  function* histories(ratesOf: number): Iterable<CustomerHistory> {
    for (const each of base.byCustomer()) {
      const scaled = each.map(({ currency: from, steps }) =>
        steps.map((step) => ({ ...step, value: worth(step.value, from, ratesOf) }))
      );
      const steps = scaled.length === 1 ? scaled[0]! : mergeSteps(scaled);
      yield { customer: each[0]!.customer, currency, steps };
    }
  }

  return { converted, convertAll, nettedOn, eventsIn, histories };
}

/** The sum of step functions, strictly rising in time, each a change. */
function mergeSteps(functions: readonly (readonly Step[])[]): readonly Step[] {
  const moments = new Set(functions.flatMap((steps) => steps.map(({ at }) => at)));
  const merged: Step[] = [];
  let before = ZERO;
  for (const at of [...moments].sort((a, b) => a - b)) {
    const value = sum(functions.map((steps) => valueBefore(steps, at + 1)));
    const ended = value.n === 0n
      ? functions.flatMap((steps) => steps.filter((step) => step.at === at))
        .reduce<ChurnCause | undefined>(
          (found, step) => preferredCause(found, step.cause),
          undefined,
        )
      : undefined;
    if (!equal(value, before)) merged.push({ at, value, ...(ended && { cause: ended }) });
    before = value;
  }
  return merged;
}
