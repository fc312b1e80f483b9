/**
 * Requests to any host but Stripe's and the database's: they reach public addresses alone, and
 * hosts that the operator names.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import {
  createGuardedFetch,
  type GuardedFetch,
  type GuardOptions,
} from "../security/guarded_fetch.ts";

/**
 * A guarded fetch.
 *
 * @param named Hosts that the operator names for this request, besides `network.allow`.
 * @throws {RangeError} when a limit is not above 0.
 */
export function createOutgoing(
  { network }: Pick<Settings, "network">,
  named: readonly string[] = [],
  limits: Pick<GuardOptions, "timeoutMs" | "bytesMax" | "redirectsMax"> = {},
): GuardedFetch {
  return createGuardedFetch({ ...limits, allowed: new Set([...network.allow, ...named]) });
}
