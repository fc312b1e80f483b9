import assert from "node:assert/strict";
import fc from "fast-check";
import { createCalendar } from "../../src/metrics/calendar.ts";
import {
  assertIdentity,
  changesByDay,
  changesByEvent,
  changesIn,
  classify,
  type Grain,
  MOVEMENT_KINDS,
  MovementIdentityError,
  totalsOf,
} from "../../src/metrics/movements.ts";
import { add, format, rational, ZERO } from "../../src/metrics/rational.ts";
import { type Step, stepsOf } from "../../src/metrics/steps.ts";
import { at, day, LIFE, manyCustomers, steps, stretch, UTC } from "./histories.ts";

const kinds = (changes: readonly { kind: string; amount: { n: bigint } }[]) =>
  changes.map(({ kind, amount }) => [kind, Number(amount.n)]);

Deno.test("a change is classified by what was before, what is after and what ever was", () => {
  const of = (before: number, after: number, ever: boolean) =>
    classify(rational(before), rational(after), ever)?.kind ?? null;
  assert.equal(of(0, 5, false), "new");
  assert.equal(of(0, 5, true), "reactivation");
  assert.equal(of(3, 5, true), "expansion");
  assert.equal(of(5, 3, true), "contraction");
  assert.equal(of(5, 0, true), "churn");
  assert.equal(of(5, 5, true), null);
  assert.equal(of(0, 0, true), null);
});

Deno.test("one of two subscriptions ending is contraction, not churn", () => {
  const customer = stepsOf([
    stretch("2026-01-01", null, 2900),
    stretch("2026-01-01", "2026-03-05", 1000),
  ]);
  assert.deepEqual(kinds(changesByDay(customer, UTC)), [["new", 3900], ["contraction", 1000]]);
});

Deno.test("leaving and returning within one local day is no movement by day, and two by event", () => {
  const customer = [
    { at: at("2026-01-01"), value: rational(2900) },
    { at: at("2026-03-05", 3600), value: ZERO },
    { at: at("2026-03-05", 7200), value: rational(2900) },
  ];
  assert.deepEqual(kinds(changesByDay(customer, UTC)), [["new", 2900]]);
  assert.deepEqual(kinds(changesByEvent(customer, UTC)), [
    ["new", 2900],
    ["churn", 2900],
    ["reactivation", 2900],
  ]);
});

Deno.test("MRR that comes and goes within one day makes the next start new, not a reactivation", () => {
  const customer = [
    { at: at("2026-01-01", 60), value: rational(2900) },
    { at: at("2026-01-01", 120), value: ZERO },
    { at: at("2026-02-01"), value: rational(2900) },
  ];
  assert.deepEqual(kinds(changesByDay(customer, UTC)), [["new", 2900]]);
});

Deno.test("the local day of a change follows the time zone", () => {
  const late = [{ at: at("2026-03-31", 23 * 3600), value: rational(100) }];
  const berlin = createCalendar("Europe/Berlin");
  assert.equal(changesByDay(late, UTC)[0]!.day, day("2026-03-31"));
  assert.equal(changesByDay(late, berlin)[0]!.day, day("2026-04-01"));
});

Deno.test("a customer who returns in a later period is a reactivation by period too", () => {
  const customer = steps(["2026-01-01", 2900], ["2026-02-05", 0], ["2026-03-20", 4900]);
  const totals = totalsOf([customer], day("2026-03-01"), day("2026-04-01"), "period", UTC);
  assert.equal(format(totals.reactivation), "4900");
});

Deno.test("who first pays on the period's first day is new by period, and who paid the day before is not", () => {
  const [from, to] = [day("2026-03-01"), day("2026-04-01")];
  const kindsOf = (customer: readonly Step[]) =>
    kinds(changesIn(customer, from, to, "period", UTC));
  assert.deepEqual(kindsOf(steps(["2026-03-01", 2900])), [["new", 2900]]);
  const back = steps(["2026-02-27", 100], ["2026-02-28", 0], ["2026-03-01", 2900]);
  assert.deepEqual(kindsOf(back), [["reactivation", 2900]]);
});

Deno.test("totals whose parts do not lead to the end are refused by name", () => {
  const right = totalsOf(
    [steps(["2026-01-05", 100])],
    day("2026-01-01"),
    day("2026-02-01"),
    "day",
    UTC,
  );
  assertIdentity(right);
  assert.throws(() => assertIdentity({ ...right, end: rational(99) }), MovementIdentityError);
  assert.throws(
    () => assertIdentity({ ...right, customers: { ...right.customers, end: 2 } }),
    MovementIdentityError,
  );
});

const window = fc.tuple(
  fc.integer({ min: LIFE.from, max: LIFE.to }),
  fc.integer({ min: LIFE.from, max: LIFE.to }),
).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

Deno.test("start and movements lead to end for any customers, period and grain", () => {
  fc.assert(fc.property(
    manyCustomers,
    window,
    fc.constantFrom<Grain>("event", "day", "period"),
    (customers, [from, to], grain) => {
      const totals = totalsOf(customers.map(stepsOf), from, to, grain, UTC);
      assertIdentity(totals);
      assert.ok(totals.end.n >= 0n);
    },
  ));
});

Deno.test("a period split in two has the same movements by day", () => {
  fc.assert(fc.property(manyCustomers, window, fc.nat(), (customers, [from, to], cut) => {
    const all = customers.map(stepsOf);
    const middle = from + cut % (to - from + 1);
    const whole = totalsOf(all, from, to, "day", UTC);
    const first = totalsOf(all, from, middle, "day", UTC);
    const second = totalsOf(all, middle, to, "day", UTC);
    assert.deepEqual(first.end, second.start);
    for (const kind of MOVEMENT_KINDS) {
      assert.deepEqual(add(first[kind], second[kind]), whole[kind]);
      assert.equal(first.customers[kind] + second.customers[kind], whole.customers[kind]);
    }
  }));
});

Deno.test("stretches in any order give the same steps", () => {
  fc.assert(fc.property(
    manyCustomers.map((customers) => customers.flat())
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))
      ),
    ([all, shuffled]) => assert.deepEqual(stepsOf(shuffled), stepsOf(all)),
  ));
});
