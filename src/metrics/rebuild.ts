/**
 * The past of a subscription, rebuilt from its invoices and joined with what was seen as it
 * happened (metrics.md B.6).
 *
 * @module
 */
import { type Correction, historyOf, type Lifetime, type LiveValue } from "./history.ts";
import type { InvoiceHistory, InvoiceLine } from "./invoice_lines.ts";
import { lineValuer, toldBefore } from "./line_value.ts";
import { collectionPaused, type MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { ZERO } from "./rational.ts";
import { joinKnown, type Segment } from "./segments.ts";
import type { Subscription } from "./types.ts";

/** Unix seconds. */
export interface RebuildTimes {
  /** Since when changes are noted. */
  readonly followedSince: number;
  /** When everything had been read once. */
  readonly liveSince: number;
}

export interface Rebuilt {
  readonly segments: readonly Segment[];
  readonly corrections: readonly Correction[];
}

/** The life of a subscription as it stood at `at`; what came later was not known then. */
function lifetimeAt(
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

/**
 * Lines with what an invoice left open: a one-off proration names its price only, and the interval
 * of a price that is gone stands on its renewals (B.6 step 2.2).
 */
function completed(sub: Subscription, lines: readonly InvoiceLine[]): readonly InvoiceLine[] {
  if (lines.every(({ item, interval }) => item !== "" && interval !== "")) return lines;
  return lines.map((line) => {
    if (line.item !== "" && line.interval !== "") return line;
    const live = sub.items.find(({ price }) => price.id === line.price);
    const named = lines.find(({ price, item }) => price === line.price && item !== "");
    const dated = lines.find(({ price, interval }) => price === line.price && interval !== "");
    return {
      ...line,
      item: line.item || live?.id || named?.item || `price ${line.price}`,
      interval: line.interval || live?.price.recurring?.interval || dated?.interval || "month",
      intervalCount: line.interval === ""
        ? live?.price.recurring?.count ?? dated?.intervalCount ?? 1
        : line.intervalCount,
    };
  });
}

/** The past up to `at` from invoices; from there on `live` holds. */
export function pastFromInvoices(
  sub: Subscription,
  history: InvoiceHistory,
  live: LiveValue,
  options: MrrOptions,
  facts: MrrFacts,
  at: number,
): Rebuilt {
  if (sub.testClock && options.testClocks === "exclude") return { segments: [], corrections: [] };
  const lines = toldBefore(completed(sub, history.lines()), at);
  return historyOf(
    lifetimeAt(sub, history.uncollectibleAt, at, options),
    lines,
    live,
    lineValuer(sub, lines, at, options, facts),
    options,
    { now: at, newestEvent: null },
  );
}

/** What a subscription was worth at a moment, by its segments. */
function valueAt(segments: readonly Segment[], at: number): LiveValue {
  const covering = segments.find(({ from, to }) => from <= at && (to === null || at < to));
  return covering ? { exact: covering.exact, lines: covering.lines } : { exact: ZERO, lines: [] };
}

/**
 * From when on the segments were seen as they happened: the first change after following began,
 * else when the first reading was complete.
 */
function seenSince(segments: readonly Segment[], followedSince: number, liveSince: number): number {
  const changes = segments.flatMap(({ from, to }) => to === null ? [from] : [from, to])
    .filter((time) => time >= followedSince && time <= liveSince);
  return Math.min(liveSince, ...changes);
}

/**
 * The segments with their past in place of the inferred one; what was seen stays as it is.
 */
export function rebuildPast(
  sub: Subscription,
  history: InvoiceHistory,
  segments: readonly Segment[],
  options: MrrOptions,
  facts: MrrFacts,
  times: RebuildTimes,
): Rebuilt {
  const at = seenSince(segments, times.followedSince, times.liveSince);
  const live = valueAt(segments, at);
  const past = pastFromInvoices(sub, history, live, options, facts, at);
  const seen = segments.flatMap((segment) => {
    if (segment.to !== null && segment.to <= at) return [];
    return [{ ...segment, from: Math.max(segment.from, at), quality: "live" as const }];
  });
  const before = past.segments.flatMap((segment) =>
    segment.from >= at ? [] : [{ ...segment, to: Math.min(segment.to ?? at, at) }]
  );
  return {
    segments: seen.reduce<readonly Segment[]>(joinKnown, before),
    corrections: past.corrections,
  };
}
