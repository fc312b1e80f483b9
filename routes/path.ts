/**
 * The one spelling of a path. Guard and router both read what this gives, so that no spelling is
 * one thing to the guard and another to the router (facts.md: in Hono `//admin` and `/admin%2fx`
 * pass a guard on `/admin/*`).
 *
 * @module
 */

/** Escapes of what need not be escaped, or must not be in a path: `/`, `.`, letters, NUL and so on. */
const NEEDLESS = /%(?![89a-f][0-9a-f]|20|22|23|3[ce]|3f|5[be]|5d|60|7[bcd])/i;
const ODD = /\/\/|\/\.{1,2}(?:\/|$)|[\\;]|[^!-~]/;

/**
 * The path of an address as it was sent, without a slash at its end.
 *
 * @returns `null` for one that is written in another way than this server writes it: with double
 * slashes, dot segments, backslashes, parameters, or needless escapes.
 */
export function pathOf(url: string): string | null {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start < 0) return "/";
  const end = url.slice(start).search(/[?#]/);
  const path = end < 0 ? url.slice(start) : url.slice(start, start + end);
  if (ODD.test(path) || NEEDLESS.test(path)) return null;
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
