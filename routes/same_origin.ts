/**
 * Guards what changes state: the form must come from a page of this server.
 *
 * @module
 */

/** Whether a browser says that the request comes from a page of this server, or from no page. */
export function sameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = request.headers.get("origin");
  return origin === null || origin === new URL(request.url).origin;
}
