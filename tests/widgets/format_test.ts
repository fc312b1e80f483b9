import assert from "node:assert/strict";
import {
  formatCompact,
  formatInteger,
  formatMoney,
  formatPercent,
  formatPoint,
  formatRate,
} from "../../src/widgets/format.ts";

Deno.test("money below zero carries a minus sign before the symbol", () => {
  assert.equal(formatMoney(-300n, "usd"), "−$3.00");
  assert.equal(formatMoney(-8621400n, "chf", { whole: true }), "−CHF\u00a086,214");
});

Deno.test("money has the decimals of Stripe's table, not the runtime's", () => {
  assert.equal(formatMoney(1942n, "jpy"), "¥1,942");
  assert.equal(formatMoney(1234n, "kwd"), "KWD\u00a01.234");
  assert.equal(formatMoney(500n, "isk"), "ISK\u00a05");
  assert.equal(formatMoney(12345n, "huf"), "HUF\u00a0123.45");
  assert.equal(formatMoney(12345n, "cad"), "CA$123.45");
});

Deno.test("whole units round half away from zero", () => {
  assert.equal(formatMoney(194250n, "usd", { whole: true }), "$1,943");
  assert.equal(formatMoney(-194250n, "usd", { whole: true }), "−$1,943");
  assert.equal(formatMoney(-5n, "usd", { whole: true }), "$0");
});

Deno.test("a change carries its sign, and zero carries none", () => {
  assert.equal(formatMoney(194200n, "usd", { signed: true, whole: true }), "+$1,942");
  assert.equal(formatMoney(-4100n, "usd", { signed: true }), "−$41.00");
  assert.equal(formatMoney(0n, "usd", { signed: true }), "$0.00");
  assert.equal(formatPoint(-104200.4, "usd", true), "−$1,042");
});

Deno.test("money beyond 2^53 minor units is exact", () => {
  assert.equal(formatMoney(900719925474099301n, "usd"), "$9,007,199,254,740,993.01");
});

Deno.test("an axis shows thousands and millions in short", () => {
  assert.equal(formatCompact(8621400, "usd"), "$86.2k");
  assert.equal(formatCompact(9000000, "usd"), "$90k");
  assert.equal(formatCompact(95000, "usd"), "$950");
  assert.equal(formatCompact(120000000, "usd"), "$1.2M");
  assert.equal(formatCompact(99999900, "usd"), "$1M");
  assert.equal(formatCompact(-300000, "jpy"), "−¥300k");
  assert.equal(formatCompact(0, "usd"), "$0");
});

Deno.test("percentages have one decimal and a space that does not break", () => {
  assert.equal(formatPercent(0.0236), "2.4\u00a0%");
  assert.equal(formatPercent(0.0236, true), "+2.4\u00a0%");
  assert.equal(formatPercent(-0.0236, true), "−2.4\u00a0%");
  // What rounds to zero is zero: no sign.
  assert.equal(formatPercent(-0.0002), "0.0\u00a0%");
  assert.equal(formatPercent(-0.0002, true), "0.0\u00a0%");
});

Deno.test("a rate over a base below 30 shows its counts, and over none is unknown", () => {
  assert.equal(formatRate(2, 19), "2 of 19");
  assert.equal(formatRate(3, 30), "10.0\u00a0%");
  assert.equal(formatRate(0, 0), null);
});

Deno.test("counts have separators", () => assert.equal(formatInteger(1240), "1,240"));
