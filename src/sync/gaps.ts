/**
 * Reading what may not be there: the key lacks a permission, or Stripe no longer has the object.
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";
import { StripeFault } from "../stripe/fault.ts";
import type { Ledger } from "./ledger.ts";
import { type ListingContext, persist } from "./listing.ts";

export interface FactsContext extends ListingContext {
  readonly store: SourceStore;
  readonly ledger: Ledger;
}

/** Whether an answer says that something cannot be read, now or later. */
export function isGap(error: unknown): boolean {
  return error instanceof StripeFault &&
    ["not_found", "permission_missing", "bad_request"].includes(error.kind);
}

/** Reads one thing; what the key may not read or Stripe no longer has is left unknown. */
export async function tryRead<T>(
  context: FactsContext,
  path: string,
  query = {},
): Promise<T | null> {
  try {
    return await persist(context, () => context.client.retrieve(path, query)) as T;
  } catch (error) {
    if (isGap(error)) return null;
    throw error;
  }
}
