/**
 * Headers that every answer carries. Pages run only what this server sends: no inline script or
 * style, nothing from another host.
 *
 * @module
 */

type HeaderList = readonly (readonly [string, string])[];

const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'";

export const SECURITY_HEADERS: HeaderList = [
  ["content-security-policy", CSP],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"],
];

/** For what came over TLS: the browser comes by no other way for a year. */
export const HSTS = ["strict-transport-security", "max-age=31536000"] as const;

/** For what shows figures: kept by the browser, but asked for anew each time. */
export const PRIVATE_HEADERS: HeaderList = [
  ...SECURITY_HEADERS,
  ["cache-control", "private, no-cache"],
  ["vary", "Cookie, Authorization, Accept-Encoding"],
];

/** For assets, whose names change with their content. */
export const IMMUTABLE_HEADERS: HeaderList = [
  ...SECURITY_HEADERS,
  ["cache-control", "public, max-age=31536000, immutable"],
  ["vary", "Accept-Encoding"],
];

/** For probes and metrics. */
export const NO_STORE_HEADERS: HeaderList = [
  ...SECURITY_HEADERS,
  ["cache-control", "no-store"],
];
