/**
 * The comparison: every subscription at Stripe against the mirror. What differs after the
 * events were read again is a defect of following them: it is counted and repaired (metrics.md
 * D.4.10).
 *
 * @module
 */
import { createApplier } from "./apply.ts";
import { type BackfillContext, STRIPE_BEGAN, SUBSCRIPTION_EXPAND } from "./backfill.ts";
import { eachOf } from "./each_of.ts";
import { listWindowed } from "./listing.ts";
import { eachWithAllItems } from "./long_lists.ts";

/** Subscriptions that the listing shows otherwise than the mirror, or that it lacks. */
async function suspects(context: BackfillContext): Promise<Set<string>> {
  const { store, ledger, clock } = context;
  const now = Math.floor(clock.now() / 1000);
  const request = context.order.begin();
  const missing = new Set([...store.standings()].map(({ sub }) => sub.id));
  const found = new Set<string>();
  await listWindowed(
    context,
    "/v1/subscriptions",
    { status: "all", expand: SUBSCRIPTION_EXPAND.map((path) => `data.${path}`) },
    {
      from: STRIPE_BEGAN,
      to: now + 1,
      workersMax: COMPARERS_MAX,
      prepare: (data) => eachWithAllItems(context, data),
      onPage: (data) => {
        for (const value of data) {
          const { id } = value as { id?: unknown };
          if (typeof id !== "string") continue;
          missing.delete(id);
          if (!request.isLate(`subscription ${id}`) && ledger.differs(value)) found.add(id);
        }
      },
    },
  );
  request.end();
  for (const id of missing) {
    const sub = store.standing(id)?.sub;
    if (sub && sub.created < now && sub.status !== "canceled") found.add(id);
  }
  return found;
}

/** Few: at night, too, the live changes come first. */
const COMPARERS_MAX = 4;

/**
 * Compares and repairs; returns the subscriptions that differed.
 *
 * @param catchUp Reads the events again, so that what is on its way is no difference.
 * @throws {StripeFault}
 */
export async function compareWithStripe(
  context: BackfillContext,
  catchUp: () => Promise<unknown>,
): Promise<readonly string[]> {
  const { store, ledger, clock, order } = context;
  const { fetch, apply } = createApplier(context);
  const found = await suspects(context);
  if (found.size > 0) await catchUp();
  const drifted: string[] = [];
  await eachOf(found, async (id) => {
    const request = order.begin();
    try {
      const at = Math.floor(clock.now() / 1000);
      const fetched = await fetch({ kind: "subscription", id, at });
      const differs = fetched.value === null
        ? store.standing(id)?.sub.status !== "canceled"
        : ledger.differs(fetched.value);
      if (!differs || !request.claim(`subscription ${id}`)) return;
      drifted.push(id);
      await apply([fetched]);
    } finally {
      request.end();
    }
  });
  return drifted;
}
