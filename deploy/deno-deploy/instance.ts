/**
 * What an instance on Deno Deploy is to do.
 *
 * @module
 */
import type { Clock } from "../../src/resilience/types.ts";
import type { SourceView } from "../../src/store/port.ts";

/** When a cron wakes an instance: as often as one that runs looks at Stripe's events. */
export const RECONCILE = "*/10 * * * *";
/** Figures that are not older than this were looked at by one that runs. */
const FRESH_SECONDS = 600;
/** Another one may hold the lease and be away: the next cron comes in ten minutes. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 1_000;

/** Any of these says that this is not to be the demo. */
const OURS = ["STRIPE_SECRET_KEY", "GLANCE_CONFIG", "DATABASE_URL", "PGHOST"];

export function isConfigured(env: (name: string) => string | undefined): boolean {
  return OURS.some((name) => env(name) || env(`${name}_FILE`));
}

/**
 * Resolves once every source has been looked at lately, which an instance does as it starts: until
 * then it is awake.
 */
export async function lookAtStripe(
  views: ReadonlyMap<string, Pick<SourceView, "status">>,
  { now, sleep }: Pick<Clock, "now" | "sleep">,
): Promise<void> {
  const giveUpAt = now() + PATIENCE_MS;
  const isFresh = ({ status }: Pick<SourceView, "status">) =>
    status.asOf !== null && status.asOf > now() / 1000 - FRESH_SECONDS;
  while (now() < giveUpAt && ![...views.values()].every(isFresh)) {
    await sleep(LOOK_MS);
  }
}
