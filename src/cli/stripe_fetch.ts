/**
 * Requests to Stripe, whose host the configuration fixes: the layers around it refuse redirects and
 * answers that are too large. Every other request goes through `outgoing.ts`.
 *
 * @module
 */
import type { FetchLike } from "../stripe/client.ts";

/** Sends as it is told. */
export const stripeFetch: FetchLike = (input, init) => fetch(input, init);
