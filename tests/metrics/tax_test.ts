import assert from "node:assert/strict";
import { mrr, type MrrFacts } from "../../src/metrics/mrr.ts";
import { convertResult } from "../../src/metrics/reporting.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { format, parse, round } from "../../src/metrics/rational.ts";
import type { Subscription, TaxRate } from "../../src/metrics/types.ts";
import { AT, itemOf, makeDiscount, makeSub } from "./fixture.ts";

const rate = (percent: string, inclusive = true): TaxRate => ({
  inclusive,
  percentage: parse(percent),
});

function told(
  parts: Partial<Subscription>,
  options: Partial<MrrOptions> = {},
  facts: MrrFacts = {},
): string {
  const sub = makeSub({ items: [itemOf({ amount: 12_000 })], ...parts });
  const result = mrr(sub, AT, { ...PRESETS.stripe, ...options }, facts);
  assert.ok(result.kind === "value");
  return [format(result.amount), ...result.issues].join(" ");
}

Deno.test("20 % inclusive is divided out, not multiplied off", () => {
  assert.equal(told({ defaultTaxRates: [rate("20")] }), "10000");
});

Deno.test("discounts come before tax", () => {
  const discounts = [makeDiscount({ amount: 1200 })];
  assert.equal(told({ defaultTaxRates: [rate("20")], discounts }), "9000");
});

Deno.test("exclusive tax does not matter; several inclusive rates add", () => {
  assert.equal(told({ defaultTaxRates: [rate("20", false)] }), "12000");
  assert.equal(told({ defaultTaxRates: [rate("15"), rate("5"), rate("8", false)] }), "10000");
});

Deno.test("an item's own rates replace the subscription's", () => {
  const items = [itemOf({ amount: 12_000 }, { taxRates: [rate("50")] })];
  assert.equal(told({ items, defaultTaxRates: [rate("20")] }), "8000");
});

Deno.test("inclusive tax can be left in", () => {
  assert.equal(told({ defaultTaxRates: [rate("20")] }, { inclusiveTax: "ignore" }), "12000");
});

Deno.test("tax_behavior alone does nothing without automatic tax", () => {
  assert.equal(told({ items: [itemOf({ amount: 12_000, taxInclusive: true })] }), "12000");
});

Deno.test("automatic tax: the rate of the newest invoice, else the gross amount with a warning", () => {
  const items = [itemOf({ amount: 12_000, taxInclusive: true })];
  const sub = { automaticTax: true, items };
  assert.equal(told(sub, {}, { inclusiveTaxPercent: { si_a: parse("19") } }), "1200000/119");
  assert.equal(told(sub), "12000 inclusive_tax_unknown");
  assert.equal(
    told(sub, {}, { inclusiveTaxPercent: { si_other: parse("19") } }),
    "12000 inclusive_tax_unknown",
  );
  assert.equal(told({ automaticTax: true }), "12000");
});

Deno.test("automatic tax passes over manual rates; a line at 0 needs no rate", () => {
  assert.equal(told({ automaticTax: true, defaultTaxRates: [rate("20")] }), "12000");
  const free = [itemOf({ amount: 0, taxInclusive: true })];
  assert.equal(told({ automaticTax: true, items: free }), "0");
});

function converted(
  amount: number,
  from: string,
  to: string,
  rates: Record<string, string>,
): string {
  const parsed = Object.fromEntries(Object.entries(rates).map(([key, text]) => [key, parse(text)]));
  const sub = makeSub({
    currency: from,
    items: [itemOf({ amount, currency: from, every: ["year", 1] })],
  });
  const result = convertResult(mrr(sub, AT, PRESETS.stripe), { to, rates: parsed });
  if (result.kind === "unresolved") return `unresolved ${result.issues}`;
  assert.equal(result.currency, to);
  assert.deepEqual(result.lines.map((line) => format(line.amount)), [format(result.amount)]);
  return String(round(result.amount));
}

Deno.test("amounts are converted before they are rounded", () => {
  assert.equal(converted(10_000, "usd", "jpy", { usd: "150" }), "1250");
  assert.equal(converted(144_000, "jpy", "usd", { jpy: "0.0067" }), "8040");
});

Deno.test("the reporting currency itself needs no rate; a missing rate is refused, never 1.0", () => {
  assert.equal(converted(12_000, "usd", "usd", {}), "1000");
  assert.equal(converted(12_000, "eur", "usd", { gbp: "1.3" }), "unresolved fx_rate_missing");
});

Deno.test("yearly amounts of currencies with other decimals", () => {
  const yearly = (amount: number, currency: string) => {
    const items = [itemOf({ amount, currency, every: ["year", 1] })];
    const result = mrr(makeSub({ currency, items }), AT, PRESETS.stripe);
    return result.kind === "value" ? round(result.amount) : null;
  };
  assert.equal(yearly(1000, "jpy"), 83n);
  assert.equal(yearly(100_000, "kwd"), 8333n);
  assert.equal(yearly(600_000, "isk"), 50_000n);
  assert.equal(yearly(11_994, "usd"), 1000n);
});

Deno.test("a value is the sum of its lines before it is rounded", () => {
  const items = [[1000, "month", 1], [4000, "month", 3], [10_000, "year", 1]] as const;
  const result = mrr(
    makeSub({
      items: items.map(([amount, interval, count], index) =>
        itemOf({ id: `price_${index}`, amount, every: [interval, count] }, { id: `si_${index}` })
      ),
    }),
    AT,
    PRESETS.stripe,
  );
  assert.ok(result.kind === "value");
  assert.deepEqual(result.lines.map(({ amount }) => format(amount)), ["1000", "4000/3", "2500/3"]);
  assert.equal(round(result.amount), 3167n);
});
