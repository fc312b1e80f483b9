/**
 * The host that a Stripe client talks to. Apart from the client, so that the configuration is
 * checked without loading the SDK.
 *
 * @module
 */

import { isLoopback } from "../security/address.ts";

export const STRIPE_BASE = "https://api.stripe.com";

/** @throws {TypeError} for a base that is no origin, or plain http to another machine. */
export function checkBase(base: string): URL {
  if (!URL.canParse(base)) {
    throw new TypeError(
      "STRIPE_API_BASE is no address: write it as https://host or http://127.0.0.1:12111",
    );
  }
  const url = new URL(base);
  const secure = url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopback(url.hostname));
  if (!secure) {
    throw new TypeError(
      `STRIPE_API_BASE must use https (plain http is for this machine only): it names ${url.host}`,
    );
  }
  const more = url.pathname !== "/" || url.search || url.hash || url.username || url.password;
  if (more) {
    throw new TypeError(
      "STRIPE_API_BASE must be a host alone, without path, query or user: it names " + url.host,
    );
  }
  return url;
}
