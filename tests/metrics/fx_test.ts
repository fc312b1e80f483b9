import assert from "node:assert/strict";
import fc from "fast-check";
import {
  convertedPeriod,
  convertStretches,
  fxMovements,
  MissingRateError,
} from "../../src/metrics/fx.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import {
  add,
  equal,
  format,
  parse,
  rational,
  subtract,
  sum,
  ZERO,
} from "../../src/metrics/rational.ts";
import { day, LIFE, stretch, stretches, UTC } from "./histories.ts";

const EUR = { eur: parse("1.10") };

Deno.test("moving from EUR to USD is one expansion at today's rate", () => {
  const rates = { eur: parse("1.10"), usd: rational(1) };
  const moved = fxMovements({ eur: rational(1000) }, { usd: rational(1500) }, rates, rates, true);
  assert.equal(format(moved.expansion), "400");
  assert.equal(format(moved.churn), "0");
  assert.equal(format(moved.fx), "0");
});

Deno.test("a missing rate refuses its currency by name and is never taken as 1", () => {
  const held = { gbp: rational(1000) };
  assert.throws(() => fxMovements(held, held, EUR, EUR, true), MissingRateError);
  const segment = { ...stretch("2026-01-01", null, 1), currency: "gbp" };
  assert.throws(
    () => convertStretches([segment], "usd", EUR),
    { name: "MissingRateError", message: "Cannot convert gbp as its rate is not known" },
  );
});

Deno.test("segments are converted per major unit, the reporting currency left as it is", () => {
  const segments = [
    { ...stretch("2026-01-01", null, 12_000), currency: "jpy" },
    { ...stretch("2026-01-01", null, 500), currency: "usd" },
  ];
  const converted = convertStretches(segments, "usd", { jpy: parse("0.0067") });
  assert.deepEqual(converted.map(({ exact, currency }) => [format(exact), currency]), [
    ["8040", "usd"],
    ["500", "usd"],
  ]);
});

Deno.test("a rate that moves alone is FX, whatever customers do besides", () => {
  const book = createMovementBook(UTC);
  book.set("a", "eur", [stretch("2026-01-01", null, 10_000)]);
  book.set("b", "usd", [stretch("2026-03-05", null, 500)]);
  const rateOn = (_: string, on: number) => on < day("2026-03-10") ? parse("1.10") : parse("1.20");
  const totals = convertedPeriod(
    book,
    "usd",
    rateOn,
    day("2026-03-01"),
    day("2026-04-01"),
    UTC,
  );
  assert.equal(format(totals.start), "11000");
  assert.equal(format(totals.new), "500");
  assert.equal(format(totals.expansion), "0");
  assert.equal(format(totals.fx), "1000");
  assert.equal(format(totals.end), "12500");
});

const held = fc.array(
  fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("usd", "eur"), stretches),
);

Deno.test("start, movements and FX lead to end at any daily rates", () => {
  fc.assert(
    fc.property(held, fc.integer({ min: 1, max: 9 }), (all, wave) => {
      const book = createMovementBook(UTC);
      for (const change of all) book.set(...change);
      const rateOn = (_: string, on: number) => rational(100 + (on * wave) % 23, 100);
      const t = convertedPeriod(book, "usd", rateOn, LIFE.from, LIFE.to, UTC);
      const gains = sum([t.start, t.new, t.reactivation, t.expansion, t.fx]);
      assert.deepEqual(subtract(gains, add(t.contraction, t.churn)), t.end);
    }),
    { numRuns: 40 },
  );
});

Deno.test("at a fixed rate FX is 0, and the two ways to the converted view agree", () => {
  fc.assert(
    fc.property(held, (all) => {
      const native = createMovementBook(UTC);
      for (const change of all) native.set(...change);
      const converted = createMovementBook(UTC);
      for (const customer of ["a", "b", "c"]) {
        const parts = ["usd", "eur"].flatMap((currency) => {
          const last = all.findLast((one) => one[0] === customer && one[1] === currency);
          return (last?.[2] ?? []).map((part) => ({ ...part, currency }));
        });
        converted.set(customer, "usd", convertStretches(parts, "usd", EUR));
      }
      const daily = convertedPeriod(native, "usd", () => EUR.eur, LIFE.from, LIFE.to, UTC);
      const { fx, ...movements } = daily;
      assert.ok(equal(fx, ZERO));
      assert.deepEqual(movements, converted.period("usd", LIFE.from, LIFE.to));
    }),
    { numRuns: 40 },
  );
});
