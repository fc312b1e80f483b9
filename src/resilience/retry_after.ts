/**
 * The `Retry-After` header (RFC 9110 section 10.2.3).
 *
 * @module
 */

/**
 * Milliseconds to wait, or `null` if the header is missing or makes no sense. A date is read
 * against the answer's own `Date`, so that a wrong clock here does no harm, else against `now`
 * (epoch milliseconds).
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim();
  if (!value) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  // Date.parse alone takes "-1" for a year.
  const at = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) return null;
  const sent = Date.parse(headers.get("date") ?? "");
  return Math.max(0, at - (Number.isNaN(sent) ? now : sent));
}
