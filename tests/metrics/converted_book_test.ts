import assert from "node:assert/strict";
import fc from "fast-check";
import { createConvertedBook } from "../../src/metrics/converted_book.ts";
import { convert } from "../../src/metrics/currency.ts";
import { MissingRateError } from "../../src/metrics/fx.ts";
import { createMovementBook, type MovementBook } from "../../src/metrics/movement_book.ts";
import { GRAINS, type MovementTotals } from "../../src/metrics/movements.ts";
import { createDailyRates, type DailyRates } from "../../src/metrics/rates.ts";
import {
  add,
  equal,
  format,
  parse,
  type Rational,
  rational,
  subtract,
  sum,
  ZERO,
} from "../../src/metrics/rational.ts";
import { retention } from "../../src/metrics/retention.ts";
import type { Stretch } from "../../src/metrics/steps.ts";
import { at, day, LIFE, stretch, stretches, UTC } from "./histories.ts";

/** Dollars for one unit of any other currency. */
function daily(rate: (day: number) => Rational | null): DailyRates {
  return {
    to: "usd",
    rateOn(currency, on) {
      const found = currency === "usd" ? rational(1) : rate(on);
      return found && { rate: found, origin: "quoted", day: on };
    },
    changesBefore: () => 0,
  };
}

/** 1.10 up to the 9th of March, 1.20 from the 10th on. */
const RISING = daily((on) => parse(on < day("2026-03-10") ? "1.10" : "1.20"));
const MARCH = [day("2026-03-01"), day("2026-04-01")] as const;

function bookOf(
  ...all: readonly (readonly [string, string, readonly Stretch[]])[]
): MovementBook {
  const book = createMovementBook(UTC);
  for (const [customer, currency, parts] of all) book.set(customer, currency, parts);
  return book;
}

function convertedOf(book: MovementBook, rates = RISING) {
  return createConvertedBook(book, rates, UTC);
}

function shown({ causes: _, customers, ...amounts }: MovementTotals) {
  const texts = Object.entries(amounts).map(([name, value]) => [name, format(value)]);
  return { ...Object.fromEntries(texts.filter(([, text]) => text !== "0")), customers };
}

Deno.test("a rate that moves alone is FX, whatever customers do besides", () => {
  const book = bookOf(
    ["a", "eur", [stretch("2026-01-01", null, 10_000)]],
    ["b", "usd", [stretch("2026-03-05", null, 500)]],
  );
  const { customers, ...amounts } = shown(convertedOf(book).period("usd", ...MARCH));
  assert.deepEqual(amounts, { start: "11000", new: "500", fx: "1000", end: "12500" });
  assert.deepEqual([customers.start, customers.new, customers.end], [1, 1, 2]);
});

Deno.test("a movement is worth the rate of its own day, and FX is of what stood the day before", () => {
  const book = bookOf([
    "a",
    "eur",
    [stretch("2026-01-01", "2026-03-10", 1000), stretch("2026-03-10", null, 3000)],
  ]);
  const { customers: _, ...amounts } = shown(convertedOf(book).period("usd", ...MARCH));
  // 10.00 EUR from 1.10 to 1.20, then 20.00 EUR more at 1.20.
  assert.deepEqual(amounts, { start: "1100", expansion: "2400", fx: "100", end: "3600" });
});

Deno.test("moving from EUR to USD is one expansion at that day's rate, not churn and new", () => {
  const book = bookOf(
    ["a", "eur", [stretch("2026-01-01", "2026-03-10", 1000)]],
    ["a", "usd", [stretch("2026-03-10", null, 1500)]],
  );
  const converted = convertedOf(book);
  const { customers, ...amounts } = shown(converted.period("usd", ...MARCH));
  assert.deepEqual(amounts, { start: "1100", expansion: "300", fx: "100", end: "1500" });
  assert.deepEqual(customers, {
    start: 1,
    new: 0,
    reactivation: 0,
    expansion: 1,
    contraction: 0,
    churn: 0,
    end: 1,
  });
  assert.deepEqual(
    converted.movementsIn("usd", ...MARCH).map(({ kind, currency, amount, at }) => [
      kind,
      currency,
      format(amount),
      at,
    ]),
    [["expansion", "usd", "300", at("2026-03-10")]],
  );
  assert.deepEqual(converted.recent(5).map(({ kind }) => kind), ["expansion", "new"]);
});

Deno.test("FX opens into each currency's holdings times the change of its rate", () => {
  const book = bookOf(
    ["a", "eur", [stretch("2026-01-01", null, 10_000)]],
    ["b", "usd", [stretch("2026-01-01", null, 10_000)]],
  );
  assert.deepEqual(
    convertedOf(book).fxIn(...MARCH).map((part) => ({
      ...part,
      level: format(part.level),
      before: format(part.before),
      after: format(part.after),
      amount: format(part.amount),
    })),
    [{
      currency: "eur",
      day: day("2026-03-10"),
      level: "10000",
      before: "11/10",
      after: "6/5",
      amount: "1000",
    }],
  );
});

Deno.test("yen are converted per major unit", () => {
  const book = bookOf(["a", "jpy", [stretch("2026-01-01", null, 12_000)]]);
  const level = convertedOf(book, daily(() => parse("0.0067"))).levelAt("usd", day("2026-01-02"));
  assert.deepEqual([format(level.mrr), level.customers], ["8040", 1]);
});

Deno.test("a day without a rate refuses what needs it, by currency and day, and nothing else", () => {
  const book = bookOf(["a", "eur", [stretch("2026-03-05", null, 100)]]);
  const converted = convertedOf(book, daily((on) => on < day("2026-03-20") ? parse("1.1") : null));
  assert.throws(() => converted.period("usd", ...MARCH), {
    name: "MissingRateError",
    message: "Cannot convert eur as its rate on 2026-03-31 is not known",
  });
  const before = converted.period("usd", day("2026-03-01"), day("2026-03-20"));
  assert.equal(format(before.end), "110");
  const nothingHeld = convertedOf(book, daily((on) => on < day("2026-03-05") ? null : ONE_TENTH));
  assert.equal(format(nothingHeld.period("usd", ...MARCH).start), "0");
});
const ONE_TENTH = parse("0.1");

Deno.test("retention values start and end at the rate of the end date", () => {
  const book = bookOf(["a", "eur", [stretch("2026-01-01", null, 1000)]]);
  const steps = [...convertedOf(book).histories("usd", MARCH[1] - 1)].map((one) => one.steps);
  const { nrr } = retention(steps, { from: MARCH[0], to: MARCH[1] }, UTC);
  assert.equal(format(nrr.value!), "1");
});

Deno.test("who has most is compared at the day's rates, customers of several currencies whole", () => {
  const book = bookOf(
    ["a", "eur", [stretch("2026-01-01", null, 1000)]],
    ["b", "usd", [stretch("2026-01-01", null, 1150)]],
    ["c", "usd", [stretch("2026-01-01", null, 600)]],
    ["c", "eur", [stretch("2026-01-01", null, 600)]],
  );
  const names = (on: string) =>
    convertedOf(book).largest("usd", 3, day(on)).map(({ customer, mrr }) =>
      `${customer} ${format(mrr)}`
    );
  assert.deepEqual(names("2026-03-09"), ["c 1260", "b 1150", "a 1100"]);
  assert.deepEqual(names("2026-03-10"), ["c 1320", "a 1200", "b 1150"]);
  const active = convertedOf(book).activeAt("usd", day("2026-03-10"));
  assert.deepEqual(active.map(({ customer, mrr }) => `${customer} ${format(mrr)}`).sort(), [
    "a 1200",
    "b 1150",
    "c 1320",
  ]);
});

const held = fc.array(
  fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("usd", "eur"), stretches),
  { maxLength: 8 },
);
const waves = fc.integer({ min: 1, max: 9 }).map((wave) =>
  daily((on) => rational(100 + (on * wave) % 23, 100))
);

function leadsToEnd(t: MovementTotals): boolean {
  const gains = sum([t.start, t.new, t.reactivation, t.expansion, t.fx]);
  return equal(subtract(gains, add(t.contraction, t.churn)), t.end);
}

Deno.test("at any rates a period is the sum of its days, and start and parts lead to end", () => {
  fc.assert(
    fc.property(held, waves, (all, rates) => {
      const book = convertedOf(bookOf(...all), rates);
      const whole = book.period("usd", LIFE.from, LIFE.to);
      assert.ok(leadsToEnd(whole));
      const days = Array.from(
        { length: LIFE.to - LIFE.from },
        (_, index) => book.period("usd", LIFE.from + index, LIFE.from + index + 1),
      );
      for (
        const part of ["new", "reactivation", "expansion", "contraction", "churn", "fx"] as const
      ) {
        assert.deepEqual(sum(days.map((one) => one[part])), whole[part]);
      }
      days.forEach((one, index) => {
        assert.ok(leadsToEnd(one));
        if (index > 0) assert.deepEqual(one.start, days[index - 1]!.end);
      });
    }),
    { numRuns: 30 },
  );
});

Deno.test("at any rates and in each grain the rows of a kind add up to its figure", () => {
  fc.assert(
    fc.property(held, waves, fc.constantFrom(...GRAINS), (all, rates, grain) => {
      const book = convertedOf(bookOf(...all), rates);
      const span = [day("2026-02-01"), day("2026-03-15")] as const;
      const totals = book.period("usd", ...span, grain);
      assert.ok(leadsToEnd(totals));
      for (const kind of ["new", "reactivation", "expansion", "contraction", "churn"] as const) {
        const rows = book.movementsIn("usd", ...span, kind, grain);
        assert.deepEqual(sum(rows.map(({ amount }) => amount)), totals[kind]);
        assert.equal(rows.length, totals.customers[kind]);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a fixed rate gives what a book of converted customers gives, and no FX", () => {
  const rates = createDailyRates({ to: "usd", fixed: { eur: parse("1.10") } });
  fc.assert(
    fc.property(held, fc.constantFrom(...GRAINS), (all, grain) => {
      const plain = createMovementBook(UTC);
      for (const customer of ["a", "b", "c"]) {
        const parts = ["usd", "eur"].flatMap((currency) => {
          const last = all.findLast((one) => one[0] === customer && one[1] === currency);
          return (last?.[2] ?? []).map((part) =>
            currency === "usd"
              ? part
              : { ...part, exact: convert(part.exact, "eur", "usd", parse("1.10")) }
          );
        });
        plain.set(customer, "usd", parts);
      }
      const book = convertedOf(bookOf(...all), rates);
      const span = [day("2026-02-01"), day("2026-03-15")] as const;
      const totals = book.period("usd", ...span, grain);
      assert.deepEqual(totals, plain.period("usd", ...span, grain));
      assert.deepEqual(totals.fx, ZERO);
      assert.deepEqual(
        book.movementsIn("usd", ...span, undefined, grain),
        [...plain.movementsIn("usd", ...span, undefined, grain)]
          .sort((a, b) => a.day - b.day || a.at - b.at || (a.customer < b.customer ? -1 : 1)),
      );
      assert.deepEqual(
        [...book.histories("usd", LIFE.to)].map(({ customer, steps }) => [customer, steps]).sort(),
        [...plain.histories("usd")].map(({ customer, steps }) => [customer, steps]).sort(),
      );
    }),
    { numRuns: 60 },
  );
});

Deno.test("a converted period that was asked for follows a change on its last day", () => {
  const book = bookOf(["a", "eur", [stretch("2026-02-10", null, 1000)]]);
  const converted = convertedOf(book);
  assert.equal(format(converted.period("usd", ...MARCH).end), "1200");
  book.set("b", "eur", [stretch("2026-03-31", null, 1000)]);
  assert.equal(format(converted.period("usd", ...MARCH).new), "1200");
});

Deno.test("a change of the native book shows at once, without the converted one being told", () => {
  const book = bookOf(["a", "eur", [stretch("2026-01-01", null, 1000)]]);
  const converted = convertedOf(book);
  assert.equal(format(converted.levelAt("usd", MARCH[1]).mrr), "1200");
  book.set("a", "eur", [stretch("2026-01-01", null, 2000)]);
  assert.equal(format(converted.levelAt("usd", MARCH[1]).mrr), "2400");
  assert.throws(
    () => convertedOf(book, daily(() => null)).levelAt("usd", MARCH[1]).mrr,
    MissingRateError,
  );
});
