/**
 * Months and amounts as exports of other programs write them.
 *
 * @module
 */
import { parse, type Rational } from "../../metrics/rational.ts";

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

function keyOf(year: string, month: number): string | null {
  return month >= 1 && month <= 12 ? `${year}-${String(month).padStart(2, "0")}` : null;
}

function named(name: string, year: string): string | null {
  return keyOf(year, MONTHS.indexOf(name.toLowerCase()) + 1);
}

/** Of two numbers of a date the month, where only one of them can be it. */
function monthOfTwo(first: number, second: number): number {
  if (first === second) return first;
  return first > 12 ? second : second > 12 ? first : 0;
}

/**
 * `2026-10`, `2026-10-31`, `2026-10-31 00:00`, `10/2026`, `Oct 2026`, `October 2026`, `Oct-26`,
 * `31 Oct 2026`, `Oct 31, 2026`, `31.10.2026`, `10/31/2026`; `null` where it is no month, or could be
 * two.
 */
export function monthOf(text: string): string | null {
  const written = text.trim();
  const iso = /^(\d{4})-(\d{2})(?:$|[-T ])/.exec(written);
  if (iso) return keyOf(iso[1]!, Number(iso[2]));
  const pair = /^(\d{1,2})\/(\d{4})$/.exec(written);
  if (pair) return keyOf(pair[2]!, Number(pair[1]));
  const dotted = /^\d{1,2}\.(\d{1,2})\.(\d{4})\b/.exec(written);
  if (dotted) return keyOf(dotted[2]!, Number(dotted[1]));
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})\b/.exec(written);
  if (slashed) return keyOf(slashed[3]!, monthOfTwo(Number(slashed[1]), Number(slashed[2])));
  const long = /^(?:\d{1,2} )?([a-z]{3})[a-z]*\.?(?: \d{1,2},)? (\d{4})$/i.exec(written);
  if (long) return named(long[1]!, long[2]!);
  const short = /^([a-z]{3})[a-z]*[- ]['’]?(\d{2})$/i.exec(written);
  return short ? named(short[1]!, `20${short[2]}`) : null;
}

/** The sign between units and decimals. */
export type DecimalSign = "." | ",";

const other = (sign: DecimalSign): DecimalSign => sign === "." ? "," : ".";

/** An amount without its currency sign, spaces and apostrophes; `(5.00)` is -5.00. */
function bare(text: string): string {
  return text.trim().replace(/^\((.*)\)$/, "-$1").replaceAll("−", "-")
    .replaceAll(/[\s\p{Sc}'’]/gu, "");
}

/** The decimal sign where the amount can be read in one way only; `null` for `1,234` and `29`. */
function provenSign(amount: string): DecimalSign | null {
  const signs = [...amount].filter((sign) => sign === "." || sign === ",") as DecimalSign[];
  const last = signs.at(-1);
  if (last === undefined) return null;
  if (signs.some((sign) => sign !== last)) return last;
  if (signs.length > 1) return other(last);
  const [head = "", tail = ""] = amount.replace("-", "").split(last);
  // A group has three digits, and the first one does not begin with 0.
  return tail.length === 3 && /^[1-9]\d{0,2}$/.test(head) ? null : last;
}

/** The decimal signs that a file's amounts prove. */
export function decimalSigns(amounts: Iterable<string>): ReadonlySet<DecimalSign> {
  const found = new Set<DecimalSign>();
  for (const amount of amounts) {
    const sign = provenSign(bare(amount));
    if (sign) found.add(sign);
  }
  return found;
}

/**
 * `1,234.50`, `1.234,50`, `1 234,50`, `$29.00`, `29,00 €`, `-5`, `(5.00)`; `null` where it is no
 * amount.
 *
 * @param decimal The file's sign, for amounts such as `1,234` that can be read in two ways.
 */
export function amountOf(text: string, decimal: DecimalSign = "."): Rational | null {
  const amount = bare(text);
  const sign = provenSign(amount) ?? decimal;
  const [units = "", ...rest] = amount.split(sign);
  const group = other(sign);
  // India groups by two digits before the last three.
  const grouped = units.includes(group)
    ? /^-?\d{1,3}([.,]\d{2,3})*[.,]\d{3}$/.test(units)
    : /^-?\d+$/.test(units);
  if (!grouped || rest.length > 1 || (rest[0] !== undefined && !/^\d+$/.test(rest[0]))) return null;
  const decimals = rest[0] === undefined ? "" : `.${rest[0]}`;
  return parse(units.replaceAll(group, "") + decimals);
}
