/**
 * The version of Stripe's API that everything here is written for; apart from the client, so that
 * naming it does not load Stripe's SDK.
 *
 * @module
 */

/** The version whose shapes `translate.ts` reads. */
export const API_VERSION = "2026-10-28.endive";
