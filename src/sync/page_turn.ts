/**
 * From one page of a list to the next: a list that repeats itself or says nothing ends, with a
 * sentence.
 *
 * @module
 */
import type { StripePage } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { idIn } from "../stripe/shape.ts";

/** The cursor of the page after one; `null` after the last. @throws {StripeFault} */
export type PageTurn = (page: StripePage) => string | null;

/** Turns the pages of one reading of a list. @param path Names it, e.g. "/v1/invoices". */
export function createPageTurn(path: string): PageTurn {
  const seen = new Set<string>();
  const resource = path.replace(/^\/v1\//, "").replace(/\/.*/, "");
  return function turn({ data, hasMore }) {
    if (!hasMore) return null;
    const last = data.findLast((value) => idIn(value) !== null);
    const cursor = idIn(last);
    if (cursor !== null && !seen.has(cursor)) {
      seen.add(cursor);
      return cursor;
    }
    const problem = cursor === null
      ? "is said to go on, but the page has no object"
      : "repeats a page that was read";
    throw new StripeFault("unavailable", resource, `Stripe's list of ${resource} ${problem}`);
  };
}
