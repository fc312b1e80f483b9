/**
 * From when to when a subscription counted, as its object tells (metrics.md B.4, B.6 step 2.1).
 *
 * @module
 */
import { COUNTED, type HistoryLine } from "./history_item.ts";
import { collectionPaused } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import type { Subscription } from "./types.ts";

/** What the subscription's object says of its life. Times are Unix seconds. */
export interface Lifetime {
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  readonly status: string;
  readonly created: number;
  readonly trialEnd: number | null;
  /** The newest request to cancel. */
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  /** It ended while the collection of its invoices was paused; since when, nothing says. */
  readonly endedPaused: boolean;
  /** `cancellation_details.reason`; none counts as a request. */
  readonly cancelReason: string | null;
  /** Items that still run and are going to end with their period (A.2, per item). */
  readonly endingItems: ReadonlySet<string>;
  /** `status_transitions.marked_uncollectible_at` of the invoice that was retried to the end. */
  readonly uncollectibleAt: number | null;
}

/** The life of a subscription as it stood at `at`; what came later was not known then. */
export function lifetimeAt(
  sub: Subscription,
  uncollectibleAt: number | null,
  at: number,
  options: MrrOptions,
): Lifetime {
  const ended = sub.endedAt !== null && sub.endedAt <= at;
  const requested = sub.canceledAt === null || sub.canceledAt <= at;
  const ending = ended || !requested
    ? []
    : sub.items.filter(({ currentPeriodEnd }) =>
      sub.cancelAtPeriodEnd || (sub.cancelAt !== null && sub.cancelAt <= currentPeriodEnd)
    );
  return {
    subscription: sub.id,
    customer: sub.customer,
    currency: sub.currency,
    status: sub.status,
    created: sub.created,
    trialEnd: sub.trialEnd,
    canceledAt: requested ? sub.canceledAt : null,
    endedAt: ended ? sub.endedAt : null,
    endedPaused: ended && collectionPaused(sub, sub.endedAt!, options),
    cancelReason: sub.cancelReason,
    endingItems: new Set(ending.map(({ id }) => id)),
    uncollectibleAt,
  };
}

/** When MRR began, or `null` when it never did. */
export function beginOf(life: Lifetime, options: MrrOptions): number | null {
  if (life.status === "incomplete" || life.status === "incomplete_expired") return null;
  return options.trialing === "count" ? life.created : Math.max(life.created, life.trialEnd ?? 0);
}

/** The start of the last period that the lines tell of, 0 for none. Unix seconds. */
function lastStart(lines: readonly HistoryLine[]): number {
  return lines.reduce(
    (latest, { proration, period }) => proration ? latest : Math.max(latest, period.from),
    0,
  );
}

/** When an item stopped counting, or `null` while nothing known ends it (B.6 step 2.1). */
export function endOf(
  life: Lifetime,
  item: string,
  lines: readonly HistoryLine[],
  options: MrrOptions,
): number | null {
  const { canceledAt, endedAt, cancelReason, status } = life;
  const retriedTo = () => {
    const last = lastStart(lines.filter(({ invoiceStatus }) => COUNTED.has(invoiceStatus)));
    const { uncollectibleAt } = life;
    // One of an older failure, which was overcome, ends nothing.
    return uncollectibleAt !== null && uncollectibleAt >= last ? uncollectibleAt : null;
  };
  if (status === "unpaid" && endedAt === null) return retriedTo();
  if (endedAt === null && !life.endingItems.has(item)) return null;
  if (cancelReason === "payment_failed") {
    return endedAt === null ? null : Math.min(retriedTo() ?? endedAt, endedAt);
  }
  const requested = cancelReason === null || cancelReason === "cancellation_requested";
  if (options.cancellation === "at_request" && canceledAt !== null && requested) {
    return Math.min(Math.max(canceledAt, lastStart(lines)), endedAt ?? Infinity);
  }
  return endedAt;
}
