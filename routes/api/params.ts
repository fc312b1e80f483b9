/**
 * Parameters of the JSON interface; unknown and malformed ones are refused.
 *
 * @module
 */
import type { LineFilter } from "../../src/metrics/filter.ts";
import type { SourceView } from "../../src/store/port.ts";
import { BILLING_SHAPE, ID_SHAPE } from "../../src/widgets/query.ts";
import type { Reporting } from "../../src/widgets/slice.ts";
import type { Live } from "../deps.ts";
import { Problem } from "./problem.ts";

/** Known everywhere. */
const COMMON = ["source", "format"] as const;

/** Filters over figures; a plan is a price. */
export const FILTERS = ["plan", "product", "price", "billing"] as const;

/** @throws {Problem} `parameter_unknown`, or `parameter_invalid` for one given twice. */
export function checkNames(search: URLSearchParams, allowed: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of search.keys()) {
    if (!allowed.includes(name) && !COMMON.some((known) => known === name)) {
      throw new Problem("parameter_unknown", name);
    }
    if (seen.has(name)) throw new Problem("parameter_invalid", name, "it is given twice");
    seen.add(name);
  }
}

/** The source that is asked for: by its name, by `acct_…:live`, or the only one. */
export function readSource(search: URLSearchParams, { sources }: Live): SourceView {
  const name = search.get("source");
  if (name === null) {
    if (sources.size > 1) throw new Problem("source_required", "source");
    const only = sources.values().next().value;
    if (!only) throw new Problem("not_ready", undefined, "no account is configured");
    return only;
  }
  const found = sources.get(name) ??
    [...sources.values()].find(({ info }) =>
      `${info.account}:${info.livemode ? "live" : "test"}` === name
    );
  if (!found) throw new Problem("source_unknown", "source");
  return found;
}

/** Whether a source knows a price, a product or a way of billing by its id or name. */
function isKnown(view: SourceView, name: "price" | "product" | "billing", value: string): boolean {
  if (name === "billing") return true;
  const known = name === "price" ? view.price(value) : view.product(value);
  return known !== undefined || view.tally.plans().some((plan) => plan[name] === value);
}

/**
 * The filters that are asked for.
 *
 * @throws {Problem} `parameter_invalid` for one that is malformed or names nothing of the source.
 */
export function readFilter(search: URLSearchParams, view: SourceView): LineFilter {
  const read = (name: typeof FILTERS[number], of: "price" | "product" | "billing") => {
    const value = search.get(name);
    if (value === null) return null;
    const shape = of === "billing" ? BILLING_SHAPE : ID_SHAPE;
    if (!shape.test(value)) {
      const hint = "day, week, month, quarter, half-year, year or such as 2-week";
      throw new Problem("parameter_invalid", name, of === "billing" ? hint : undefined);
    }
    if (isKnown(view, of, value)) return value;
    throw new Problem("parameter_invalid", name, `there is no such ${of} in this source`);
  };
  const [plan, price] = [read("plan", "price"), read("price", "price")];
  if (plan !== null && price !== null && plan !== price) {
    throw new Problem("parameter_invalid", "price", "a plan is a price: name one of them");
  }
  return {
    price: plan ?? price,
    product: read("product", "product"),
    billing: read("billing", "billing"),
  };
}

/** A native currency of the source or the reporting one; `null` when none is named. */
export function readCurrency(
  search: URLSearchParams,
  view: SourceView,
  reporting: Reporting | null,
): string | null {
  const currency = search.get("currency");
  if (currency === null) return null;
  const lower = currency.toLowerCase();
  if (!/^[a-z]{3}$/.test(lower)) throw new Problem("parameter_invalid", "currency");
  if (lower !== reporting?.currency && !view.tally.currencies().includes(lower)) {
    throw new Problem("currency_unknown", "currency");
  }
  return lower;
}

/** One of several words. */
export function readWord<T extends string>(
  search: URLSearchParams,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const text = search.get(name);
  if (text === null) return fallback;
  const found = allowed.find((word) => word === text);
  if (!found) throw new Problem("parameter_invalid", name, `one of ${allowed.join(", ")}`);
  return found;
}

/** A whole number in [min, max]. */
export function readWhole(
  search: URLSearchParams,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = search.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new Problem("parameter_invalid", name, `a whole number from ${min} to ${max}`);
  }
  return value;
}

/** An id such as a price's, or `null`. */
export function readId(search: URLSearchParams, name: string): string | null {
  const text = search.get(name);
  if (text !== null && !ID_SHAPE.test(text)) throw new Problem("parameter_invalid", name);
  return text;
}
