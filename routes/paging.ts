/**
 * Long tables in pages of rows.
 *
 * @module
 */
import { formatInteger } from "../src/widgets/format.ts";
import { spanText } from "../src/widgets/period_text.ts";
import type { ExplainModel, Link } from "../src/widgets/models.ts";

export const PAGE_ROWS = 100;

function lastPage(rows: number): number {
  return Math.max(1, Math.ceil(rows / PAGE_ROWS));
}

/** The page that `page=` asks for; past the end it is the last one. */
export function pageOf(search: URLSearchParams, rows: number): number {
  const page = Number(search.get("page") ?? "1");
  return Number.isSafeInteger(page) && page >= 1 ? Math.min(page, lastPage(rows)) : 1;
}

/** The rows of a page. */
export function pageRows<Row>(rows: readonly Row[], page: number): Row[] {
  return rows.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
}

/** "101 to 200 of 1,204", and the pages beside it; `path` is the first page's. */
export function pagingOf(path: string, page: number, rows: number): ExplainModel["paging"] {
  const link = (to: number, text: string): Link | null => {
    if (to < 1 || to > lastPage(rows)) return null;
    return { text, href: to === 1 ? path : `${path}${path.includes("?") ? "&" : "?"}page=${to}` };
  };
  const from = Math.min(rows, (page - 1) * PAGE_ROWS + 1);
  const to = Math.min(rows, page * PAGE_ROWS);
  return {
    text: `${spanText(formatInteger(from), formatInteger(to))} of ${formatInteger(rows)}`,
    previous: link(page - 1, "Previous"),
    next: link(page + 1, "Next"),
  };
}
