/**
 * Which host names this server answers under. A name that somebody else points at this machine (DNS
 * rebinding) would make a foreign page and this one the same origin to a browser; behind no name of
 * ours there is no page.
 *
 * @module
 */
import type { ServerSettings } from "../config/settings.ts";
import type { Handler } from "./app.ts";
import { answer } from "./auth.ts";

/** Names of this machine itself; nobody else can point them anywhere. */
const LOCAL = /^(localhost|[\w-]+\.localhost)$/;
/** An address is nobody's name. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\])$/;

/** A name or an address, and a port. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/** They say "ok" and nothing else, and HTTP/1.0 as balancers still speak it has no `Host`. */
const WITHOUT_HOST = /^https?:\/\/[^/]*\/(?:health\/live|health\/ready|api\/healthz)$/;

/** What the runtime puts in the place of a `Host` that is missing. */
const FILLED_IN = /^localhost(:\d+)?$/i;

/** The host of HTTP/2, which has no `Host`; `null` where the request names none. */
function authorityOf(url: string): string | null {
  const authority = url.split("/", 3)[2] ?? "";
  return FILLED_IN.test(authority) ? null : authority;
}

/**
 * Why the address of a request cannot be relied on; `null` when it can. The runtime puts it together
 * from `Host` and the request line, so that a `Host` with a slash would choose the path, past a
 * proxy that looked at the request line alone (RFC 9112, section 3.2: such a request is refused, as
 * is one without `Host`).
 */
function createHostCheck(): (request: Request) => string | null {
  /** The last one that was in order: most requests have the same. */
  let known: string | null = null;
  return function hostFault({ url, headers }) {
    const host = headers.get("host") ?? authorityOf(url);
    if (host === null) return WITHOUT_HOST.test(url) ? null : "The request names no Host";
    if (host !== known) {
      if (!HOST.test(host) || !URL.canParse(`http://${host}/`)) {
        return "Host must be a name or an address, with a port or without";
      }
      known = host;
    }
    if (url.includes("#")) return "The address of a request has no fragment";
    const start = url.indexOf("//") + 2;
    const isOfHost = url.startsWith(host, start) && url[start + host.length] === "/";
    return isOfHost ? null : "Host is not that of the address in the request line";
  };
}

/**
 * A handler that sees no request whose address cannot be relied on: those are answered 400.
 *
 * @param count Notes an answer of its own by route, method, status and seconds.
 */
export function checkingHost(
  handler: Handler,
  count: (route: string, method: string, status: number, seconds: number) => void,
): Handler {
  const faultOf = createHostCheck();
  return function checkHost(request, remoteAddress) {
    const fault = faultOf(request);
    if (fault === null) return handler(request, remoteAddress);
    count("other", request.method, 400, 0);
    return answer(400, `${fault}.\n`, "text/plain; charset=utf-8");
  };
}

/** The host of an absolute address, without its port, in lower case. */
function hostOf(url: string): string {
  const start = url.indexOf("//") + 2;
  const end = url.indexOf("/", start);
  const authority = end < 0 ? url.slice(start) : url.slice(start, end);
  return authority.replace(/:\d*$/, "").toLowerCase();
}

/** Whether a request's host is one of ours. */
export function isOurHost(url: string, { hosts }: Pick<ServerSettings, "hosts">): boolean {
  if (hosts === null) return true;
  const host = hostOf(url);
  return hosts.has(host) || LOCAL.test(host) || ADDRESS.test(host);
}

/** The answer under any other name: it names no other. */
export function wrongHost(url: string): Response {
  const host = hostOf(url).replace(/[^\w.:[\]-]/g, "").slice(0, 100);
  return answer(
    421,
    `This server does not answer under the name ${host}. If that is its name, write it to ` +
      `server.allowed-hosts, or the whole address to server.base-url, in the configuration.\n`,
    "text/plain; charset=utf-8",
  );
}
