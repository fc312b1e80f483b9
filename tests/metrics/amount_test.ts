import assert from "node:assert/strict";
import { grossAmount, type Issue, Unresolved } from "../../src/metrics/amount.ts";
import { format } from "../../src/metrics/rational.ts";
import { itemOf, makeFace, makeTiers, type PriceParts } from "./fixture.ts";

/** Stripe's documentation: 5 at $5 + $10, 5 at $4 + $20, the rest at $3 + $30. */
const TIERS = makeTiers([5, 500, 1000], [10, 400, 2000], [null, 300, 3000]);

const gross = (price: PriceParts, quantity: number | null, currency = "usd") =>
  format(grossAmount(itemOf(price, { quantity }), currency));

function refuses(issue: Issue, price: PriceParts, quantity: number, currency = "usd"): void {
  assert.throws(() => gross(price, quantity, currency), new Unresolved(issue));
}

Deno.test("graduated tiers: each unit costs what its tier says, each tier reached its flat fee", () => {
  const cases: [quantity: number, expected: string][] = [
    [0, "1000"],
    [1, "1500"],
    [5, "3500"],
    [6, "5900"],
    [10, "7500"],
    [11, "10800"],
    [12, "11100"],
  ];
  for (const [quantity, expected] of cases) {
    assert.equal(gross({ tiered: true, tiers: TIERS }, quantity), expected, `quantity ${quantity}`);
  }
});

Deno.test("volume tiers: all units cost what the tier of the quantity says; bounds are inclusive", () => {
  const cases: [quantity: number, expected: string][] = [
    [0, "1000"],
    [5, "3500"],
    [6, "4400"],
    [10, "6000"],
    [11, "6300"],
    [12, "6600"],
  ];
  for (const [quantity, expected] of cases) {
    const price = { tiered: true, volume: true, tiers: TIERS };
    assert.equal(gross(price, quantity), expected, `quantity ${quantity}`);
  }
});

Deno.test("a quantity above a last tier that ends is refused, in both modes", () => {
  const tiers = makeTiers([5, 500, 0], [10, 400, 0]);
  assert.equal(gross({ tiered: true, tiers }, 10), "4500");
  refuses("tiers_exhausted", { tiered: true, tiers }, 11);
  refuses("tiers_exhausted", { tiered: true, volume: true, tiers }, 11);
});

Deno.test("tiers that were not read, or are none, are refused", () => {
  refuses("tiers_missing", { tiered: true, tiers: null }, 3);
  refuses("tiers_missing", { tiered: true, tiers: [] }, 3);
});

Deno.test("per unit: price times quantity; no quantity is one, quantity 0 is nothing", () => {
  assert.equal(gross({ amount: 1200 }, 3), "3600");
  assert.equal(gross({ amount: 1200 }, null), "1200");
  assert.equal(gross({ amount: 1200 }, 0), "0");
  assert.equal(gross({ amount: "0.5" }, 1001), "1001/2");
  refuses("unit_amount_missing", { amount: null }, 1);
});

Deno.test("packages: the quantity is divided and rounded up or down before the price counts", () => {
  const up = { transform: { divideBy: 100n, roundUp: true } };
  const down = { transform: { divideBy: 100n, roundUp: false } };
  assert.equal(gross(up, 250), "3000");
  assert.equal(gross(up, 200), "2000");
  assert.equal(gross(up, 0), "0");
  assert.equal(gross(down, 250), "2000");
  assert.equal(gross(down, 99), "0");
});

Deno.test("a price counts in the subscription's currency, never in its base currency", () => {
  const price = { amount: 2000, currencyOptions: { eur: makeFace(1800) } };
  assert.equal(gross(price, 2, "eur"), "3600");
  assert.equal(gross(price, 2, "usd"), "4000");
  refuses("currency_option_missing", price, 2, "gbp");
  refuses("currency_option_missing", { amount: 2000 }, 2, "eur");
});

Deno.test("tiers of another currency are those of its option", () => {
  const eur = makeFace(0, { tiers: makeTiers([null, 450, 0]) });
  const price = { tiered: true, tiers: TIERS, currencyOptions: { eur, gbp: makeFace(1) } };
  assert.equal(gross(price, 2, "eur"), "900");
  refuses("tiers_missing", price, 2, "gbp");
});
