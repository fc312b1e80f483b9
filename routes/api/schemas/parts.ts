/**
 * What the answers of the JSON interface are made of (api.md, "Conventions"), as schemas: the
 * OpenAPI document is generated from them, and tests parse real answers with them.
 *
 * @module
 */
import * as z from "zod";

/** Minor units: a whole number, text beyond 2^53, `null` where it is unknown. */
export const minorUnits = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
const whole = minorUnits.nullable()
  .describe("Minor units; text beyond 2^53, null where unknown");
export const fraction = z.string().regex(/^-?\d+(\/\d+)?$/)
  .describe("The same, exactly, as a fraction of minor units");

/** An amount is always given twice: rounded, and as its fraction. */
export function amount<Name extends string>(name: Name) {
  return { [name]: whole, [`${name}Exact`]: fraction.nullable() } as
    & { [Key in Name]: typeof whole }
    & { [Key in `${Name}Exact`]: z.ZodNullable<typeof fraction> };
}

/** Why a value is null. */
const reason = z.string().describe("Why the value is null");
/** Beside a value or rows that may be unknown. */
export const optionalReason = reason.optional();

export const ratio = z.strictObject({
  exact: fraction.nullable(),
  value: z.number().nullable().describe("To 4 decimals, half away from zero"),
  reason: reason.optional(),
});

/** An amount, and why there is none. */
export function amountOrReason<Name extends string>(name: Name) {
  return { ...amount(name), [`${name}Reason`]: reason.optional() } as
    & ReturnType<typeof amount<Name>>
    & { [Key in `${Name}Reason`]: z.ZodOptional<typeof reason> };
}

export const count = z.int().min(0);
export const currency = z.string().regex(/^[a-z]{3}$/);
export const view = z.literal("converted").optional()
  .describe("Everything, converted to the reporting currency; left out where it is native");
export const time = z.iso.datetime().describe("RFC 3339, UTC");
export const day = z.iso.date().describe("A day of the source's time zone");
export const quality = z.enum(["inferred", "invoice", "event", "live"])
  .describe("How well the past is known, the worst within the period");
/** Periods are named by their interval: `2026-01-05`, `2026-01`, `2026-Q1`, `2026`. */
export const period = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?|-Q[1-4])?$/);

export const envelope = {
  source: z.string(),
  asOf: time.nullable().describe("The last confirmed synchronisation"),
  state: z.enum(["fresh", "stale", "incomplete"]),
  reasons: z.array(z.string()),
  preset: z.string(),
  definitionsVersion: z.string(),
  definitions: z.record(z.string(), z.string()),
  filter: z.strictObject({
    price: z.string().nullable(),
    product: z.string().nullable(),
    billing: z.string().nullable(),
  }).optional().describe("What the figures are of, where that is not all of the source"),
};

/** An answer about one source. */
export function answer<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject({ ...envelope, ...shape });
}

export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  parameter: z.string().optional(),
  detail: z.string().optional(),
});
