/**
 * Links from the rows behind a figure to the same in the JSON interface.
 *
 * @module
 */
import { dayKey } from "../src/metrics/calendar.ts";
import type { Link } from "../src/widgets/models.ts";
import type { DayRange } from "../src/widgets/movement_view.ts";
import { apiText, type ViewQuery } from "../src/widgets/query.ts";
import { mayAsk } from "./access.ts";
import type { Access } from "./visitor.ts";

/** The most rows that one answer of the JSON interface holds. */
export const ROWS_MAX = 500;

/** Those of the links that a visitor may use. */
export function allowedDownloads(links: readonly Link[], access: Access): readonly Link[] {
  const isFile = ({ href }: Link) => /[?&]format=/.test(href);
  return links.filter((link) =>
    mayAsk("GET", link.href.split("?")[0]!, access) &&
    (access.may.has("export") || !isFile(link))
  );
}

type Asked = Readonly<Record<string, string>>;

/** The days of a page as `from` and `to`. */
export function daysAsked({ from, to }: DayRange): Asked {
  return { from: dayKey(from), to: dayKey(to) };
}

/** The choices that a route understands which takes no filters. */
export function unfiltered(query: ViewQuery): ViewQuery {
  return { ...query, plan: null, product: null, billing: null };
}

/** CSV and JSON of a route, for what a page shows. */
export function downloadsOf(route: string, query: ViewQuery, asked: Asked = {}): Link[] {
  const to = (more: Asked) => `/api/v1/${route}${apiText(query, { ...asked, ...more })}`;
  return [{ text: "CSV", href: to({ format: "csv" }) }, { text: "JSON", href: to({}) }];
}

/** The same of a route that gives `ROWS_MAX` of `rows` at once, which the file's link says. */
export function rowDownloads(
  route: string,
  query: ViewQuery,
  rows: number,
  asked: Asked = {},
): Link[] {
  const [csv, json] = downloadsOf(route, query, { ...asked, limit: String(ROWS_MAX) });
  return [rows > ROWS_MAX ? { ...csv!, text: `CSV, the first ${ROWS_MAX} rows` } : csv!, json!];
}
