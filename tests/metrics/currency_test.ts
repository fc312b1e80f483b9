import assert from "node:assert/strict";
import { convert, displayDigitsOf, exponentOf } from "../../src/metrics/currency.ts";
import { format, parse } from "../../src/metrics/rational.ts";

const NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
const THREE_DECIMALS = "bhd jod kwd omr tnd".split(" ");

Deno.test("fifteen currencies have no decimals", () => {
  assert.equal(NO_DECIMALS.length, 15);
  for (const currency of NO_DECIMALS) {
    assert.deepEqual([exponentOf(currency), displayDigitsOf(currency)], [0, 0], currency);
  }
});

Deno.test("five currencies have three decimals", () => {
  for (const currency of THREE_DECIMALS) {
    assert.deepEqual([exponentOf(currency), displayDigitsOf(currency)], [3, 3], currency);
  }
});

Deno.test("isk and ugx have two decimals at Stripe and are shown with none", () => {
  for (const currency of ["isk", "ugx"]) {
    assert.deepEqual([exponentOf(currency), displayDigitsOf(currency)], [2, 0], currency);
  }
});

Deno.test("all others have two, also those that the runtime's tables give other digits", () => {
  const differing = "afn all iqd lak lbp mmk rsd sll sos syp yer irr kpw lyd";
  for (const currency of `usd eur gbp huf twd ${differing}`.split(" ")) {
    assert.deepEqual([exponentOf(currency), displayDigitsOf(currency)], [2, 2], currency);
  }
});

Deno.test("convert() takes the rate per major unit, whatever the exponents", () => {
  const cases: [amount: string, from: string, to: string, rate: string, expected: string][] = [
    ["12000", "jpy", "usd", "0.0067", "8040"],
    ["2500/3", "usd", "jpy", "150", "1250"],
    ["50000", "isk", "usd", "0.0072", "360"],
    ["100", "usd", "kwd", "0.307", "307"],
    ["8333", "kwd", "jpy", "486.5", "8108009/2000"],
    ["1000", "eur", "usd", "1.0834", "5417/5"],
    ["-1000", "eur", "usd", "1.5", "-1500"],
  ];
  for (const [amount, from, to, rate, expected] of cases) {
    const converted = format(convert(parse(amount), from, to, parse(rate)));
    assert.equal(converted, expected, `${amount} ${from} → ${to} at ${rate}`);
  }
});
