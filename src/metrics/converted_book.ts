/**
 * Movements in one reporting currency at daily rates (metrics.md A.9, B.5): a reading of the
 * native book, so that a live change costs nothing more and other rates recount nothing. A day's
 * movements are worth its rate; what rates alone make of the holdings is FX, a part of its own.
 * Only customers of several currencies are netted one by one.
 *
 * @module
 */
import type { CustomerMrr, MovementBook, Movements } from "./books.ts";
import type { Calendar } from "./calendar.ts";
import { createConversion, type FxPart } from "./conversion.ts";
import { inOrder } from "./movement_book.ts";
import {
  assertIdentity,
  changesByDay,
  changesIn,
  createTotals,
  type Grain,
  type Movement,
  type MovementTotals,
  totalsOf,
} from "./movements.ts";
import { createNetting } from "./netting.ts";
import type { DailyRates } from "./rates.ts";
import { add, compare, negate, type Rational, sum, ZERO } from "./rational.ts";

/** Every figure throws a `MissingRateError` where a currency in use has no rate on a day. */
export interface ConvertedBook extends Movements {
  /** What FX of the days [fromDay, toDay) is made of, oldest first. */
  fxIn(fromDay: number, toDay: number, grain?: Grain): readonly FxPart[];
}

/** Periods that are kept: a page asks for some forty. */
const PERIODS_MAX = 500;

export function createConvertedBook(
  base: MovementBook,
  rates: DailyRates,
  calendar: Calendar,
): ConvertedBook {
  const { to: currency } = rates;
  const conversion = createConversion(base, rates);
  const { worth, levelAt, fxIn } = conversion;
  const { converted, convertAll, nettedOn, eventsIn, histories } = createNetting(
    base,
    conversion,
    calendar,
  );
  function changesBetween(fromDay: number, toDay: number): Movement[] {
    return [...histories(toDay - 1)].flatMap(({ customer, steps }) =>
      changesIn(steps, fromDay, toDay, "period", calendar)
        .map((change) => ({ customer, currency, ...change }))
    );
  }

  function movementsIn(fromDay: number, toDay: number, grain: Grain): Movement[] {
    if (grain === "event") return eventsIn(fromDay, toDay);
    if (grain === "period") return changesBetween(fromDay, toDay);
    return convertAll(
      base.currencies().flatMap((each) => base.movementsIn(each, fromDay, toDay)),
    );
  }

  /** The largest of one currency among the customers who have no other. */
  function largestOf(each: string, count: number, several: ReadonlySet<string>): CustomerMrr[] {
    for (let asked = count;; asked *= 2) {
      const all = base.largest(each, asked);
      const found = all.filter(({ customer }) => !several.has(customer));
      if (found.length >= count || all.length < asked) return found.slice(0, count);
    }
  }

  /** Periods as they were asked for, with what tells whether a day in or before them changed. */
  const periods = new Map<string, { readonly stamp: number; readonly totals: MovementTotals }>();

  type Totals = ReturnType<typeof createTotals>;

  function putMovement(totals: Totals, { kind, amount, cause }: Movement, by: 1 | -1): void {
    const signed = by === 1 ? amount : negate(amount);
    totals.put(kind, signed, by);
    if (kind === "churn") totals.putCause(cause ?? "other", signed, by);
  }

  /** Native sums of a day at its rate; customers of several currencies taken out and netted. */
  function putDay(totals: Totals, currencies: readonly string[], day: number): void {
    for (const each of currencies) {
      const parts = base.partsOn(each, day);
      for (const [kind, count] of parts?.counts ?? []) {
        if (count !== 0) totals.put(kind, worth(parts!.sums.get(kind)!.total(), each, day), count);
      }
      for (const [cause, { mrr, customers }] of parts?.causes ?? []) {
        totals.putCause(cause, worth(mrr, each, day), customers);
      }
    }
    for (const customer of base.severalOn(day)) {
      for (const { steps, currency: from } of base.historiesOf(customer)) {
        for (const change of changesByDay(steps, calendar)) {
          if (change.day !== day) continue;
          putMovement(totals, converted({ customer, currency: from, ...change }), -1);
        }
      }
      const movement = nettedOn(customer, day);
      if (movement) putMovement(totals, movement, 1);
    }
  }

  function putMovements(totals: Totals, fromDay: number, toDay: number, grain: Grain): void {
    if (grain === "event") {
      for (const movement of eventsIn(fromDay, toDay)) putMovement(totals, movement, 1);
      return;
    }
    const currencies = base.currencies();
    for (let day = Math.max(fromDay, base.firstDay() ?? toDay); day < toDay; day++) {
      putDay(totals, currencies, day);
    }
  }

  /** The two ends at the rates of the last: what the start is worth more or less is FX. */
  function twoEnds(fromDay: number, toDay: number): MovementTotals {
    const steps = [...histories(toDay - 1)].map((history) => history.steps);
    const totals = totalsOf(steps, fromDay, toDay, "period", calendar);
    const fx = sum(fxIn(fromDay, toDay, "period").map(({ amount }) => amount));
    const whole = { ...totals, start: levelAt(fromDay - 1), fx };
    assertIdentity(whole);
    return whole;
  }

  function dayByDay(fromDay: number, toDay: number, grain: Grain): MovementTotals {
    const totals = createTotals();
    const counts = base.customers(fromDay, toDay);
    totals.put("start", levelAt(fromDay - 1), counts.start);
    totals.put("end", levelAt(toDay - 1), counts.end);
    for (const { amount } of fxIn(fromDay, toDay)) totals.put("fx", amount, 0);
    putMovements(totals, fromDay, toDay, grain);
    return totals.totals();
  }

  return {
    firstDay: base.firstDay,
    customers: base.customers,
    distinct: base.distinct,
    presence: base.presence,
    levelAt: (_, day) => ({
      // Customers are known without rates.
      get mrr() {
        return levelAt(day);
      },
      customers: base.customers(day + 1, day + 1).end,
    }),
    period(_, fromDay, toDay, grain = "day") {
      const key = `${fromDay} ${toDay} ${grain}`;
      const stamp = base.changesBefore(toDay) + rates.changesBefore(toDay);
      const known = periods.get(key);
      if (known?.stamp === stamp) return known.totals;
      const totals = grain === "period" ? twoEnds(fromDay, toDay) : dayByDay(fromDay, toDay, grain);
      if (periods.size >= PERIODS_MAX) periods.clear();
      periods.set(key, { stamp, totals });
      return totals;
    },
    recent(limit) {
      for (let asked = limit;; asked *= 2) {
        const native = base.recent(asked);
        const found = convertAll(native);
        if (found.length >= limit || native.length < asked) return found.slice(0, limit);
      }
    },
    movementsIn: (_, fromDay, toDay, kind, grain = "day") =>
      movementsIn(fromDay, toDay, grain)
        .filter((movement) => kind === undefined || movement.kind === kind)
        .sort((a, b) => a.day - b.day || inOrder(a, b)),
    activeAt: (_, day) =>
      merged(
        base.currencies().flatMap((each) =>
          base.activeAt(each, day).map(({ customer, mrr }) => ({
            customer,
            mrr: worth(mrr, each, day),
          }))
        ),
      ),
    largest(_, count, ratesOf) {
      const several = new Set(base.several());
      const single = base.currencies().flatMap((each) =>
        largestOf(each, count, several)
          .map(({ customer, mrr }) => ({ customer, mrr: worth(mrr, each, ratesOf) }))
      );
      const others = [...several].map((customer) => ({
        customer,
        mrr: sum(
          base.historiesOf(customer).map(({ currency: from, steps }) =>
            worth(steps.at(-1)?.value ?? ZERO, from, ratesOf)
          ),
        ),
      })).filter(({ mrr }) => mrr.n > 0n);
      return [...single, ...others].sort((a, b) => compare(b.mrr, a.mrr)).slice(0, count);
    },
    histories: (_, ratesOf) => histories(ratesOf),
    fxIn,
  };
}

/** One entry a customer. */
function merged(all: readonly CustomerMrr[]): CustomerMrr[] {
  const customers = new Map<string, Rational>();
  for (const { customer, mrr } of all) {
    customers.set(customer, add(customers.get(customer) ?? ZERO, mrr));
  }
  return [...customers].map(([customer, mrr]) => ({ customer, mrr }));
}
