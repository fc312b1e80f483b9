/**
 * Customers that are to be forgotten: their amounts stay under a tombstone, and what names them is
 * kept as a digest alone, so that what Stripe goes on to tell is put under the tombstone too.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** SHA-256 of a customer's id, in hexadecimal. */
export function digestOf(customer: string): string {
  return createHash("sha256").update(customer).digest("hex");
}

/** What a forgotten customer is called. */
export function tombstoneOf(customer: string): string {
  return `forgotten_${digestOf(customer).slice(0, 14)}`;
}
