/**
 * The European Central Bank's daily reference rates as a table of text (`eurofxref-hist.csv`):
 * units of each currency per euro, a line a day, `N/A` where a currency is not quoted. Read from
 * its own file and from ours, which is the same without what is superfluous.
 *
 * @module
 */
import { dayKey, dayNumber } from "./calendar.ts";
import { ONE, parse, type Rational } from "./rational.ts";

export interface QuotedRates {
  /** Units of a currency (lower case) for one euro on exactly that day, or `null`. */
  perEuro(currency: string, day: number): Rational | null;
  /** The same as its text; empty where there is none. */
  cell(currency: string, day: number): string;
  /** Currencies in lower case, without the euro. */
  readonly currencies: readonly string[];
  /** In order of time; never empty. */
  readonly days: readonly number[];
  /** Changes with the content. */
  readonly digest: string;
  /** The table as CSV, oldest day first. */
  text(): string;
}

/** What is wrong in a file of rates, with its line and column. */
export class QuotedRatesError extends TypeError {
  override readonly name = "QuotedRatesError";
}

interface Cell {
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
}

interface Line {
  readonly number: number;
  readonly cells: readonly Cell[];
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const NUMBER = /^\d{1,12}(\.\d{1,12})?$/;
const ABSENT = new Set(["N/A", ""]);
/** More than a century of days; no file of rates has so many. */
const DAYS_MAX = 50_000;

/** Cells of a line; the one behind a comma at its end is left out. */
function cellsOf(line: string): readonly Cell[] {
  let column = 1;
  const cells = line.split(",").map((raw) => {
    const cell = { text: raw.trim(), column: column + raw.length - raw.trimStart().length };
    column += raw.length + 1;
    return cell;
  });
  return cells.at(-1)!.text === "" ? cells.slice(0, -1) : cells;
}

function linesOf(text: string): Line[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, cells: cellsOf(line) }))
    .filter(({ cells }) => cells.length > 0);
}

/**
 * Reads a table of rates, newest or oldest day first.
 *
 * @param name What the text is called in errors.
 * @throws {QuotedRatesError} with line and column where the text is not such a table.
 */
export function parseQuotedRates(text: string, name: string): QuotedRates {
  function fail(line: number, { column }: Pick<Cell, "column">, message: string): never {
    throw new QuotedRatesError(`${name}, line ${line}, column ${column}: ${message}`);
  }
  const [header, ...lines] = linesOf(text);
  const [first, ...names] = header?.cells ?? [];
  if (!header || !first || first.text.toLowerCase() !== "date") {
    return fail(header?.number ?? 1, { column: 1 }, "the first line must be Date,USD,JPY,…");
  }
  const currencies = names.map((cell) => {
    if (!/^[A-Za-z]{3}$/.test(cell.text)) {
      fail(header.number, cell, `must be a currency's three letters: it is "${cell.text}"`);
    }
    return cell.text.toLowerCase();
  });
  currencies.forEach((currency, index) => {
    if (currencies.indexOf(currency) !== index) {
      fail(header.number, names[index]!, `${currency.toUpperCase()} stands there twice`);
    }
  });
  const rows = new Map<number, string>();
  for (const { number, cells } of lines) {
    const day = dayOf(cells[0]!, (message) => fail(number, cells[0]!, message));
    if (rows.has(day)) fail(number, cells[0]!, `${cells[0]!.text} stands there twice`);
    if (cells.length - 1 > currencies.length) {
      fail(number, cells[currencies.length + 1]!, "there are more cells than currencies");
    }
    const quotes = cells.slice(1);
    for (const cell of quotes) {
      const sound = ABSENT.has(cell.text) || (NUMBER.test(cell.text) && /[1-9]/.test(cell.text));
      if (!sound) fail(number, cell, `must be a number above 0 or N/A: it is "${cell.text}"`);
    }
    rows.set(day, quotes.map((cell) => ABSENT.has(cell.text) ? "" : cell.text).join(","));
    if (rows.size > DAYS_MAX) fail(number, cells[0]!, `there are more than ${DAYS_MAX} days`);
  }
  if (rows.size === 0) fail(header.number, { column: 1 }, "there is no day of rates below it");
  return tableOf(currencies, rows);
}

function dayOf({ text }: Cell, fail: (message: string) => never): number {
  try {
    if (DATE.test(text)) return dayNumber(Temporal.PlainDate.from(text, { overflow: "reject" }));
  } catch {
    // A 31 February is told like any other text that is no date.
  }
  return fail(`must be a date such as 2026-11-24: it is "${text}"`);
}

/** FNV-1a, to tell one content from another. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}

/** Lines stay text until a rate is asked for: thirty currencies since 1999 are never all needed. */
function tableOf(currencies: readonly string[], rows: ReadonlyMap<number, string>): QuotedRates {
  const days = [...rows.keys()].sort((a, b) => a - b);
  const index = new Map(currencies.map((currency, at) => [currency, at]));
  function cell(currency: string, day: number): string {
    const at = index.get(currency);
    return at === undefined ? "" : rows.get(day)?.split(",")[at] ?? "";
  }
  const text = () => {
    const heads = ["Date", ...currencies.map((currency) => currency.toUpperCase())];
    const lines = days.map((day) => {
      const cells = rows.get(day)!.split(",");
      return [dayKey(day), ...currencies.map((_, at) => cells[at] || "N/A")].join(",");
    });
    return `${heads.join(",")}\n${lines.join("\n")}\n`;
  };
  return {
    perEuro(currency, day) {
      if (currency === "eur") return rows.has(day) ? ONE : null;
      const quote = cell(currency, day);
      return quote ? parse(quote) : null;
    },
    cell,
    currencies,
    days,
    digest: digestOf(text()),
    text,
  };
}

/** Two tables as one; where both have a day, the newer one's is taken. */
export function mergeQuotedRates(older: QuotedRates, newer: QuotedRates): QuotedRates {
  const currencies = [...new Set([...older.currencies, ...newer.currencies])];
  const rows = new Map<number, string>();
  for (const table of [older, newer]) {
    for (const day of table.days) {
      rows.set(day, currencies.map((currency) => table.cell(currency, day)).join(","));
    }
  }
  return tableOf(currencies, rows);
}
