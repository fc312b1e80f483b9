/** Reads a query string as Stripe does: `limit`, cursors, `created[gte]`, `expand[]`, filters. */
import { integerInvalid, parameterInvalid, parameterUnknown } from "./errors.ts";

/** A range of Unix seconds; equality is `gte` and `lte` alike. */
export interface Range {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

export interface Query {
  readonly expand: readonly string[];
  readonly limit: number;
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
  /** Ranges by parameter: `created`, `due_date`, `current_period_end`, … */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Everything else by name; a list parameter has several values. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
}

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;
const LIST_PARAMETERS = ["limit", "starting_after", "ending_before"];
const BOUNDS = ["gt", "gte", "lt", "lte"];

function integer(name: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw integerInvalid(name, text);
  return Number(text);
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = integer("limit", text);
  if (limit < 1) {
    throw parameterInvalid("limit", "This value must be greater than or equal to 1.");
  }
  if (limit > LIMIT_MAX) {
    throw parameterInvalid("limit", `This value must be less than or equal to ${LIMIT_MAX}.`);
  }
  return limit;
}

function addBound(range: Range, name: string, bound: string | undefined, text: string): void {
  if (bound === undefined) {
    range.gte = range.lte = integer(name, text);
    return;
  }
  const full = `${name}[${bound}]`;
  if (!BOUNDS.includes(bound)) throw parameterUnknown(full);
  range[bound as keyof Range] = integer(full, text);
}

/** What a resource understands besides `expand`. */
export interface Parameters {
  readonly isList: boolean;
  readonly ranges: readonly string[];
  readonly filters: readonly string[];
}

/**
 * Reads the parameters of a request.
 *
 * @throws ApiError 400 for an unknown parameter or a value that cannot be.
 */
export function readQuery(search: URLSearchParams, known: Parameters): Query {
  const expand: string[] = [];
  const ranges = new Map<string, Range>();
  const filters = new Map<string, string[]>();
  for (const [key, value] of search) {
    const [, name = key, index] = /^([a-z_]+)(?:\[([a-z_0-9]*)\])?$/.exec(key) ?? [];
    if (name === "expand") {
      if (index === undefined) throw parameterInvalid("expand", "Invalid array");
      expand.push(value);
    } else if (known.ranges.includes(name)) {
      const range = ranges.get(name) ?? {};
      addBound(range, name, index, value);
      ranges.set(name, range);
    } else if (index !== undefined && known.filters.includes(`${name}[]`)) {
      filters.set(`${name}[]`, [...filters.get(`${name}[]`) ?? [], value]);
    } else if (known.filters.includes(key) || known.isList && LIST_PARAMETERS.includes(key)) {
      filters.set(key, [value]);
    } else throw parameterUnknown(key);
  }
  const [startingAfter] = filters.get("starting_after") ?? [];
  const [endingBefore] = filters.get("ending_before") ?? [];
  if (startingAfter !== undefined && endingBefore !== undefined) {
    throw parameterInvalid(
      "ending_before",
      "You may only specify one of these parameters: ending_before, starting_after.",
    );
  }
  const limit = readLimit(filters.get("limit")?.[0]);
  for (const name of LIST_PARAMETERS) filters.delete(name);
  return { expand, limit, startingAfter, endingBefore, ranges, filters };
}
