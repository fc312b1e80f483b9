/**
 * Money, counts and rates as text. Decimals follow Stripe's own table (metrics.md A.7), never the
 * runtime's; `Intl` only places symbol and separators. Formatters are built once for a currency.
 *
 * @module
 */
import { displayDigitsOf, exponentOf } from "../metrics/currency.ts";

const LOCALE = "en-US";
const MINUS = "\u2212";

export interface MoneyStyle {
  /** Whole units, as at the head of the page: "$1,942". */
  readonly whole?: boolean;
  /** A plus before what is above zero, for changes. */
  readonly signed?: boolean;
  /** "USD 12,797" in place of "$12,797", where signs of several currencies would be alike. */
  readonly coded?: boolean;
}

/** By currency, then by 4 × digits + coded, signed: no key is put together for each figure. */
const formatters = new Map<string, Intl.NumberFormat[]>();

function formatterOf(
  currency: string,
  digits: number,
  signed: boolean,
  coded = false,
): Intl.NumberFormat {
  let ofCurrency = formatters.get(currency);
  if (ofCurrency === undefined) formatters.set(currency, ofCurrency = []);
  return ofCurrency[4 * digits + 2 * Number(coded) + Number(signed)] ??= new Intl.NumberFormat(
    LOCALE,
    {
      style: "currency",
      currency,
      currencyDisplay: coded ? "code" : "symbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: signed ? "exceptZero" : "negative",
    },
  );
}

/** Minor units as a decimal text, exactly: (-1205n, 2) gives "-12.05". */
function decimalText(minor: bigint, exponent: number): `${number}` {
  if (exponent === 0) return `${minor}` as `${number}`;
  const digits = `${minor < 0n ? -minor : minor}`.padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  return `${minor < 0n ? "-" : ""}${digits.slice(0, cut)}.${digits.slice(cut)}` as `${number}`;
}

/**
 * An amount in minor units: `formatMoney(-300n, "usd")` is "−$3.00". Rounds half away from zero to
 * the digits shown. `currency` in lower case.
 */
export function formatMoney(minor: bigint, currency: string, style: MoneyStyle = {}): string {
  const digits = style.whole ? 0 : displayDigitsOf(currency);
  return formatterOf(currency, digits, style.signed === true, style.coded)
    .format(decimalText(minor, exponentOf(currency)))
    .replace("-", MINUS);
}

/** A chart's number (minor units, perhaps with a fraction) as whole units, half away from zero. */
export function formatPoint(minor: number, currency: string, signed = false): string {
  const size = Math.round(Math.abs(minor) / 10 ** exponentOf(currency));
  const formatter = formatterOf(currency, 0, signed);
  return minor < 0 ? formatter.format(-size).replace("-", MINUS) : formatter.format(size);
}

const COMPACT: readonly [unit: number, suffix: string][] = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];

/** For axes: "$86.2k", "$1.2M", "¥950". `minor` in minor units. */
export function formatCompact(minor: number, currency: string): string {
  const value = minor / 10 ** exponentOf(currency);
  const size = Math.abs(value);
  // 999,950 would be "1000k": it belongs to the next unit.
  const found = COMPACT.find(([unit]) => size >= unit * 0.99995 && size >= 1000);
  const scaled = found === undefined ? Math.round(value) : Math.round(value / found[0] * 10) / 10;
  const digits = Number.isInteger(scaled) ? 0 : 1;
  const text = formatterOf(currency, digits, false).format(scaled).replace("-", MINUS);
  return found === undefined ? text : text.replace(/\d(?=\D*$)/, `$&${found[1]}`);
}

/** Built when first used: the runtime's first one loads its tables for 15 ms. */
function lazily(options: Intl.NumberFormatOptions): () => Intl.NumberFormat {
  let format: Intl.NumberFormat | undefined;
  return () => format ??= new Intl.NumberFormat(LOCALE, options);
}

const integers = lazily({ maximumFractionDigits: 0 });
const percents = lazily({
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  // What rounds to zero is shown as zero, without a sign.
  signDisplay: "negative",
});
const signedPercents = lazily({
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});

/** "1,240". */
export function formatInteger(count: number | bigint): string {
  return integers().format(count).replace("-", MINUS);
}

/** A ratio as "2.4 %", with a space that does not break. */
export function formatPercent(ratio: number, signed = false): string {
  const percent = (signed ? signedPercents : percents)().format(ratio * 100);
  return `${percent.replace("-", MINUS)}\u00a0%`;
}

/** A base below this shows its counts, since a percentage of so few misleads (page.md). */
const SMALL_BASE = 30;

/** "9.1 %", or "2 of 19" over a small base, or `null` over none. */
export function formatRate(part: number, base: number): string | null {
  if (base === 0) return null;
  if (base < SMALL_BASE) return `${formatInteger(part)} of ${formatInteger(base)}`;
  return formatPercent(part / base);
}
