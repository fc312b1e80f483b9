/** How the amount of an item is split into lines: one for each tier, and for flat fees. */
import type { Currency, PriceSpec } from "./catalogue.ts";
import * as exact from "./fraction.ts";
import type { Traits } from "./state.ts";
import { grossOf } from "./worth.ts";

export interface Part {
  readonly quantity: number;
  readonly amount: number;
  readonly unit: string | null;
}

/** A line for each tier that was reached, and one for each flat fee. */
function partsWithFees(
  { tiers = [], mode }: PriceSpec,
  quantity: number,
  currency: Currency,
  flatLine: 0 | 1 | "units",
): Part[] {
  const parts: Part[] = [];
  let below = 0;
  for (const { upTo, unit, flat } of tiers) {
    const isLast = upTo === null || quantity <= upTo;
    const units = mode === "volume" ? quantity : Math.min(quantity, upTo ?? quantity) - below;
    below = upTo ?? quantity;
    if (mode === "volume" && !isLast) continue;
    const fee = Number(flat?.[currency] ?? 0);
    const each = String(unit[currency]);
    const amount = exact.round(exact.multiply(exact.parse(units), exact.parse(each)));
    if (units > 0 || fee === 0) parts.push({ quantity: units, amount, unit: each });
    if (fee > 0) {
      parts.push({ quantity: flatLine === "units" ? quantity : flatLine, amount: fee, unit: null });
    }
    if (isLast) break;
  }
  return parts;
}

/** A graduated price has a line for each tier that was reached; any other price has one. */
export function partsOf(
  price: PriceSpec,
  quantity: number,
  currency: Currency,
  flatLine: Traits["flatLine"],
): Part[] {
  if (flatLine !== undefined && price.tiers) {
    return partsWithFees(price, quantity, currency, flatLine);
  }
  const whole = exact.round(grossOf(price, quantity, currency));
  const unit = price.unit?.[currency];
  if (price.mode !== "graduated") {
    return [{ quantity, amount: whole, unit: unit === undefined ? null : String(unit) }];
  }
  const parts: Part[] = [];
  let below = 0;
  let sum = 0;
  for (const { upTo, unit } of price.tiers!) {
    const top = Math.min(quantity, upTo ?? quantity);
    const until = exact.round(grossOf(price, top, currency));
    parts.push({ quantity: top - below, amount: until - sum, unit: String(unit[currency]) });
    sum = until;
    below = top;
    if (top === quantity) break;
  }
  return parts;
}
