/**
 * What the first reading had to leave out because Stripe did not give it: tried again ever later,
 * until it is read.
 *
 * @module
 */
import { type BackfillContext, readCoupons, readCustomers, readProducts } from "./backfill.ts";
import { type Run, untilAborted } from "./beside.ts";
import { COUPONS_UNREAD, CUSTOMER_DISCOUNTS_UNREAD } from "./reasons.ts";

const RETRY_SECONDS = 30;
const RETRY_SECONDS_MAX = 600;

/**
 * Each with the permission under which it is known whether it was read, and the reason that stands
 * until it is: that one page of it can be had says nothing of the rest.
 */
const LATE = [
  { resource: "coupons", reason: COUPONS_UNREAD, read: readCoupons },
  { resource: "products", reason: null, read: readProducts },
  { resource: "customers", reason: CUSTOMER_DISCOUNTS_UNREAD, read: readCustomers },
] as const;

export interface LateReader {
  /** Reads what is left, then waits to be ended. */
  run: Run;
}

export function createLateReader(context: BackfillContext): LateReader {
  const { store, clock } = context;
  const isUnread = ({ resource, reason }: typeof LATE[number]) => {
    const permission = store.status.permissions[resource];
    if (permission === "missing") return false;
    return permission !== "ok" || (reason !== null && store.status.reasons.includes(reason));
  };
  return {
    async run(ending) {
      for (let wait = RETRY_SECONDS; LATE.some(isUnread);) {
        await clock.sleep(wait * 1000, ending);
        // Now that nothing waits for them, pages that fail are repeated instead of the whole.
        const signal = AbortSignal.any([context.signal, ending]);
        await Promise.all(
          LATE.filter(isUnread).map(async (each) => {
            await each.read({ ...context, signal, impatient: false });
            store.publish();
          }),
        );
        wait = Math.min(2 * wait, RETRY_SECONDS_MAX);
      }
      await untilAborted(new Promise(() => {}), ending);
    },
  };
}
