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
  // Invoices and other objects of Stripe's have a field `subscription` too.
  if (!("subscription" in value) || "object" in value) {
    return { subscription: onlySubscription(value, place), options: {} };
  }
  const { subscription, options = {} } = value;
  if (!isRecord(options)) throw new TypeError(`${place}.options is no JSON object`);
  return { subscription: onlySubscription(subscription, place), options };
}

/** The value, unless it says itself that it is no subscription. @throws {TypeError} */
function onlySubscription(value: unknown, place: string): unknown {
  const object = isRecord(value) ? value.object : undefined;
  if (!isRecord(value) || typeof object !== "string" || object === "subscription") return value;
  throw new TypeError(`${place} is ${given(value, object)}`);
}

const ID = /^[a-z]+_\w{1,60}$/i;

/** What an object of Stripe's is, and how to get at a subscription. */
function given(value: Readonly<Record<string, unknown>>, object: string): string {
  if (object === "list" || object === "search_result") {
    const count = Array.isArray(value.data) ? value.data.length : 0;
    return `a list of ${count} objects, not a subscription: give explain its elements, ` +
      "jq '.data' FILE, or one of them, jq '.data[0]' FILE";
  }
  if (object === "event") {
    const held = isRecord(value.data) && isRecord(value.data.object) ? value.data.object : {};
    if (held.object === "subscription") {
      return "an event, not a subscription: the subscription as it was then is in it, " +
        "jq '.data.object' FILE";
    }
  }
  const named = /^[\w.]{1,60}$/.test(object) ? object.replaceAll("_", " ") : "another object";
  return `of the type "${named}", not a subscription: ${fetchHint(value)}`;
}

function fetchHint(value: Readonly<Record<string, unknown>>): string {
  const related = isRecord(value.related_object) ? value.related_object.id : value.subscription;
  const id = typeof related === "string" && ID.test(related) ? related : "sub_…";
  return `get the subscription itself by stripe subscriptions retrieve ${id}`;
}

function read(text: string, name: string): unknown {
  try {
    // Windows programs begin files with a byte-order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
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
