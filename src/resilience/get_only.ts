/**
 * The program only reads at Stripe.
 *
 * @module
 */
import type { FetchLike } from "./types.ts";

/**
 * Refuses every method but GET, before anything is queued or sent.
 *
 * @throws {TypeError} (as a rejection) for any other method
 */
export function getOnly(next: FetchLike): FetchLike {
  return async function getOnlyFetch(input, init) {
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    if (method.toUpperCase() !== "GET") {
      throw new TypeError(`Cannot send request as only GET is allowed: the method is ${method}`);
    }
    return await next(input, init);
  };
}
