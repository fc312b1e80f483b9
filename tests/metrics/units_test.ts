/** How many units the lines of a tiered price charge, whatever a flat line carries (B.6 2.3). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { grossOf, unitsOf } from "../../src/metrics/units.ts";
import { equal, rational, round } from "../../src/metrics/rational.ts";
import type { Price, Tier } from "../../src/metrics/types.ts";
import { makePrice, makeTiers } from "./fixture.ts";
import { historyLine, type LineParts } from "./history_lines.ts";

/** 1,001 a unit up to 5 and 400 a unit from there on; 900 flat, then 250 more. */
const GRADUATED = tiered("graduated", makeTiers([5, 1001, 900], [null, 400, 250]));
const VOLUME = tiered("volume", makeTiers([10, 100, 900], [null, 80, 2000]));

function tiered(mode: "graduated" | "volume", tiers: Tier[]): Price {
  return makePrice({ tiered: true, volume: mode === "volume", tiers, amount: null });
}

function units(price: Price, ...lines: readonly LineParts[]): number | null {
  const found = unitsOf(price, "usd", lines.map(historyLine));
  return found === null ? null : Number(found);
}

Deno.test("a flat line's quantity says nothing: 0, 1 and the units lead to the same", () => {
  for (const quantity of [0, 1, 3]) {
    const flat = { amount: 900, quantity };
    assert.equal(units(GRADUATED, { amount: 3003, quantity: 3 }, flat), 3, `flat of ${quantity}`);
  }
  for (const quantity of [0, 1, 7]) {
    const lines = [
      { amount: 5005, quantity: 5 },
      { amount: 900, quantity: Math.min(quantity, 5) },
      { amount: 800, quantity: 2 },
      { amount: 250, quantity: Math.min(quantity, 2) },
    ];
    assert.equal(units(GRADUATED, ...lines), 7, `flat of ${quantity}`);
    assert.equal(units(GRADUATED, ...[...lines].reverse()), 7, "in any order");
  }
  for (const quantity of [0, 1, 20]) {
    const flat = { amount: 2000, quantity };
    assert.equal(units(VOLUME, { amount: 1600, quantity: 20 }, flat), 20, `flat of ${quantity}`);
  }
});

Deno.test("the flat line alone is a quantity of 0, not of one unit", () => {
  assert.equal(units(GRADUATED, { amount: 900, quantity: 1 }), 0);
  assert.equal(units(GRADUATED, { amount: 900, quantity: 0 }), 0);
  assert.equal(units(VOLUME, { amount: 900, quantity: 1 }), 0);
});

Deno.test("where the flat fee holds for a range of units, its line names them", () => {
  const flat = tiered("graduated", makeTiers([1000, 0, 3900], [null, 2, 0]));
  assert.equal(units(flat, { amount: 3900, quantity: 600 }), 600);
  assert.equal(units(flat, { amount: 0, quantity: 600 }, { amount: 3900, quantity: 1 }), 600);
});

Deno.test("where several quantities fit, the live one is taken", () => {
  const flat = [historyLine({ amount: 900, quantity: 1 })];
  const range = tiered("graduated", makeTiers([1000, 0, 900], [null, 2, 0]));
  assert.equal(unitsOf(range, "usd", flat, 0n), 0n);
  assert.equal(unitsOf(range, "usd", flat, 1n), 1n);
  assert.equal(unitsOf(range, "usd", flat, 700n), 1n, "the lines do not allow 700");
});

Deno.test("the lines of a free trial charge nothing: the units are those that fill the tiers", () => {
  const contacts = tiered("graduated", makeTiers([1000, 0, 3900], [null, 2, 0]));
  const trial = [{ amount: 0, quantity: 1000 }, { amount: 0, quantity: 5696 }];
  assert.equal(units(contacts, ...trial), 6696);
  assert.equal(units(VOLUME, { amount: 0, quantity: 20 }, { amount: 0, quantity: 1 }), 20);
});

Deno.test("a proration is scaled to its whole period: 10 of 31 days of 7 units", () => {
  const part = { proration: true, from: "2026-03-22" };
  // 5005 + 900 + 800 + 250 = 6955 a month; 10/31 of each, rounded.
  const lines = [
    { ...part, amount: 1615, quantity: 5 },
    { ...part, amount: 290, quantity: 1 },
    { ...part, amount: 258, quantity: 2 },
    { ...part, amount: 81, quantity: 1 },
  ];
  assert.equal(units(GRADUATED, ...lines), 7);
});

Deno.test("lines that no quantity explains have none, so that amounts are used", () => {
  assert.equal(units(GRADUATED, { amount: 9999, quantity: 3 }, { amount: 900, quantity: 1 }), null);
  const plain = makePrice({ amount: 500 });
  assert.equal(units(plain, { amount: 500 }, { amount: 700 }), null);
  assert.equal(units(plain, { amount: 1500, quantity: 3 }), 3);
});

const tiersArbitrary = fc.record({
  volume: fc.boolean(),
  bounds: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 0, maxLength: 3 }),
  amounts: fc.array(
    fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ max: 9000, min: 0 })),
    {
      minLength: 4,
      maxLength: 4,
    },
  ),
}).map(({ volume, bounds, amounts }) => {
  const upTo = [...bounds.sort((a, b) => a - b), null];
  const tiers = upTo.map((bound, index) => [bound, ...amounts[index]!] as const);
  return tiered(volume ? "volume" : "graduated", makeTiers(...tiers));
});

/** The lines that Stripe writes: one a tier reached, one a flat fee with some quantity. */
function linesFor(price: Price, quantity: number, flatQuantity: (units: number) => number) {
  const lines: LineParts[] = [];
  let below = 0;
  for (const { upTo, unit, flat } of price.tiers!) {
    const last = upTo === null || Number(upTo) >= quantity;
    if (price.volume && !last) continue;
    const units = price.volume ? quantity : (last ? quantity : Number(upTo)) - below;
    const amount = Number(round({ n: unit.n * BigInt(units), d: unit.d }));
    if (units > 0 || !price.tiers!.some((tier) => tier.flat.n > 0n)) {
      lines.push({ amount, quantity: units });
    }
    if (flat.n > 0n) lines.push({ amount: Number(round(flat)), quantity: flatQuantity(units) });
    if (last) break;
    below = Number(upTo);
  }
  return lines;
}

Deno.test("whatever the tiers and the flat lines carry, the units found charge what was charged", () => {
  const flatQuantities = [() => 0, () => 1, (units: number) => units];
  fc.assert(fc.property(
    tiersArbitrary,
    fc.integer({ min: 0, max: 60 }),
    fc.constantFrom(...flatQuantities),
    (price, quantity, flatQuantity) => {
      const lines = linesFor(price, quantity, flatQuantity).map(historyLine);
      fc.pre(lines.length > 0);
      const found = unitsOf(price, "usd", lines);
      assert.ok(found !== null);
      const gross = grossOf(price, "usd", found)!;
      assert.ok(equal(gross, grossOf(price, "usd", BigInt(quantity))!), `${found} for ${quantity}`);
      assert.ok(gross.n >= rational(0).n);
    },
  ));
});
