/**
 * The past of a subscription as its invoices tell it (metrics.md B.6 step 2).
 *
 * @module
 */
import { type Correction, historyOf } from "./history.ts";
import { lateSince } from "./history_line.ts";
import {
  givenUpAt,
  type InvoiceHistory,
  type InvoiceLine,
  linesOf,
  unreadIn,
} from "./invoice_lines.ts";
import type { LiveValue } from "./life_stretches.ts";
import { lifetimeAt } from "./lifetime.ts";
import { lineValuer, toldBefore } from "./line_value.ts";
import type { MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import type { Seen } from "./seen.ts";
import type { Segment } from "./segments.ts";
import type { Subscription } from "./types.ts";

/** What dates the past of every subscription of a source. */
export interface PastClock {
  /** Which changes were seen as they happened. */
  readonly seen: Seen;
  /** From here on every event was read, Unix seconds; `null` where none can be. */
  readonly eventsSince: number | null;
  /** The first second of the local day of a moment, Unix seconds. */
  dayStart(at: number): number;
}

export interface Rebuilt {
  readonly segments: readonly Segment[];
  readonly corrections: readonly Correction[];
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
  { dayStart, eventsSince, changedAt = null }: PastClock & { readonly changedAt?: number | null },
  phaseStarts: readonly number[] = [],
): Rebuilt {
  if (sub.testClock && options.testClocks === "exclude") return { segments: [], corrections: [] };
  const lines = toldBefore(completed(sub, linesOf(history)), at);
  return historyOf(
    lifetimeAt(sub, givenUpAt(history), at, options, facts.pastDueSince ?? null),
    lines,
    live,
    lineValuer(sub, lines, at, options, facts),
    options,
    {
      now: at,
      unseenTo: Math.min(at, eventsSince ?? at),
      newestEvent: changedAt,
      phaseStarts,
      itemCreated: (item) => sub.items.find(({ id }) => id === item)?.created,
      dayStart,
    },
    { unread: unreadIn(history).filter((time) => time < at) },
  );
}

/** Since when a subscription was past due, by what was seen, else by its open invoices. */
export function lateAt(
  { status }: Subscription,
  history: InvoiceHistory | undefined,
  seen: number | undefined,
): number | undefined {
  if (status !== "past_due") return undefined;
  return seen ?? (history && lateSince(linesOf(history))) ?? undefined;
}
