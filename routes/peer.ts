/**
 * Where a request comes from: past the configured proxies, whose headers count from their own
 * addresses alone.
 *
 * @module
 */
import type { ServerSettings } from "../config/settings.ts";
import { clientAddress, isWithin } from "../src/security/address.ts";

/** Whether the connection is one of the proxy's. */
export function isProxy(direct: string, { proxy }: ServerSettings): boolean {
  return proxy.hops > 0 && isWithin(direct, proxy.trusted);
}

/** Whether the browser reached this server over TLS. */
export function isSecure(request: Request, direct: string, server: ServerSettings): boolean {
  if (request.url.startsWith("https:")) return true;
  return isProxy(direct, server) && request.headers.get("x-forwarded-proto") === "https";
}

/** The visitor's address. */
export function addressOf(request: Request, direct: string, { proxy }: ServerSettings): string {
  return clientAddress(direct, request.headers.get("x-forwarded-for"), proxy);
}
