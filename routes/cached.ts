/**
 * Answers with the cached entry of a key, or makes it.
 *
 * @module
 */
import type { AppDeps } from "./deps.ts";
import { PRIVATE_HEADERS } from "./headers.ts";
import { createEntry, type Entry, type EntryOptions, respond } from "./page_cache.ts";

export interface Body {
  readonly body: string;
  readonly contentType: string;
  readonly status?: number;
  /** Names customers, so that it is not kept. */
  readonly passing?: boolean;
  /** The address of the next page, where there is one. */
  readonly next?: string | null;
}

export const HTML = "text/html; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";

/** The visitor's theme, from its cookie. */
export function themeOf(request: Request): string | null {
  const cookie = request.headers.get("cookie");
  return cookie === null ? null : /(?:^|;\s*)theme=([\w-]{1,64})/.exec(cookie)?.[1] ?? null;
}

/** A media type is the same in capitals; with `q=0` it is the one that is not wanted. */
const CSV_FIRST = /^\s*text\/csv\s*(?!\s*;\s*q=0(\.0*)?\s*(,|$))(;|,|$)/i;

/** Whether CSV is what the client would like best. */
export function prefersCsv(request: Request): boolean {
  const accept = request.headers.get("accept");
  return accept !== null && CSV_FIRST.test(accept);
}

/**
 * What an answer depends on, besides the version that the cache holds: address and theme, and
 * under `/api/v1` whether JSON or CSV is wanted.
 */
export function cacheKey(request: Request): string {
  const { url } = request;
  const path = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  if (path.startsWith("/api/v1/") && prefersCsv(request)) return `${path} text/csv`;
  const theme = themeOf(request);
  return theme === null ? path : `${path} ${theme}`;
}

/** Makes, keeps and sends an answer that holds until the next version. */
export async function cached(
  deps: Pick<AppDeps, "cache" | "linked">,
  request: Request,
  route: string,
  build: () => Body | Promise<Body>,
): Promise<Response> {
  const key = cacheKey(request);
  const known = deps.cache.get(key);
  if (known) return respond(known, request);
  const epoch = deps.cache.epoch();
  const { body: made, contentType, status, passing, next } = await build();
  const body = contentType === HTML ? deps.linked(made) : made;
  const link = next ? [["link", `<${next}>; rel="next"`] as const] : [];
  const options: EntryOptions = { route, contentType, headers: [...PRIVATE_HEADERS, ...link] };
  const entry: Entry = await createEntry(body, status ? { ...options, status } : options);
  // A version that came while this was made would be hidden by it.
  const lasting = epoch === deps.cache.epoch() && entry.status === 200 && !passing;
  if (lasting) deps.cache.set(key, entry);
  return respond(entry, request);
}
