/**
 * Reads fields of JSON that came from outside, one by one, and says where a shape is not what
 * Stripe documents. Hand-written because a page of 100 subscriptions passes here in under a
 * millisecond; a schema library takes several.
 *
 * @module
 */
import { parse, type Rational } from "../metrics/rational.ts";

/** An object of Stripe's that this program cannot understand, and where. */
export class ShapeError extends TypeError {
  /** The path of the field, e.g. `items.data[0].price.currency`. */
  readonly path: string;
  constructor(path: string, expected: string, found: unknown) {
    super(`${path} should be ${expected} but is ${describe(found)}`);
    this.name = "ShapeError";
    this.path = path;
  }
  /** The same, with a reason that the reader of the message can act on. */
  because(reason: string): this {
    this.message += `: ${reason}`;
    return this;
  }
}

/** The kind of a value, never the value: it may be personal. */
function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "number" && value < 0) return "a number below 0";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

/** A JSON object with the path at which it was found. */
export interface Shape {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function at(shape: Shape, key: string): string {
  return shape.path === "" ? key : `${shape.path}.${key}`;
}

/** @throws {ShapeError} when `value` is not an object. */
export function shape(value: unknown, path = ""): Shape {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError(path || "the object", "an object", value);
  }
  return { path, fields: value as Record<string, unknown> };
}

export function text(from: Shape, key: string): string {
  const value = from.fields[key];
  if (typeof value !== "string") throw new ShapeError(at(from, key), "a text", value);
  return value;
}

/** The id of an object from a list; `null` where it has none. */
export function idIn(value: unknown): string | null {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === "string" ? id : null;
}

export function optionalText(from: Shape, key: string): string | null {
  return from.fields[key] == null ? null : text(from, key);
}

/** Unix seconds, counts: a whole number. */
export function whole(from: Shape, key: string): number {
  const value = from.fields[key];
  if (!Number.isSafeInteger(value)) throw new ShapeError(at(from, key), "a whole number", value);
  return value as number;
}

/** A whole number that is not below 0: quantities, amounts of prices. */
export function optionalCount(from: Shape, key: string): number | null {
  const value = optionalWhole(from, key);
  if (value !== null && value < 0) {
    throw new ShapeError(at(from, key), "0 or more", value);
  }
  return value;
}

export function optionalWhole(from: Shape, key: string): number | null {
  return from.fields[key] == null ? null : whole(from, key);
}

export function flag(from: Shape, key: string): boolean {
  const value = from.fields[key];
  if (typeof value !== "boolean") throw new ShapeError(at(from, key), "true or false", value);
  return value;
}

export function object(from: Shape, key: string): Shape {
  return shape(from.fields[key], at(from, key));
}

export function optionalObject(from: Shape, key: string): Shape | null {
  return from.fields[key] == null ? null : object(from, key);
}

/** Unix seconds of 2200-01-01: no date of a subscription is later. */
export const TIME_MAX = 7_258_118_400;

/** A date, Unix seconds. Days are counted one by one, so one out of range would never end. */
export function time(from: Shape, key: string): number {
  const value = whole(from, key);
  if (value < 0 || value > TIME_MAX) {
    throw new ShapeError(at(from, key), "a time between 1970 and 2200", value);
  }
  return value;
}

export function optionalTime(from: Shape, key: string): number | null {
  return from.fields[key] == null ? null : time(from, key);
}

/** A currency as Stripe writes it, "usd": what is none cannot be formatted on any page. */
export function currency(from: Shape, key: string): string {
  const value = text(from, key);
  if (!/^[a-z]{3}$/.test(value)) throw new ShapeError(at(from, key), "a currency", value);
  return value;
}

/** The elements of a plain list; absent counts as empty. */
export function list(
  from: Shape,
  key: string,
): { readonly path: string; readonly value: unknown }[] {
  const value = from.fields[key] ?? [];
  if (!Array.isArray(value)) throw new ShapeError(at(from, key), "a list", value);
  return value.map((element, index) => ({ path: `${at(from, key)}[${index}]`, value: element }));
}

/**
 * A decimal number as text, number or the SDK's decimal object, read through its text so that
 * 33.33 is exact.
 */
export function optionalDecimal(from: Shape, key: string): Rational | null {
  const value = from.fields[key];
  if (value == null) return null;
  try {
    return parse(String(value));
  } catch {
    throw new ShapeError(at(from, key), "a number", value);
  }
}

/** The id of a reference that is a text, or an object when it was expanded or deleted. */
export function idOf(from: Shape, key: string): string {
  const value = from.fields[key];
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) {
    throw new ShapeError(at(from, key), "an id", value);
  }
  return text(object(from, key), "id");
}

export function optionalId(from: Shape, key: string): string | null {
  return from.fields[key] == null ? null : idOf(from, key);
}
