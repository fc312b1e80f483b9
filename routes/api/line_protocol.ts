/**
 * InfluxDB's line protocol: `measurement,tag=value field=1i,field="text" timestamp`, as its
 * reference has it.
 *
 * @module
 */

/** A whole number is written with an `i`, a text in quotes. */
export type FieldValue = bigint | string;

export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Unix seconds; written in nanoseconds, which is what the protocol takes unless told. */
  readonly at: number;
}

const NANOSECONDS = 1_000_000_000n;

/** A name, or a tag's value: none may hold an end of a line, not even escaped. */
function word(text: string, special: RegExp): string {
  return text.replace(/[\r\n]+/g, " ").replace(special, "\\$&");
}

const IN_MEASUREMENT = /[, ]/g;
const IN_TAG = /[,= ]/g;

function field(value: FieldValue): string {
  return typeof value === "bigint" ? `${value}i` : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** A backslash at the end would escape what follows; a tag without a value is left out. */
function tagsOf(tags: Point["tags"]): string {
  return Object.entries(tags)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, value]) => `,${word(name, IN_TAG)}=${word(value.replace(/\\+$/, ""), IN_TAG)}`)
    .join("");
}

/** One point as a line, without its end. @throws {RangeError} without a field. */
export function lineOf({ measurement, tags, fields, at }: Point): string {
  const written = Object.entries(fields).map(([name, value]) =>
    `${word(name, IN_TAG)}=${field(value)}`
  );
  if (written.length === 0) {
    throw new RangeError("Cannot write point as it needs a field: it has none");
  }
  const name = word(measurement, IN_MEASUREMENT);
  return `${name}${tagsOf(tags)} ${written.join(",")} ${BigInt(at) * NANOSECONDS}`;
}
