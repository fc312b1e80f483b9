/**
 * Customers that are to be forgotten: their amounts stay under a tombstone, and what names them is
 * kept as a digest alone, so that what Stripe goes on to tell is put under the tombstone too.
 *
 * @module
 */

/** SHA-256 of a customer's id, in hexadecimal. */
export function digestOf(customer: string): string {
  // Loaded when somebody is forgotten: importing it would be a fifth of the time to start.
  const { createHash } = globalThis.process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(customer).digest("hex");
}

/** What a forgotten customer is called. */
export function tombstoneOf(customer: string): string {
  return `forgotten_${digestOf(customer).slice(0, 14)}`;
}
