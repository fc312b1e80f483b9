/**
 * What the status says while Stripe does not answer.
 *
 * @module
 */
import type { StripeFault } from "../stripe/fault.ts";

/**
 * "Stripe is not answering (HTTP 500). Next try in 40 s".
 *
 * @param now Milliseconds on the steady clock, as the fault has them.
 */
export function problemOf({ message, pausedUntil }: StripeFault, now: number): string {
  if (pausedUntil === null) return message;
  return `${message}. Next try in ${Math.max(1, Math.ceil((pausedUntil - now) / 1000))} s`;
}
