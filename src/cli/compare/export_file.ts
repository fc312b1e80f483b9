/**
 * Reads the CSV files that Stripe's dashboard exports: MRR per subscriber per month (a column a
 * month, or a row a month), and customer MRR changes (a row a change). Columns are found by what
 * they are called, as the names differ between accounts and versions.
 *
 * @module
 */
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { exponentOf } from "../../metrics/currency.ts";
import { multiply, parse, type Rational, rational } from "../../metrics/rational.ts";

/** `level`: MRR at the close of a month; `change`: by how much it changed within it. */
export type ExportKind = "level" | "change";

export interface ExportRow {
  readonly customer: string;
  /** `2026-10`. */
  readonly month: string;
  /** Lower case; `null` where the file does not say. */
  readonly currency: string | null;
  /** Major units, as written. */
  readonly major: Rational;
}

export interface ExportFile {
  readonly kind: ExportKind;
  readonly rows: readonly ExportRow[];
}

/** What is wrong with a file, where, and what to do. */
export class ExportFileError extends TypeError {
  override readonly name = "ExportFileError";
}

type Cells = Readonly<Record<string, string>>;

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** `2026-10`, `2026-10-31`, `2026-10-31 00:00`, `10/2026`, `Oct 2026`, `October 2026`. */
export function monthOf(text: string): string | null {
  const iso = /^(\d{4})-(\d{2})(?:$|[-T ])/.exec(text.trim());
  if (iso) return `${iso[1]}-${iso[2]}`;
  const slashed = /^(\d{1,2})\/(\d{4})$/.exec(text.trim());
  if (slashed) return `${slashed[2]}-${slashed[1]!.padStart(2, "0")}`;
  const named = /^([a-z]{3})[a-z]*\.? (\d{4})$/i.exec(text.trim());
  const index = named ? MONTHS.indexOf(named[1]!.toLowerCase()) : -1;
  return index < 0 ? null : `${named![2]}-${String(index + 1).padStart(2, "0")}`;
}

/** `1,234.50`, `$29.00`, `-5`, `(5.00)`; `null` where it is no amount. */
export function amountOf(text: string): Rational | null {
  const bare = text.trim().replace(/^\((.*)\)$/, "-$1").replaceAll(/[,\s$€£¥]/g, "");
  return /^-?\d+(\.\d+)?$/.test(bare) ? parse(bare) : null;
}

function find(columns: readonly string[], pattern: RegExp): string | undefined {
  return columns.find((column) => pattern.test(column.trim()));
}

const CUSTOMER = /^(customer|subscriber)([ _]?id)?$/i;
const CURRENCY = /^currency$/i;
const DATE = /^((mrr )?month|date|(event|change|effective)[ _](date|time|at)|timestamp)/i;
const CHANGE = /(change|delta|difference|movement).*(amount|mrr)|mrr[ _](change|delta|movement)/i;
const LEVEL = /^(mrr|monthly recurring revenue|mrr[ _]amount|amount)/i;

interface Layout {
  readonly kind: ExportKind;
  /** The months and amounts of a row, with the column that each stands in. */
  cells(row: Cells): readonly (readonly [month: string | null, column: string])[];
}

function layoutOf(columns: readonly string[], name: string): Layout {
  const months = columns.filter((column) => monthOf(column) !== null);
  if (months.length > 0) {
    return { kind: "level", cells: () => months.map((column) => [monthOf(column), column]) };
  }
  const date = find(columns, DATE);
  const change = find(columns, CHANGE);
  const amount = change ?? find(columns, LEVEL);
  if (date === undefined || amount === undefined) {
    throw new ExportFileError(
      `${name}, line 1: no column names a month (such as 2026-10) and none an amount: its ` +
        `columns are ${columns.join(", ")}. Export "MRR per subscriber per month" or ` +
        `"Customer MRR changes" from Stripe's billing overview.`,
    );
  }
  return {
    kind: change === undefined ? "level" : "change",
    cells: (row) => [[monthOf(row[date] ?? ""), amount]],
  };
}

interface Line {
  readonly record: Cells;
  readonly info: { readonly lines: number };
}

function linesOf(text: string, name: string): readonly Line[] {
  try {
    return parseCsv(text, {
      columns: true,
      bom: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ExportFileError(`${name}: ${error.message}`);
  }
}

/** @throws {ExportFileError} that names line and column. */
export function readExport(text: string, name: string): ExportFile {
  const lines = linesOf(text, name);
  if (lines.length === 0) throw new ExportFileError(`${name} has no rows`);
  const columns = Object.keys(lines[0]!.record);
  const customer = find(columns, CUSTOMER);
  if (customer === undefined) {
    throw new ExportFileError(
      `${name}, line 1: no column is called Customer ID: its columns are ${columns.join(", ")}`,
    );
  }
  const currency = find(columns, CURRENCY);
  const layout = layoutOf(columns, name);
  const rows = lines.flatMap(({ record, info }) =>
    layout.cells(record).flatMap(([month, column]): ExportRow[] => {
      const written = record[column] ?? "";
      // A month without a value in a wide file is a month without MRR.
      if (written === "") return [];
      const major = amountOf(written);
      if (month === null || major === null) {
        throw new ExportFileError(
          `${name}, line ${info.lines}, column ${column}: ` +
            (major === null ? `"${written}" is no amount` : "its date is not understood"),
        );
      }
      const code = currency === undefined ? null : record[currency]!.toLowerCase();
      return [{ customer: record[customer]!, month, currency: code || null, major }];
    })
  );
  return { kind: layout.kind, rows };
}

/** Minor units of a currency. */
export function minorOf(major: Rational, currency: string): Rational {
  return multiply(major, rational(10n ** BigInt(exponentOf(currency))));
}
