/**
 * Reads CSV files of MRR by customer and month: those that Stripe's dashboard exports (a column a
 * month, a row a month, or a row a change), those of ChartMogul and Baremetrics, and our own.
 * Columns are found by what they are called and hold, as the names differ between accounts and
 * versions.
 *
 * @module
 */
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { exponentOf } from "../../metrics/currency.ts";
import { multiply, parse, type Rational, rational } from "../../metrics/rational.ts";
import { amountOf, type DecimalSign, decimalSigns, monthOf } from "./written.ts";

/** `level`: MRR at the close of a month; `change`: by how much it changed within it. */
export type ExportKind = "level" | "change";

/** `major`: as written on an invoice; `minor`: cents, as our own files and interfaces have them. */
export type Unit = "major" | "minor";

export interface ExportRow {
  readonly customer: string;
  /** `2026-10`. */
  readonly month: string;
  /** Lower case; `null` where the file does not say. */
  readonly currency: string | null;
  /** In the file's unit, exactly as written. */
  readonly amount: Rational;
}

export interface ExportFile {
  readonly kind: ExportKind;
  readonly unit: Unit;
  readonly rows: readonly ExportRow[];
}

/** What is wrong with a file, where, and what to do. */
export class ExportFileError extends TypeError {
  override readonly name = "ExportFileError";
}

type Cells = Readonly<Record<string, string>>;

function find(columns: readonly string[], pattern: RegExp): string | undefined {
  return columns.find((column) => pattern.test(column.trim()));
}

const CUSTOMER =
  /^(customer|subscriber)?[ _-]?(external[ _-]?id|oid)$|^(customer|subscriber)([ _-]?id)?$/i;
/** Ids of Stripe's; those of ChartMogul begin alike and have hyphens. */
const STRIPE_CUSTOMER = /^cus_\w+$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-/i;
const CURRENCY = /^currency([ _-]code)?$/i;
const DATE = /^((mrr )?month|date|period|(event|change|effective)[ _](date|time|at)|timestamp)/i;
const CHANGE = /(change|delta|difference|movement).*(amount|mrr)|mrr[ _-](change|delta|movement)/i;
const LEVEL = /^((customer[ _-])?mrr|monthly recurring revenue|amount)/i;
/** How a header says that its column is in minor units. */
const MINOR = /[ _(-]*(in )?(minor([ _-]?units?)?|cents)\)?$/i;
/** Our own files have beside each month what it is exactly. */
const EXACT = "Exact";

interface Layout {
  readonly kind: ExportKind;
  readonly unit: Unit;
  /** The columns that hold amounts. */
  readonly amounts: readonly string[];
  /** The months of a row, with the column that each stands in. */
  cells(row: Cells): readonly (readonly [month: string | null, column: string])[];
}

function unitOf(columns: readonly string[], name: string): Unit {
  const minor = columns.filter((column) => MINOR.test(column)).length;
  if (minor > 0 && minor < columns.length) {
    throw new ExportFileError(`${name}, line 1: some amounts are in minor units and some are not`);
  }
  return minor > 0 ? "minor" : "major";
}

/** A column a month: our own has whole minor units and exact ones, of which these are taken. */
function wideLayout(columns: readonly string[], months: readonly string[], name: string): Layout {
  const exact = months.map((month) => columns.find((column) => isExactOf(column, month)));
  const own = exact.every((column) => column !== undefined);
  const amounts = own ? exact : months;
  return {
    kind: "level",
    unit: own ? "minor" : unitOf(months, name),
    amounts,
    cells: () => months.map((column, index) => [monthIn(column), amounts[index]!]),
  };
}

/** `2026-10Exact` of `2026-10`, both with their unit or, in older files of ours, without. */
function isExactOf(column: string, month: string): boolean {
  return column.replace(MINOR, "") === month.replace(MINOR, "") + EXACT;
}

/** The month that a column is called by. */
function monthIn(column: string): string | null {
  return monthOf(column.replace(MINOR, ""));
}

function layoutOf(columns: readonly string[], name: string): Layout {
  const months = columns.filter((column) => monthIn(column) !== null);
  if (months.length > 0) return wideLayout(columns, months, name);
  const date = find(columns, DATE);
  const change = find(columns, CHANGE);
  const amount = change ?? find(columns, LEVEL);
  if (date === undefined || amount === undefined) {
    throw new ExportFileError(
      `${name}, line 1: no column names a month (such as 2026-10) and none an amount: its ` +
        `columns are ${columns.join(", ")}. Export "MRR per subscriber per month" or ` +
        `"Customer MRR changes" from Stripe's billing overview, or write a row for each customer ` +
        "with a column for each month.",
    );
  }
  return {
    kind: change === undefined ? "level" : "change",
    unit: unitOf([amount], name),
    amounts: [amount],
    cells: (row) => [[monthOf(row[date] ?? ""), amount]],
  };
}

interface Line {
  readonly record: Cells;
  readonly info: { readonly lines: number };
}

/** The sign between cells: programs of lands with a decimal comma write a semicolon. */
function delimiterOf(text: string): string {
  const head = /^[^\r\n]*/.exec(text.trimStart())![0];
  const count = (sign: string) => head.split(sign).length;
  return [",", ";", "\t"].reduce((best, sign) => count(sign) > count(best) ? sign : best);
}

function linesOf(text: string, name: string, delimiter: string): readonly Line[] {
  try {
    return parseCsv(text, {
      columns: true,
      bom: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ExportFileError(`${name}: ${error.message}`);
  }
}

/** The column with Stripe's ids of customers: by what it holds, else by its name. */
function customerColumn(columns: readonly string[], lines: readonly Line[], name: string): string {
  const holds = (column: string, pattern: RegExp) => {
    const cells = lines.map(({ record }) => record[column] ?? "").filter((cell) => cell !== "");
    return cells.length > 0 && cells.every((cell) => pattern.test(cell));
  };
  const sure = columns.filter((column) => holds(column, STRIPE_CUSTOMER));
  const found = find(sure, CUSTOMER) ?? sure[0] ?? find(columns, CUSTOMER);
  if (found === undefined) {
    throw new ExportFileError(
      `${name}, line 1: no column is called Customer ID: its columns are ${columns.join(", ")}`,
    );
  }
  if (!holds(found, UUID)) return found;
  throw new ExportFileError(
    `${name}, column ${found}: these are another program's own ids: add the column with those of ` +
      "Stripe (cus_…), which ChartMogul calls External ID and Baremetrics Customer OID",
  );
}

/** How the file writes decimals. @throws {ExportFileError} where it does so in two ways. */
function signOf(lines: readonly Line[], { amounts }: Layout, name: string, delimiter: string) {
  const cells = lines.flatMap(({ record }) => amounts.map((column) => record[column] ?? ""));
  const signs = [...decimalSigns(cells)];
  if (signs.length > 1) {
    throw new ExportFileError(
      `${name}: some amounts have a decimal comma and some a decimal point: write them in one way`,
    );
  }
  return signs[0] ?? (delimiter === ";" ? "," : ".");
}

const FRACTION = /^-?\d+(\/[1-9]\d*)?$/;

function readAmount(written: string, column: string, sign: DecimalSign): Rational | null {
  // Only our own columns have fractions.
  if (!column.replace(MINOR, "").endsWith(EXACT)) return amountOf(written, sign);
  return FRACTION.test(written) ? parse(written) : null;
}

/** @throws {ExportFileError} that names line and column. */
export function readExport(text: string, name: string): ExportFile {
  const delimiter = delimiterOf(text);
  const lines = linesOf(text, name, delimiter);
  if (lines.length === 0) throw new ExportFileError(`${name} has no rows`);
  const columns = Object.keys(lines[0]!.record);
  const customer = customerColumn(columns, lines, name);
  const currency = find(columns, CURRENCY);
  const layout = layoutOf(columns, name);
  const sign = signOf(lines, layout, name, delimiter);
  const rows = lines.flatMap(({ record, info }) => {
    if (record.view === "converted") {
      throw new ExportFileError(
        `${name}, line ${info.lines}: its amounts are converted: download it without a currency`,
      );
    }
    return layout.cells(record).flatMap(([month, column]): ExportRow[] => {
      const written = record[column] ?? "";
      // A month without a value in a wide file is a month without MRR.
      if (written === "") return [];
      const amount = readAmount(written, column, sign);
      if (month === null || amount === null) {
        throw new ExportFileError(
          `${name}, line ${info.lines}, column ${column}: ` +
            (amount === null
              ? `"${written}" is no amount`
              : "its date is not understood: write dates as 2026-10-31"),
        );
      }
      const code = currency === undefined ? null : record[currency]!.toLowerCase();
      return [{ customer: record[customer]!, month, currency: code || null, amount }];
    });
  });
  return { kind: layout.kind, unit: layout.unit, rows };
}

/** Minor units of a currency. */
export function minorOf(amount: Rational, unit: Unit, currency: string): Rational {
  return unit === "minor"
    ? amount
    : multiply(amount, rational(10n ** BigInt(exponentOf(currency))));
}
