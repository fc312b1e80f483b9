/**
 * Facts as JSON text and back, exactly: fractions, whole numbers beyond 2^53 and maps keep what
 * they are. A price that the mirror holds stands as its id, so that a subscription's row is small.
 *
 * @module
 */
import { format, parse, type Rational } from "../metrics/rational.ts";

/** Marks what JSON has no form for: `{"~": "1/3"}`, `{"~b": "12"}`, `{"~m": […]}`, `{"~p": id}`. */
const FRACTION = "~";
const BIGINT = "~b";
const MAP = "~m";
const PRICE = "~p";

/** Prices by id, to be named in place of being written out. */
export type PriceMirror = (id: string) => object | undefined;

const NO_PRICES: PriceMirror = () => undefined;

function isFraction(value: object): value is Rational {
  return typeof (value as Partial<Rational>).n === "bigint";
}

/** The text of a fact. */
export function encodeFact(fact: unknown, prices: PriceMirror = NO_PRICES): string {
  return JSON.stringify(fact, (_, value) => {
    if (typeof value === "bigint") return { [BIGINT]: String(value) };
    if (typeof value !== "object" || value === null) return value;
    if (isFraction(value)) return { [FRACTION]: format(value) };
    if (value instanceof Map) return { [MAP]: [...value] };
    return "id" in value && prices(value.id) === value ? { [PRICE]: value.id } : value;
  });
}

/** Fractions come again and again: the same text gives the same object. */
const fractions = new Map<string, Rational>();
const FRACTIONS_MAX = 20_000;

function fractionOf(text: string): Rational {
  let found = fractions.get(text);
  if (!found) {
    if (fractions.size >= FRACTIONS_MAX) fractions.clear();
    fractions.set(text, found = parse(text));
  }
  return found;
}

/**
 * The fact of what JSON made of its text, in the same place.
 *
 * @throws {TypeError} when a price is named that the mirror does not hold.
 */
export function reviveFact(value: unknown, prices: PriceMirror = NO_PRICES): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      value[index] = reviveFact(value[index], prices);
    }
    return value;
  }
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    const field = fields[name];
    if (name === FRACTION) return fractionOf(field as string);
    if (name === BIGINT) return BigInt(field as string);
    if (name === MAP) return new Map(reviveFact(field, prices) as [unknown, unknown][]);
    if (name === PRICE) {
      const price = prices(field as string);
      if (!price) throw new TypeError(`A stored subscription names the price ${field}, not stored`);
      return price;
    }
    if (typeof field === "object" && field !== null) fields[name] = reviveFact(field, prices);
  }
  return value;
}

/** The fact of a text. @throws {SyntaxError | TypeError} when it is none that was encoded here. */
export function decodeFact(text: string, prices: PriceMirror = NO_PRICES): unknown {
  return reviveFact(JSON.parse(text), prices);
}
