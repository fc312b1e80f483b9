/**
 * What a command of the operator's proves itself with to the running program: both read the same
 * configuration, so both know the source's Stripe key. It is never sent; it signs the request as
 * Stripe signs a webhook, and so a signature is of one minute and one body.
 *
 * @module
 */
import { Secret } from "./secret.ts";

/** The key that signs an operator's requests about a source. */
export function operatorKey(stripeKey: Secret): Secret {
  return new Secret(`operator ${stripeKey.reveal()}`);
}
