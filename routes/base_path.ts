/**
 * The path under which visitors reach the dashboard, where a reverse proxy serves it beside others:
 * `server.base-url: /glance`. Inside, every address is written as at the root: the prefix comes off
 * a request first of all, and onto what is sent last of all.
 *
 * @module
 */
import type { ServerSettings } from "../config/settings.ts";

/** `/glance` for `/glance/` and for `https://example.com/glance`; empty at the root. */
export function basePathOf({ baseUrl }: Pick<ServerSettings, "baseUrl">): string {
  if (baseUrl === null) return "";
  // A path that begins with two slashes would name a host.
  const { pathname } = new URL(baseUrl.replace(/^\/+/, "/"), "http://localhost");
  return pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}

/** Metrics, which programs of inside ask the server itself for. */
const INSIDE = /^\/(api\/)?metrics\/?([?#]|$)/;

/**
 * The request as it would come at the root. A proxy may have taken the prefix off already: what
 * comes without it is left as it is. Metrics are not below the prefix: behind such a proxy, which
 * blocks `/glance/metrics`, the address `/glance/glance/metrics` would lead to them.
 */
export function withoutBasePath(request: Request, base: string): Request {
  if (base === "") return request;
  const { url } = request;
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const rest = url.slice(start + base.length);
  if (!url.startsWith(base, start) || !/^([/?#]|$)/.test(rest) || INSIDE.test(rest)) return request;
  const { method, headers, body } = request;
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  // Without its signal, which nothing waits for: reading it makes each request dearer.
  return new Request(url.slice(0, start) + path, { method, headers, body });
}

/** An address of this server, as visitors reach it; others are left as they are. */
export function underBasePath(href: string, base: string): string {
  return /^\/(?!\/)/.test(href) ? base + href : href;
}

/** The same for the addresses that headers hold: where a redirect leads, and the next page. */
export function addressesUnderBasePath(headers: Headers, base: string): void {
  const location = headers.get("location");
  if (location !== null) headers.set("location", underBasePath(location, base));
  const link = headers.get("link");
  if (link !== null) {
    headers.set("link", link.replace(/^<([^>]*)>/, (_, href) => `<${underBasePath(href, base)}>`));
  }
}

/** A page whose links, forms and files are under the prefix; once more changes nothing. */
export function linksUnderBasePath(html: string, base: string): string {
  if (base === "") return html;
  // Texts hold no bare quotes: what looks like an attribute is one.
  return html.replace(
    /( (?:href|src|action|formaction)=")(\/(?!\/)[^"]*)/g,
    (whole, attribute: string, href: string) =>
      href.startsWith(`${base}/`) ? whole : attribute + underBasePath(href, base),
  );
}
