import assert from "node:assert/strict";
import { mergeQuotedRates, parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { createDailyRates, RATE_AGE_MAX, significant } from "../../src/metrics/rates.ts";
import { format, parse, rational } from "../../src/metrics/rational.ts";
import { day } from "./histories.ts";

/** As the bank publishes it: newest first, a comma at the end of each line. */
const ECB = `Date,USD,JPY,GBP,CYP,
2026-03-09,1.20,160.00,0.85,N/A,
2026-03-06,1.10,158.40,0.88,N/A,
`;
const QUOTES = parseQuotedRates(ECB, "ecb.csv");

function textOn(rates: ReturnType<typeof createDailyRates>, currency: string, on: string) {
  const found = rates.rateOn(currency, day(on));
  return found &&
    [format(found.rate), found.origin, found.day === null ? null : found.day - day(on)];
}

Deno.test("a euro is worth what is quoted, another currency its share of a euro", () => {
  const rates = createDailyRates({ to: "usd", fixed: {}, quotes: QUOTES });
  assert.deepEqual(textOn(rates, "eur", "2026-03-09"), ["6/5", "quoted", 0]);
  // 1.20 / 160 and 1.10 / 0.88.
  assert.deepEqual(textOn(rates, "jpy", "2026-03-09"), ["3/400", "quoted", 0]);
  assert.deepEqual(textOn(rates, "gbp", "2026-03-06"), ["5/4", "quoted", 0]);
  const euros = createDailyRates({ to: "eur", fixed: {}, quotes: QUOTES });
  assert.deepEqual(textOn(euros, "jpy", "2026-03-09"), ["1/160", "quoted", 0]);
});

Deno.test("a rate that is no decimal has twelve digits, so that sums over a year stay small", () => {
  const rates = createDailyRates({ to: "usd", fixed: {}, quotes: QUOTES });
  // 1.20 / 0.85 = 1.41176470588235…
  assert.deepEqual(rates.rateOn("gbp", day("2026-03-09"))!.rate, parse("1.41176470588"));
  assert.equal(format(significant(rational(2, 3))), format(parse("0.666666666667")));
  assert.equal(format(significant(rational(1, 16_000))), format(parse("0.0000625")));
  assert.equal(format(significant(rational(12_345_678_901_234n))), "12345678901200");
});

Deno.test("a weekend takes the rate of Friday; a week later there is none", () => {
  const rates = createDailyRates({ to: "usd", fixed: {}, quotes: QUOTES });
  assert.deepEqual(textOn(rates, "eur", "2026-03-08"), ["11/10", "quoted", -2]);
  assert.deepEqual(textOn(rates, "eur", "2026-03-16"), ["6/5", "quoted", -RATE_AGE_MAX]);
  assert.equal(textOn(rates, "eur", "2026-03-17"), null);
  assert.equal(textOn(rates, "eur", "2026-03-05"), null);
});

Deno.test("the configuration comes before the file, the file before payments", () => {
  const rates = createDailyRates({
    to: "usd",
    fixed: { gbp: parse("1.27") },
    quotes: QUOTES,
    implied: {
      rateOf: (currency, to, on) =>
        ["sek", "eur"].includes(currency) && to === "usd" && on === day("2026-03-09")
          ? parse("0.1")
          : null,
      changesBefore: () => 0,
    },
  });
  assert.deepEqual(textOn(rates, "gbp", "2026-03-09"), ["127/100", "fixed", null]);
  assert.deepEqual(textOn(rates, "eur", "2026-03-09"), ["6/5", "quoted", 0]);
  assert.deepEqual(textOn(rates, "sek", "2026-03-10"), ["1/10", "payments", -1]);
  assert.deepEqual(textOn(rates, "usd", "2020-01-01"), ["1", "fixed", null]);
});

Deno.test("a currency without a rate has none, and it is never 1", () => {
  const rates = createDailyRates({ to: "usd", fixed: {}, quotes: QUOTES });
  assert.equal(rates.rateOn("cyp", day("2026-03-09")), null);
  assert.equal(rates.rateOn("xyz", day("2026-03-09")), null);
  assert.equal(createDailyRates({ to: "usd", fixed: {} }).rateOn("eur", day("2026-03-09")), null);
});

Deno.test("the bank's file is kept oldest first without what is superfluous, and reads the same", () => {
  const text = "Date,USD,JPY,GBP,CYP\n2026-03-06,1.10,158.40,0.88,N/A\n" +
    "2026-03-09,1.20,160.00,0.85,N/A\n";
  assert.equal(QUOTES.text(), text);
  const again = parseQuotedRates(text, "rates.csv");
  assert.equal(again.text(), text);
  assert.equal(again.digest, QUOTES.digest);
  assert.deepEqual(QUOTES.days, [day("2026-03-06"), day("2026-03-09")]);
});

Deno.test("a newer file adds its days and currencies, and its days replace those before", () => {
  const newer = parseQuotedRates(
    "Date,USD,SEK\n2026-03-09,1.21,11.0\n2026-03-10,1.22,11.1\n",
    "new.csv",
  );
  assert.equal(
    mergeQuotedRates(QUOTES, newer).text(),
    "Date,USD,JPY,GBP,CYP,SEK\n2026-03-06,1.10,158.40,0.88,N/A,N/A\n" +
      "2026-03-09,1.21,N/A,N/A,N/A,11.0\n2026-03-10,1.22,N/A,N/A,N/A,11.1\n",
  );
});

Deno.test("what is wrong in a file is told with line and column", () => {
  const faults: readonly (readonly [string, string])[] = [
    ["", "line 1, column 1: the first line must be Date,USD,JPY,…"],
    ["Day,USD\n", "line 1, column 1: the first line must be Date,USD,JPY,…"],
    ["Date,US$\n", `line 1, column 6: must be a currency's three letters: it is "US$"`],
    ["Date,USD,USD\n", "line 1, column 10: USD stands there twice"],
    ["Date,USD\n", "line 1, column 1: there is no day of rates below it"],
    [
      "Date,USD\n09.03.2026,1\n",
      'line 2, column 1: must be a date such as 2026-11-24: it is "09.03.2026"',
    ],
    [
      "Date,USD\n2026-02-31,1\n",
      'line 2, column 1: must be a date such as 2026-11-24: it is "2026-02-31"',
    ],
    ["Date,USD\n2026-03-09,1\n2026-03-09,1\n", "line 3, column 1: 2026-03-09 stands there twice"],
    [
      "Date,USD,JPY\n2026-03-09, 1.2, -160\n",
      'line 2, column 18: must be a number above 0 or N/A: it is "-160"',
    ],
    [
      "Date,USD\n2026-03-09,0.00\n",
      'line 2, column 12: must be a number above 0 or N/A: it is "0.00"',
    ],
    ["Date,USD\n2026-03-09,1.2,3\n", "line 2, column 16: there are more cells than currencies"],
  ];
  for (const [text, message] of faults) {
    assert.throws(() => parseQuotedRates(text, "f.csv"), {
      name: "QuotedRatesError",
      message: `f.csv, ${message}`,
    });
  }
});
