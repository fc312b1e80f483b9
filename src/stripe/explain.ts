/**
 * Values one Stripe-shaped subscription under options given as JSON, and tells what came out:
 * the engine of `glance explain` and of the golden cases.
 *
 * @module
 */
import { mrr, type MrrResult } from "../metrics/mrr.ts";
import { convertResult, type Rates } from "../metrics/reporting.ts";
import { type MrrOptions, PRESET_NAMES, type PresetName, PRESETS } from "../metrics/options.ts";
import { format, parse, type Rational, round } from "../metrics/rational.ts";
import type { Coupon, Subscription } from "../metrics/types.ts";
import { newestDiscount, newestSubscription } from "./older_shapes.ts";
import { shape, ShapeError, text } from "./shape.ts";
import { translateCoupon, translateDiscount, translateSubscription } from "./translate.ts";

/** The JSON answer of `glance explain --json` (design.md section 6). */
export interface Explanation {
  readonly kind: "value" | "unresolved";
  /** Rounded minor units by currency, as text beyond 2^53 − 1; empty when unresolved. */
  readonly mrr: Readonly<Record<string, number | string>>;
  /** The same as exact fractions. */
  readonly exact: Readonly<Record<string, string>>;
  readonly issues: readonly string[];
  readonly reason: string | null;
  readonly lines: readonly {
    readonly item: string;
    readonly price: string;
    readonly product: string;
    readonly exact: string;
  }[];
}

/** Everything that the JSON options say, read and checked. */
interface ReadOptions {
  at: number;
  options: MrrOptions;
  pastDueSince?: number;
  inclusiveTaxPercent?: Record<string, Rational>;
  customer?: { id: string; discount: unknown };
  coupons?: Map<string, Coupon>;
  convert?: Rates;
}

function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw new TypeError(`Option ${name} must be one of ${allowed.join(", ")}`);
}

function yesOrNo(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`Option ${name} must be true or false`);
}

function seconds(name: string, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new TypeError(`Option ${name} must be whole Unix seconds`);
}

function pastDue(value: unknown): MrrOptions["pastDue"] {
  if (typeof value !== "object" || value === null) {
    return oneOf("pastDue", value, ["count", "exclude"] as const);
  }
  const { maxDays } = value as { maxDays?: unknown };
  if (Number.isSafeInteger(maxDays) && (maxDays as number) >= 0) {
    return { maxDays: maxDays as number };
  }
  throw new TypeError("Option pastDue.maxDays must be a whole number of days, 0 or more");
}

function fractions(value: unknown): Record<string, Rational> {
  const entries = Object.entries(shape(value).fields);
  return Object.fromEntries(entries.map(([key, rate]) => [key, parse(String(rate))]));
}

type Reader = (into: ReadOptions, value: unknown) => void;

function meaning(read: (value: unknown) => Partial<MrrOptions>): Reader {
  return (into, value) => void (into.options = { ...into.options, ...read(value) });
}

/** The option names of metrics.md A.1 and how each is read. */
const READERS: ReadonlyMap<string, Reader> = new Map(Object.entries<Reader>({
  at: (into, value) => void (into.at = seconds("at", value)),
  // Read before the others, so that they override it: see `readOptions`.
  preset: () => {},
  pastDue: meaning((value) => ({ pastDue: pastDue(value) })),
  trialing: meaning((value) => ({ trialing: oneOf("trialing", value, ["exclude", "count"]) })),
  cancellation: meaning((value) => ({
    cancellation: oneOf("cancellation", value, ["at_request", "at_end"]),
  })),
  pauseCollection: meaning((value) => ({
    pauseCollection: oneOf("pauseCollection", value, ["by_behavior", "count", "exclude"]),
  })),
  trialOffers: meaning((value) => ({
    trialOffers: oneOf("trialOffers", value, ["exclude", "count_trial_price"]),
  })),
  subtractRepeating: meaning((value) => ({
    subtractRepeating: yesOrNo("subtractRepeating", value),
  })),
  subtractOnce: meaning((value) => ({ subtractOnce: yesOrNo("subtractOnce", value) })),
  weeksPerMonth: meaning((value) => ({ weeksPerMonth: parse(String(value)) })),
  daysPerMonth: meaning((value) => ({ daysPerMonth: parse(String(value)) })),
  inclusiveTax: meaning((value) => ({
    inclusiveTax: oneOf("inclusiveTax", value, ["deduct", "ignore"]),
  })),
  testClocks: meaning((value) => ({
    testClocks: oneOf("testClocks", value, ["exclude", "include"]),
  })),
  pastDueSince: (into, value) => void (into.pastDueSince = seconds("pastDueSince", value)),
  inclusiveTaxPercent: (into, value) => void (into.inclusiveTaxPercent = fractions(value)),
  customer: (into, value) => {
    const from = shape(value, "customer");
    into.customer = { id: text(from, "id"), discount: from.fields.discount };
  },
  coupons: (into, value) => {
    const entries = Object.entries(shape(value, "coupons").fields);
    into.coupons = new Map(entries.map(([id, coupon]) => [id, translateCoupon(coupon)]));
  },
  convert: (into, value) => {
    const from = shape(value, "convert");
    into.convert = { to: text(from, "to"), rates: fractions(from.fields.rates) };
  },
}));

function readOptions(json: Readonly<Record<string, unknown>>, now: number): ReadOptions {
  const preset: PresetName = json.preset === undefined
    ? "stripe"
    : oneOf("preset", json.preset, PRESET_NAMES);
  const read: ReadOptions = { at: now, options: PRESETS[preset] };
  for (const [name, value] of Object.entries(json)) {
    const reader = READERS.get(name);
    if (!reader) {
      throw new TypeError(`Unknown option ${name}: known are ${[...READERS.keys()].join(", ")}`);
    }
    reader(read, value);
  }
  return read;
}

/** What today's version has and older ones had elsewhere, or not at all (metrics.md D.1). */
const MOVED = /(^|\.)(current_period_(start|end)|source)$/;

/** A subscription of any API version since 2020-08-27. @throws {ShapeError} */
function readSubscription(value: unknown): Subscription {
  try {
    return translateSubscription(newestSubscription(shape(value).fields));
  } catch (error) {
    if (!(error instanceof ShapeError) || !MOVED.test(error.path)) throw error;
    throw error.because("the payload is of an older API version");
  }
}

/** The exact result of a Stripe-shaped subscription, for programs that want the fractions. */
export function valueSubscription(
  subscription: unknown,
  options: Readonly<Record<string, unknown>>,
  now: number,
): MrrResult {
  const read = readOptions(options, now);
  const sub = readSubscription(subscription);
  const discount = read.customer?.id === sub.customer ? read.customer.discount : null;
  const result = mrr(sub, read.at, read.options, {
    coupon: (id) => read.coupons?.get(id),
    customerDiscount: discount
      ? translateDiscount(newestDiscount(discount), "customer.discount")
      : null,
    pastDueSince: read.pastDueSince,
    inclusiveTaxPercent: read.inclusiveTaxPercent,
  });
  return read.convert ? convertResult(result, read.convert) : result;
}

/** A number where it holds the amount exactly, else text, as the JSON interface has it. */
function wholeOf(amount: bigint): number | string {
  const number = Number(amount);
  return Number.isSafeInteger(number) ? number : String(amount);
}

/**
 * Values a Stripe-shaped subscription.
 *
 * @param subscription Stripe's JSON, of any API version since 2020-08-27.
 * @param options Names of metrics.md A.1, and `preset`; `at` in Unix seconds.
 * @param now Unix seconds: used where `at` is not given.
 * @throws {TypeError} for an unknown option or a subscription of another shape; says which field.
 */
export function explainSubscription(
  subscription: unknown,
  options: Readonly<Record<string, unknown>>,
  now: number,
): Explanation {
  const result = valueSubscription(subscription, options, now);
  if (result.kind === "unresolved") {
    return {
      kind: result.kind,
      mrr: {},
      exact: {},
      issues: result.issues,
      reason: null,
      lines: [],
    };
  }
  return {
    kind: result.kind,
    mrr: { [result.currency]: wholeOf(round(result.amount)) },
    exact: { [result.currency]: format(result.amount) },
    issues: result.issues,
    reason: result.reason ?? null,
    lines: result.lines.map(({ itemId, priceId, productId, amount }) => ({
      item: itemId,
      price: priceId,
      product: productId,
      exact: format(amount),
    })),
  };
}
