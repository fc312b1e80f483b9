/**
 * Values as the JSON interface writes them (api.md): amounts twice, ratios with their fraction,
 * unknown as `null`.
 *
 * @module
 */
import type { Derived } from "../../src/metrics/ratios.ts";
import { format, type Rational, rational, round, toNumber } from "../../src/metrics/rational.ts";

/** Whole minor units: a number, or text beyond what a number holds exactly. */
export function whole(value: bigint): number | string {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : String(value);
}

/** `{ mrr: 8621394, mrrExact: "43106969/5" }`; `null` in both where it is unknown. */
export function amount(name: string, value: Rational | null): Record<string, unknown> {
  return {
    [name]: value && whole(round(value)),
    [`${name}Exact`]: value && format(value),
  };
}

const TEN_THOUSAND = rational(10_000n);

/** `{ exact: "1/11", value: 0.0909 }`, the value to 4 decimals, half away from zero. */
export function ratio(value: Rational | null, reason = "not_known"): Record<string, unknown> {
  if (!value) return { exact: null, value: null, reason };
  const rounded = round({ n: value.n * TEN_THOUSAND.n, d: value.d });
  return { exact: format(value), value: toNumber({ n: rounded, d: 10_000n }) };
}

/** A derived metric as a ratio, with the reason where it has no value. */
export function derived(value: Derived): Record<string, unknown> {
  return value.value === null ? ratio(null, value.reason) : ratio(value.value);
}

/** Why what is converted is unknown: a rate is never guessed (metrics.md A.9). */
export const FX_RATE_MISSING = "fx_rate_missing";

/** An amount of a slice, unknown where a rate is missing. */
export function convertedAmount(name: string, value: Rational | null): Record<string, unknown> {
  return { ...amount(name, value), ...(value ? {} : { reason: FX_RATE_MISSING }) };
}

/** What tells a converted row from a native one (api.md, "Native and converted"). */
export function viewOf(converted: boolean): { readonly view?: "converted" } {
  return converted ? { view: "converted" } : {};
}

/** An amount that is whole minor units by itself. */
export function minor(name: string, value: bigint): Record<string, unknown> {
  return { [name]: whole(value), [`${name}Exact`]: String(value) };
}

/** RFC 3339 in UTC, or `null`. `seconds` since the epoch. */
export function time(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
