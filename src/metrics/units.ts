/**
 * How many units invoice lines charge (metrics.md B.6 step 2.3). Stripe writes a line a tier and
 * may write one for a flat fee, whose quantity says nothing.
 *
 * @module
 */
import { grossAmount, Unresolved } from "./amount.ts";
import type { Held } from "./history_line.ts";
import { fullSeconds } from "./line_amounts.ts";
import {
  compare,
  equal,
  multiply,
  negate,
  type Rational,
  rational,
  subtract,
  sum,
} from "./rational.ts";
import type { Item, Price, Tier } from "./types.ts";

/** Sets of lines that are tried; with more lines only the likely ones are. */
const LINES_MAX = 10;

function add(quantities: readonly bigint[]): bigint {
  return quantities.reduce((total, each) => total + each, 0n);
}

function largest(quantities: readonly bigint[]): bigint {
  return quantities.reduce((most, each) => each > most ? each : most, 0n);
}

function tiersOf(price: Price, currency: string): readonly Tier[] {
  const face = price.currency === currency ? price : price.currencyOptions?.[currency];
  return face?.tiers ?? [];
}

/** The quantities that lines allow, the likely ones first. */
function candidates(price: Price, currency: string, lines: Held): ReadonlySet<bigint> {
  const tiers = tiersOf(price, currency);
  const isFlat = (amount: Rational) =>
    amount.n !== 0n && tiers.some(({ flat }) => equal(flat, amount));
  const all = lines.map(({ quantity }) => quantity);
  const own = lines.filter(({ amount }) => !isFlat(amount)).map(({ quantity }) => quantity);
  // Where there is a flat fee alone, its line may be all that names the units.
  const found = new Set(own.length > 0 ? [add(own), add(all), largest(all)] : [add(all), 0n]);
  if (lines.length > LINES_MAX) return found;
  let sums = [0n];
  for (const quantity of all) sums = sums.concat(sums.map((each) => each + quantity));
  for (const each of sums) found.add(each);
  return found;
}

/** What a price charges per billing interval for a quantity, in minor units, before discounts. */
export function grossOf(price: Price, currency: string, quantity: bigint): Rational | null {
  const item: Item = {
    id: "",
    price,
    quantity,
    currentPeriodStart: 0,
    currentPeriodEnd: 0,
    trial: null,
    discounts: [],
    taxRates: [],
  };
  try {
    return grossAmount(item, currency);
  } catch (error) {
    if (error instanceof Unresolved) return null;
    throw error;
  }
}

/** What was charged for whole intervals: a proration counts for the part of one that it covers. */
function chargedOf(lines: Held): Rational {
  return sum(lines.map((line) => {
    const { from, to } = line.period;
    return line.proration
      ? multiply(line.amount, rational(fullSeconds(line), to - from))
      : line.amount;
  }));
}

/** How far lines may be off, as each is rounded to a minor unit before it is scaled up. */
function tolerance(lines: Held): Rational {
  return sum(lines.map((line) => {
    const { from, to } = line.period;
    return line.proration ? rational(fullSeconds(line), to - from) : rational(1);
  }));
}

function distance(a: Rational, b: Rational): Rational {
  const difference = subtract(a, b);
  return difference.n < 0n ? negate(difference) : difference;
}

/** The units in each tier that a quantity reaches. */
function splitOf(price: Price, currency: string, quantity: bigint): readonly bigint[] {
  if (price.volume) return [quantity];
  const split: bigint[] = [];
  let below = 0n;
  for (const { upTo } of tiersOf(price, currency)) {
    const last = upTo === null || upTo >= quantity;
    split.push((last ? quantity : upTo) - below);
    if (last) break;
    below = upTo;
  }
  return split;
}

/** The most units whose tiers are all among the lines: those of a free trial charge nothing. */
function uncharged(price: Price, currency: string, lines: Held): bigint {
  const all = lines.map(({ quantity }) => quantity);
  let most = largest(all);
  for (const quantity of candidates(price, currency, lines)) {
    const left = [...all];
    const fits = splitOf(price, currency, quantity).every((units) => {
      const index = left.indexOf(units);
      if (index >= 0) left.splice(index, 1);
      return index >= 0;
    });
    if (fits && quantity > most) most = quantity;
  }
  return most;
}

function tieredUnits(
  price: Price,
  currency: string,
  lines: Held,
  likely: bigint | null,
): bigint | null {
  const charged = chargedOf(lines);
  const all = lines.map(({ quantity }) => quantity);
  if (charged.n === 0n) return uncharged(price, currency, lines);
  const most = tolerance(lines);
  let best: { readonly quantity: bigint; readonly off: Rational } | null = null;
  const found = candidates(price, currency, lines);
  const ordered = likely !== null && found.has(likely) ? [likely, ...found] : found;
  for (const quantity of ordered) {
    const gross = grossOf(price, currency, quantity);
    if (!gross) continue;
    const off = distance(gross, charged);
    if (compare(off, most) > 0 || (best && compare(off, best.off) >= 0)) continue;
    best = { quantity, off };
  }
  if (best) return best.quantity;
  // A proration may hold its discounts already: then its one line's quantity is all there is.
  return lines.length === 1 && lines[0]!.proration ? all[0]! : null;
}

/**
 * The units for which a price gives the amounts of lines before their discounts, within a minor
 * unit a line, among those that the lines' quantities allow; `null` where none fits.
 *
 * @param likely Taken where several fit: the live quantity of the item.
 */
export function unitsOf(
  price: Price,
  currency: string,
  lines: Held,
  likely: bigint | null = null,
): bigint | null {
  const total = add(lines.map(({ quantity }) => quantity));
  if (price.tiered) return tieredUnits(price, currency, lines, likely);
  if (lines.length === 1) return total;
  const gross = grossOf(price, currency, total);
  return gross && compare(distance(gross, chargedOf(lines)), tolerance(lines)) <= 0 ? total : null;
}
