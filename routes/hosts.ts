/**
 * Which host names this server answers under. A name that somebody else points at this machine (DNS
 * rebinding) would make a foreign page and this one the same origin to a browser; behind no name of
 * ours there is no page.
 *
 * @module
 */
import type { ServerSettings } from "../config/settings.ts";

/** Names of this machine itself; nobody else can point them anywhere. */
const LOCAL = /^(localhost|[\w-]+\.localhost)$/;
/** An address is nobody's name. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\])$/;

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
  return new Response(
    `This server does not answer under the name ${host}. If that is its name, write it to ` +
      `server.allowed-hosts, or the whole address to server.base-url, in the configuration.\n`,
    {
      status: 421,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    },
  );
}
