/**
 * From when to when a subscription counted, as its object tells (metrics.md B.4, B.6 step 2.1).
 *
 * @module
 */
import { type HistoryLine, isDraft, lateSince } from "./history_line.ts";
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
  /** The last trial: an earlier one shows on invoices only. */
  readonly trialStart: number | null;
  readonly trialEnd: number | null;
  /** Since when it has been past due, where that was seen or read; else invoices tell. */
  readonly pastDueSince: number | null;
  /** The newest request to cancel. */
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  /** It ended while the collection of its invoices was paused; since when, nothing says. */
  readonly endedPaused: boolean;
  /** `cancellation_details.reason`; none counts as a request. */
  readonly cancelReason: string | null;
  /** Items that still run and are going to end with their period (A.2, per item). */
  readonly endingItems: ReadonlySet<string>;
  /** When items of a subscription in status `paused` were paused, Unix seconds (metrics.md A.2). */
  readonly pausedItems: ReadonlyMap<string, number>;
  /** `status_transitions.marked_uncollectible_at` of the invoice that was retried to the end. */
  readonly uncollectibleAt: number | null;
}

/** The life of a subscription as it stood at `at`; what came later was not known then. */
export function lifetimeAt(
  sub: Subscription,
  uncollectibleAt: number | null,
  at: number,
  options: MrrOptions,
  pastDueSince: number | null = null,
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
    trialStart: sub.trialStart,
    trialEnd: sub.trialEnd,
    pastDueSince: sub.status === "past_due" ? pastDueSince : null,
    canceledAt: requested ? sub.canceledAt : null,
    endedAt: ended ? sub.endedAt : null,
    endedPaused: ended && collectionPaused(sub, sub.endedAt!, options),
    cancelReason: sub.cancelReason,
    endingItems: new Set(ending.map(({ id }) => id)),
    // Pausing moves the end of the period to the moment of the pause.
    pausedItems: new Map(
      sub.status === "paused" ? sub.items.map((item) => [item.id, item.currentPeriodEnd]) : [],
    ),
    uncollectibleAt,
  };
}

const DAY_SECONDS = 86_400;

/**
 * Whether the subscription began with its trial, rather than to pay before: only then nothing is
 * before it (metrics.md B.6 step 2.1).
 */
export function beganWithTrial(
  { created, trialStart, trialEnd }: Pick<Lifetime, "created" | "trialStart" | "trialEnd">,
  lines: readonly HistoryLine[] | null,
): boolean {
  if (trialEnd === null) return false;
  const start = trialStart ?? created;
  if (start - created <= DAY_SECONDS) return true;
  return lines !== null &&
    !lines.some((line) =>
      line.period.from < start && !isDraft(line) && !line.paused &&
      (line.amount.n > 0n || line.discounts.length > 0)
    );
}

/** When MRR began, or `null` when it never did. */
export function beginOf(
  life: Lifetime,
  lines: readonly HistoryLine[],
  options: MrrOptions,
): number | null {
  if (life.status === "incomplete" || life.status === "incomplete_expired") return null;
  const counts = options.trialing === "count" || !beganWithTrial(life, lines);
  return counts ? life.created : Math.max(life.created, life.trialEnd!);
}

/** A stretch of a life that is worth 0, Unix seconds. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** When a subscription that is still past due stopped counting (metrics.md A.2), or `null`. */
export function lateFrom(since: number, { pastDue }: Pick<MrrOptions, "pastDue">): number | null {
  if (pastDue === "count") return null;
  return pastDue === "exclude" ? since : since + pastDue.maxDays * DAY_SECONDS + 1;
}

/**
 * Where the life is worth 0 whatever its lines say: a trial in mid-life, and the time after which
 * failed payments no longer count.
 */
export function holesOf(
  life: Lifetime,
  begin: number,
  lines: readonly HistoryLine[],
  options: MrrOptions,
): readonly Hole[] {
  const holes: Hole[] = [];
  const { trialStart, trialEnd, status } = life;
  if (options.trialing === "exclude" && trialStart !== null && trialEnd !== null) {
    if (trialEnd > begin) holes.push({ from: trialStart, to: trialEnd });
  }
  const failing = status === "past_due" || status === "unpaid" || status === "canceled";
  const since = failing ? life.pastDueSince ?? lateSince(lines) : null;
  const from = since === null ? null : lateFrom(since, options);
  if (from !== null) holes.push({ from, to: Infinity });
  return holes;
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
    const last = lastStart(lines.filter((line) => !isDraft(line) && !line.paused));
    const { uncollectibleAt } = life;
    // One of an older failure, which was overcome, ends nothing.
    return uncollectibleAt !== null && uncollectibleAt >= last ? uncollectibleAt : null;
  };
  if (status === "unpaid" && endedAt === null) return retriedTo();
  if (status === "paused" && endedAt === null) return life.pausedItems.get(item) ?? null;
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
