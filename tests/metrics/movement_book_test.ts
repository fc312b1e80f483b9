import assert from "node:assert/strict";
import fc from "fast-check";
import { createMovementBook, type MovementBook } from "../../src/metrics/movement_book.ts";
import { totalsOf } from "../../src/metrics/movements.ts";
import { format, rational } from "../../src/metrics/rational.ts";
import { stepsOf, type Stretch } from "../../src/metrics/steps.ts";
import { at, day, LIFE, stretch, stretches, UTC } from "./histories.ts";

const MARCH = [day("2026-03-01"), day("2026-04-01")] as const;

function bookOf(
  ...customers: readonly (readonly [string, string, readonly Stretch[]])[]
): MovementBook {
  const book = createMovementBook(UTC);
  for (const [customer, currency, parts] of customers) book.set(customer, currency, parts);
  return book;
}

Deno.test("a period sums each kind and counts its customers", () => {
  const book = bookOf(
    ["a", "usd", [stretch("2026-01-01", "2026-03-05", 2900)]],
    ["b", "usd", [stretch("2026-03-10", null, 4900)]],
    ["c", "usd", [stretch("2026-02-01", "2026-03-20", 1000), stretch("2026-03-20", null, 1500)]],
  );
  const totals = book.period("usd", ...MARCH);
  assert.equal(format(totals.start), "3900");
  assert.equal(format(totals.new), "4900");
  assert.equal(format(totals.expansion), "500");
  assert.equal(format(totals.churn), "2900");
  assert.equal(format(totals.end), "6400");
  assert.deepEqual(totals.customers, {
    start: 2,
    new: 1,
    reactivation: 0,
    expansion: 1,
    contraction: 0,
    churn: 1,
    end: 2,
  });
});

Deno.test("setting a customer again replaces what was known, and nothing forgets it", () => {
  const book = bookOf(["a", "usd", [stretch("2026-03-10", null, 2900)]]);
  assert.equal(format(book.period("usd", ...MARCH).end), "2900");
  book.set("a", "usd", [stretch("2026-02-10", null, 4900)]);
  assert.equal(format(book.period("usd", ...MARCH).start), "4900");
  book.set("a", "usd", []);
  assert.equal(format(book.period("usd", ...MARCH).end), "0");
  assert.deepEqual(book.currencies(), []);
  assert.equal(book.firstDay(), null);
  assert.deepEqual([...book.presence()], []);
});

Deno.test("a period that was asked for follows a change on its last day, and on none after it", () => {
  const book = bookOf(["a", "usd", [stretch("2026-02-10", null, 2900)]]);
  const before = book.period("usd", ...MARCH);
  book.set("b", "usd", [stretch("2026-04-01", null, 1000)]);
  assert.equal(book.period("usd", ...MARCH), before);
  book.set("b", "usd", [stretch("2026-03-31", null, 1000)]);
  assert.equal(format(book.period("usd", ...MARCH).new), "1000");
});

Deno.test("a change on a period's last day is in the period that was asked for before, one on the day after is not", () => {
  const book = bookOf(["a", "usd", [stretch("2026-03-10", null, 2900)]]);
  assert.equal(format(book.period("usd", ...MARCH).end), "2900");
  book.set("b", "usd", [stretch("2026-03-31", null, 1000)]);
  assert.equal(format(book.period("usd", ...MARCH).end), "3900");
  book.set("c", "usd", [stretch("2026-04-01", null, 500)]);
  assert.equal(format(book.period("usd", ...MARCH).end), "3900");
});

Deno.test("a customer moving from EUR to USD is churn and new natively, and stays one customer", () => {
  const book = bookOf(
    ["a", "eur", [stretch("2026-01-01", "2026-03-05", 1000)]],
    ["a", "usd", [stretch("2026-03-05", null, 1100)]],
  );
  assert.equal(format(book.period("eur", ...MARCH).churn), "1000");
  assert.equal(format(book.period("usd", ...MARCH).new), "1100");
  assert.deepEqual(book.customers(...MARCH), {
    start: 1,
    new: 0,
    reactivation: 0,
    churn: 0,
    paused: 0,
    end: 1,
  });
});

Deno.test("recent movements come newest first, from all currencies, up to the limit", () => {
  const book = bookOf(
    ["a", "usd", [stretch("2026-01-01", "2026-03-05", 2900)]],
    ["b", "eur", [stretch("2026-02-01", null, 4900)]],
  );
  assert.deepEqual(
    book.recent(2).map(({ customer, currency, kind, at }) => [customer, currency, kind, at]),
    [["a", "usd", "churn", at("2026-03-05")], ["b", "eur", "new", at("2026-02-01")]],
  );
  assert.equal(book.recent(9).length, 3);
  assert.throws(
    () => book.recent(-1),
    new RangeError(
      "Cannot list movements as limit must be a whole number >= 0: current value is -1",
    ),
  );
});

Deno.test("the rows behind a figure are one a customer and day and add up to it", () => {
  const book = bookOf(
    ["a", "usd", [stretch("2026-03-03", "2026-03-20", 2900), stretch("2026-03-25", null, 500)]],
    ["b", "usd", [stretch("2026-03-10", null, 4900)]],
  );
  assert.deepEqual(
    book.movementsIn("usd", ...MARCH, "new").map(({ customer, day, amount }) => [
      customer,
      day - MARCH[0],
      format(amount),
    ]),
    [["a", 2, "2900"], ["b", 9, "4900"]],
  );
  assert.deepEqual(book.movementsIn("usd", ...MARCH).map(({ kind }) => kind), [
    "new",
    "new",
    "churn",
    "reactivation",
  ]);
});

Deno.test("customers active at a close have exact MRR above 0 there", () => {
  const book = bookOf(
    ["a", "usd", [stretch("2026-01-01", "2026-03-05", 2900)]],
    ["b", "usd", [{ from: at("2026-03-04", 86_399), to: null, exact: rational(1, 12) }]],
  );
  assert.deepEqual(book.activeAt("usd", day("2026-03-04")).map(({ customer }) => customer), [
    "a",
    "b",
  ]);
  assert.deepEqual(book.activeAt("usd", day("2026-03-05")).map(({ customer }) => customer), ["b"]);
  assert.equal(book.levelAt("usd", day("2026-03-04")).customers, 2);
});

Deno.test("a stretch that ends before it begins, or is worth less than 0, is refused", () => {
  const book = createMovementBook(UTC);
  assert.throws(() => book.set("a", "usd", [stretch("2026-03-05", "2026-03-01", 1)]), RangeError);
  assert.throws(() => book.set("a", "usd", [stretch("2026-03-05", null, -1)]), RangeError);
});

const changes = fc.array(
  fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("usd", "eur"), stretches),
  { maxLength: 12 },
);

function everything(book: MovementBook) {
  const currencies = ["eur", "usd"];
  return {
    currencies: book.currencies(),
    firstDay: book.firstDay(),
    days: currencies.map((currency) =>
      Array.from(
        { length: LIFE.to - LIFE.from },
        (_, index) => book.period(currency, LIFE.from + index, LIFE.from + index + 1),
      )
    ),
    customers: book.customers(LIFE.from, LIFE.to),
    recent: book.recent(1000),
    rows: currencies.map((currency) => book.movementsIn(currency, LIFE.from, LIFE.to)),
  };
}

Deno.test("a book kept up to date equals a fresh one of the same customers", () => {
  fc.assert(
    fc.property(changes, fc.nat(), (all, seed) => {
      const kept = createMovementBook(UTC);
      const last = new Map<string, readonly [string, string, readonly Stretch[]]>();
      for (const change of all) {
        kept.set(...change);
        kept.period("usd", LIFE.from, LIFE.from + seed % 150);
        last.set(`${change[0]} ${change[1]}`, change);
      }
      assert.deepEqual(everything(kept), everything(bookOf(...[...last.values()].reverse())));
    }),
    { numRuns: 40 },
  );
});

Deno.test("the book agrees with a direct count, and counts each customer once", () => {
  fc.assert(
    fc.property(fc.array(stretches, { maxLength: 5 }), (customers) => {
      const book = createMovementBook(UTC);
      customers.forEach((parts, index) => book.set(`cus_${index}`, "usd", parts));
      const direct = totalsOf(customers.map(stepsOf), LIFE.from, LIFE.to, "day", UTC);
      assert.deepEqual(book.period("usd", LIFE.from, LIFE.to), direct);
      const { start, new: fresh, reactivation, churn, end } = direct.customers;
      const paused = direct.causes.paused.customers;
      const counts = { start, new: fresh, reactivation, churn, paused, end };
      assert.deepEqual(book.customers(LIFE.from, LIFE.to), counts);
      const twice = createMovementBook(UTC);
      customers.forEach((parts, index) => {
        twice.set(`cus_${index}`, "usd", parts);
        twice.set(`cus_${index}`, "eur", parts);
      });
      assert.deepEqual(twice.customers(LIFE.from, LIFE.to), counts);
    }),
    { numRuns: 60 },
  );
});
