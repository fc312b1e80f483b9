/**
 * The answers of the JSON interface as CSV (RFC 4180). JSON keeps its names; a header of CSV also
 * names the unit of money, as a spreadsheet shows no documentation.
 *
 * @module
 */

type Row = Readonly<Record<string, unknown>>;

/** A negative number or fraction begins like a formula, and is none. */
const NUMBER = /^-\d+(\/\d+)?$/;

/** One cell of CSV; texts that a spreadsheet would take for a formula are neutralised. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const raw = typeof value === "object" ? JSON.stringify(value) : String(value);
  const formula = typeof value === "string" && /^[=+\-@\t\r]/.test(raw) && !NUMBER.test(raw);
  const text = formula ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isRecord(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A cell or several: ratios by their value, what is nested under `outer.inner` or `outer.0`. */
function cellsOf(name: string, value: unknown): [string, unknown][] {
  if (isRecord(value)) {
    if ("exact" in value && "value" in value) return [[name, value.value]];
    return Object.entries(value).flatMap(([key, inner]) => cellsOf(`${name}.${key}`, inner));
  }
  const ratios = Array.isArray(value) && value.length > 0 &&
    value.every((one) => isRecord(one) && "exact" in one && "value" in one);
  return ratios ? value.flatMap((one, index) => cellsOf(`${name}.${index}`, one)) : [[name, value]];
}

const EXACT = "Exact";

/** Whether an amount stands under a name: it is always given twice, as `mrr` and `mrrExact`. */
function isMoney(name: string, names: ReadonlySet<string>): boolean {
  return names.has(name + EXACT) ||
    (name.endsWith(EXACT) && names.has(name.slice(0, -EXACT.length)));
}

/** Columns whose cells list amounts, empty lists too: a header is the same whatever the rows are. */
const LISTS_OF_MONEY = new Set(["byPlan", "lines", "other", "categories"]);

/** The header of a column: of money with its unit, as `mrr (minor units)`. */
function header(name: string, names: ReadonlySet<string>): string {
  return isMoney(name, names) || LISTS_OF_MONEY.has(name) ? `${name} (minor units)` : name;
}

/** Rows as CSV, the keys of all rows as its head. */
export function toCsv(nested: readonly Row[]): string {
  const rows = nested.map((row): Row =>
    Object.fromEntries(Object.entries(row).flatMap(([name, value]) => cellsOf(name, value)))
  );
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const head = [...names].map((name) => csvCell(header(name, names)));
  const lines = rows.map((row) => [...names].map((name) => csvCell(row[name])).join(","));
  return [head.join(","), ...lines].join("\r\n") + "\r\n";
}
