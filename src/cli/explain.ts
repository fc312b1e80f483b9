/**
 * `glance explain`: what a Stripe subscription is worth a month, and why.
 *
 * @module
 */
import { format, round } from "../metrics/rational.ts";
import { explainSubscription, type Explanation, valueSubscription } from "../stripe/explain.ts";
import { moneyText } from "../widgets/context.ts";

interface Case {
  readonly subscription: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A bare subscription, or `{ subscription, options }`. */
function caseOf(value: unknown, place: string): Case {
  if (!isRecord(value)) throw new TypeError(`${place} is no JSON object`);
  if (!("subscription" in value)) return { subscription: value, options: {} };
  const { options = {} } = value;
  if (!isRecord(options)) throw new TypeError(`${place}.options is no JSON object`);
  return { subscription: value.subscription, options };
}

function read(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name} is no JSON: ${(error as Error).message}`);
  }
}

/** An explanation for each case; the place of a fault is named. */
function each<T>(input: unknown, explain: (one: Case) => T): T | T[] {
  const at = (value: unknown, place: string): T => {
    try {
      return explain(caseOf(value, place));
    } catch (error) {
      if (error instanceof TypeError && !error.message.startsWith(place)) {
        throw new TypeError(`${place}: ${error.message}`);
      }
      throw error;
    }
  };
  return Array.isArray(input)
    ? input.map((value, index) => at(value, `element ${index}`))
    : at(input, "the subscription");
}

/** The JSON answer: an object for an object, an array for an array. @throws {TypeError} */
export function explainJson(text: string, name: string, now: number): Explanation | Explanation[] {
  return each(
    read(text, name),
    ({ subscription, options }) => explainSubscription(subscription, options, now),
  );
}

function words({ subscription, options }: Case, now: number): string {
  const result = valueSubscription(subscription, options, now);
  const id = String((subscription as { id?: unknown }).id);
  if (result.kind === "unresolved") {
    return `${id} cannot be valued: ${result.issues.join(", ")}`;
  }
  const { currency, amount, lines } = result;
  const reason = result.reason ? ` (${result.reason.replaceAll("_", " ")})` : "";
  const parts = lines.map((line) => {
    const every = line.intervalCount === 1
      ? `a ${line.interval}`
      : `every ${line.intervalCount} ${line.interval}s`;
    return `  ${line.itemId}: ${line.quantity} × ${line.priceId} = ${
      moneyText(line.gross, currency)
    } ${every}\n    × ${format(line.factor)} a month, after discounts ${
      moneyText(line.discounted, currency)
    }, without inclusive tax ${moneyText(line.amount, currency)} (exactly ${format(line.amount)})`;
  });
  const warnings = result.issues.map((issue) => `  note: ${issue}`);
  const total = `${id}: ${moneyText(amount, currency)} a month${reason}, exactly ${
    format(amount)
  } minor units, rounded ${round(amount)}`;
  return [total, ...parts, ...warnings].join("\n");
}

/** The same in words. @throws {TypeError} */
export function explainWords(text: string, name: string, now: number): string {
  const found = each(read(text, name), (one) => words(one, now));
  return Array.isArray(found) ? found.join("\n\n") : found;
}
