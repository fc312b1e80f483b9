import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  compare,
  divide,
  equal,
  format,
  minimum,
  multiply,
  negate,
  parse,
  type Rational,
  rational,
  round,
  subtract,
  sum,
  toNumber,
  ZERO,
} from "../../src/metrics/rational.ts";

const fractions: fc.Arbitrary<Rational> = fc.tuple(
  fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  fc.bigInt({ min: 1n, max: 10_000n }),
).map(([n, d]) => rational(n, d));

Deno.test("rational() keeps lowest terms with a positive denominator", () => {
  assert.deepEqual(rational(10, 4), { n: 5n, d: 2n });
  assert.deepEqual(rational(10, -4), { n: -5n, d: 2n });
  assert.deepEqual(rational(0, 7), { n: 0n, d: 1n });
  assert.deepEqual(rational(7), { n: 7n, d: 1n });
});

Deno.test("rational() and divide() refuse a denominator of 0", () => {
  const refusal = new RangeError("Cannot make a fraction as its denominator is 0");
  assert.throws(() => rational(1, 0), refusal);
  assert.throws(() => divide(rational(1), ZERO), refusal);
});

Deno.test("parse() reads whole numbers, decimals, exponents and fractions exactly", () => {
  const cases: [string, string][] = [
    ["1234", "1234"],
    ["-0.5", "-1/2"],
    ["+.5", "1/2"],
    ["5.", "5"],
    ["33.33", "3333/100"],
    ["0.000000000001", "1/1000000000000"],
    ["1e-7", "1/10000000"],
    ["1.5E3", "1500"],
    ["13/3", "13/3"],
    ["-365/12", "-365/12"],
    ["1.5/4.5", "1/3"],
  ];
  for (const [text, expected] of cases) assert.equal(format(parse(text)), expected, text);
});

Deno.test("parse() refuses what is no number with TypeError and says what it was given", () => {
  for (
    const text of ["", ".", "-", "1,5", "1 000", "0x10", "NaN", "Infinity", "1e", "1//2", "/2"]
  ) {
    assert.throws(() => parse(text), TypeError, text);
  }
  assert.throws(() => parse("ten"), new TypeError('Cannot read "ten" as a number'));
});

Deno.test("parse() refuses a fraction of fractions, and one with the denominator 0", () => {
  assert.throws(() => parse("1/2/3"), TypeError);
  assert.throws(() => parse("1/0"), TypeError);
});

Deno.test("format() writes whole numbers plain and fractions as n/d", () => {
  assert.equal(format(rational(2900)), "2900");
  assert.equal(format(rational(-10000, 12)), "-2500/3");
});

Deno.test("parse(format(x)) is x", () => {
  fc.assert(fc.property(fractions, (x) => equal(parse(format(x)), x)));
});

Deno.test("round() rounds half away from zero", () => {
  const cases: [string, bigint][] = [
    ["2.4", 2n],
    ["2.5", 3n],
    ["2.6", 3n],
    ["-2.4", -2n],
    ["-2.5", -3n],
    ["-2.6", -3n],
    ["0.5", 1n],
    ["-0.5", -1n],
    ["0.4999999999999999", 0n],
    ["1999/2", 1000n],
    ["0", 0n],
  ];
  for (const [text, expected] of cases) assert.equal(round(parse(text)), expected, text);
});

Deno.test("round() is never further away than a half, and mirrors at zero", () => {
  fc.assert(fc.property(fractions, (x) => {
    const off = subtract(rational(round(x)), x);
    assert.ok(compare(off, rational(1, 2)) <= 0 && compare(off, rational(-1, 2)) >= 0);
    assert.equal(round(negate(x)), -round(x));
  }));
});

Deno.test("add() and multiply() commute, associate and distribute", () => {
  fc.assert(fc.property(fractions, fractions, fractions, (a, b, c) => {
    assert.deepEqual(add(a, b), add(b, a));
    assert.deepEqual(add(add(a, b), c), add(a, add(b, c)));
    assert.deepEqual(multiply(a, b), multiply(b, a));
    assert.deepEqual(multiply(multiply(a, b), c), multiply(a, multiply(b, c)));
    assert.deepEqual(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)));
  }));
});

Deno.test("subtract() undoes add(), divide() undoes multiply()", () => {
  fc.assert(fc.property(fractions, fractions, (a, b) => {
    assert.deepEqual(subtract(add(a, b), b), a);
    if (b.n !== 0n) assert.deepEqual(divide(multiply(a, b), b), a);
  }));
});

Deno.test("sum() of thirds is whole; minimum() and compare() order fractions", () => {
  const third = rational(1, 3);
  assert.deepEqual(sum([third, third, third]), { n: 1n, d: 1n });
  assert.deepEqual(sum([]), ZERO);
  assert.equal(compare(rational(1, 3), rational(333, 1000)), 1);
  assert.equal(compare(rational(-1, 3), rational(1, 1000)), -1);
  assert.equal(compare(rational(2, 4), rational(1, 2)), 0);
  assert.deepEqual(minimum(rational(1, 3), rational(1, 2)), third);
});

Deno.test("toNumber() gives the nearest float, of huge parts too", () => {
  assert.equal(toNumber(rational(1, 4)), 0.25);
  assert.equal(toNumber({ n: 3n * 10n ** 400n, d: 2n * 10n ** 400n }), 1.5);
});
