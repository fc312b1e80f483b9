/**
 * Guards what changes state: the form must come from a page of this server.
 *
 * @module
 */
import type { Context } from "hono";
import { type AppDeps, envOf } from "./deps.ts";
import { isSecure } from "./peer.ts";

/**
 * Whether a browser says that the request comes from a page of this server, or from no page. Older
 * ones say where it comes from only: that must be the address that they reached this server by,
 * behind a proxy too, or the configured one.
 */
export function sameOrigin(c: Context, deps: Pick<AppDeps, "live">): boolean {
  const request = c.req.raw;
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  const { server } = deps.live().settings;
  const { direct } = envOf(c);
  const scheme = isSecure(request, direct, server) ? "https" : "http";
  return origin === `${scheme}://${new URL(request.url).host}` ||
    origin === URL.parse(server.baseUrl ?? "")?.origin;
}
