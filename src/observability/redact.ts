/**
 * What may not be logged is taken out here: key material, credentials, query strings and e-mail
 * addresses, whether they stand in a message, a field, a field's name or an error's stack.
 *
 * @module
 */

/** Text longer than this many characters is cut. */
const TEXT_LENGTH_MAX = 8_192;
/** Objects nested deeper than this are not shown. */
const DEPTH_MAX = 6;
/** Entries of an object or a list beyond these are left out. */
const ENTRIES_MAX = 100;
/** Values of one field, all depths together, beyond these are left out. */
const VALUES_MAX = 1_000;

const HIDDEN = "[redacted]";

/** Fields whose text is never shown, whatever it looks like. Numbers are: `tokens: 93` is harmless. */
const SECRET_NAME = /pass(?:word|phrase)|secret|token|authorization|cookie|api[-_]?key|signature/i;

/** Whether any rule below could apply: most text has none of this and is passed on untouched. */
const SUSPICIOUS = /[@?]|[srp]k_|whsec_|glance_[0-9a-f]{8}|%40|%3f|\/\/|bearer|basic/i;

const RULES: readonly [pattern: RegExp, replacement: string][] = [
  // Without a word boundary in front: the key may follow an escape such as %3D.
  [/(?:[srp]k_(?:live|test|org)|whsec_)[\w+/=-]*/gi, "[key]"],
  [/\b[srp]k_[\w-]+/gi, "[key]"],
  // A token of ours, also one that was cut off; names of metrics hold no eight such digits in a row.
  [/glance_[0-9a-f]{8,}/gi, "[token]"],
  [/\b(bearer)(\s+|%20)[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [/\b(basic)(\s+|%20)[\w+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  // user:password@ of an address, before it is taken for an e-mail.
  [/\/\/[^\s/@"'<>]{1,512}@/g, `//${HIDDEN}@`],
  [/(?<=[^\s?])(?:\?|%3f)[^\s"'<>()[\]{}]+/gi, `?${HIDDEN}`],
  // The bound on the local part (RFC 5321) keeps the search linear.
  [/[\p{L}\p{N}.!#$%&*+=^_~-]{1,64}(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu, "[email]"],
];

/** Text without anything that may not be logged, cut to 8,192 characters. */
export function redactText(text: string): string {
  const short = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
  if (!SUSPICIOUS.test(short)) return short;
  return RULES.reduce((result, [pattern, to]) => result.replace(pattern, to), short);
}

/**
 * A value fit for `JSON.stringify`, redacted throughout and bounded in depth and size. Errors
 * become name, message, stack and cause; what has a `toJSON` shows itself as that says. Never
 * throws.
 */
export function redactValue(value: unknown, name = ""): unknown {
  return visit(value, name, 0, { left: VALUES_MAX });
}

/** How many values may still be shown: without it, lists that share entries grow without end. */
interface Budget {
  left: number;
}

function visit(value: unknown, name: string, depth: number, budget: Budget): unknown {
  if (--budget.left < 0) return "[too much]";
  switch (typeof value) {
    case "string":
      return SECRET_NAME.test(name) ? HIDDEN : redactText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "boolean":
    case "undefined":
      return value;
    case "object":
      break;
    default:
      return `[${typeof value}]`;
  }
  if (value === null) return null;
  if (SECRET_NAME.test(name)) return HIDDEN;
  if (depth >= DEPTH_MAX) return "[nested too deep]";
  try {
    return visitObject(value, name, depth + 1, budget);
  } catch {
    return "[unreadable]"; // a getter or toJSON that throws must not end a request
  }
}

function visitObject(value: object, name: string, depth: number, budget: Budget): unknown {
  if (value instanceof Error) return visitError(value, depth, budget);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return visit(value.toJSON(), name, depth, budget);
  }
  if (value instanceof Map) return visitObject(Object.fromEntries(value), name, depth, budget);
  if (value instanceof Set) return visitObject([...value], name, depth, budget);
  if (Array.isArray(value)) {
    return value.slice(0, ENTRIES_MAX).map((entry) => visit(entry, name, depth, budget));
  }
  // An entry named `__proto__` is one like any other.
  return Object.fromEntries(
    Object.entries(value).slice(0, ENTRIES_MAX)
      .map(([key, entry]) => [redactText(key), visit(entry, key, depth, budget)]),
  );
}

function visitError(error: Error, depth: number, budget: Budget): Record<string, unknown> {
  const cause = error.cause === undefined ? {} : { cause: visit(error.cause, "", depth, budget) };
  return {
    name: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ""),
    ...cause,
  };
}
