/**
 * What every widget is given: the source, the moment, the visitor's choices; and the states that
 * all widgets share.
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import { MissingRateError } from "../metrics/fx.ts";
import { MovementIdentityError } from "../metrics/movements.ts";
import { type Rational, round } from "../metrics/rational.ts";
import { filteredView } from "../store/filtered_view.ts";
import type { SourceView, Unreadable } from "../store/port.ts";
import { formatInteger, formatMoney, type MoneyStyle } from "./format.ts";
import type { Link, Moment, WidgetState } from "./models.ts";
import { type FigureInputs, NO_INPUTS } from "./inputs.ts";
import { filterOf, queryText, type ViewQuery } from "./query.ts";
import { defaultCurrency, type Reporting, type Slice, sliceOf } from "./slice.ts";

export interface WidgetContext {
  /** The source through the visitor's filters: what the figures are made of. */
  readonly view: SourceView;
  /** The source as it is. */
  readonly whole: SourceView;
  /** Unix seconds. */
  readonly now: number;
  readonly query: ViewQuery;
  readonly reporting: Reporting | null;
  readonly inputs: FigureInputs;
  /** The page of Stripe's dashboard where the right key is created or its permissions added. */
  readonly keyUrl: string;
  /** `null` for an account without any currency. */
  readonly slice: Slice | null;
  /** The last confirmed synchronisation; `null` before the first. */
  readonly asOf: Moment | null;
}

/** `view` is the source as it is. */
export type ContextParts =
  & Omit<WidgetContext, "whole" | "slice" | "asOf" | "inputs">
  & { readonly inputs?: FigureInputs };

export function createContext(parts: ContextParts): WidgetContext {
  const { view: whole, query, reporting } = parts;
  const { asOf } = whole.status;
  const view = filteredView(whole, filterOf(query));
  const currency = query.currency ?? defaultCurrency(whole, reporting);
  return {
    ...parts,
    inputs: parts.inputs ?? NO_INPUTS,
    view,
    whole,
    slice: currency === null ? null : sliceOf(view, { ...query, currency }, reporting),
    asOf: asOf === null ? null : momentOf(parts, asOf),
  };
}

const MONTHS =
  "January February March April May June July August September October November December"
    .split(" ");

export function monthName(day: number): string {
  return MONTHS[dateOf(day).month - 1]!;
}

/** "3 Dec": a moment's local day. */
export function dayText(context: WidgetContext, seconds: number): string {
  const day = context.view.calendar.dayOf(seconds);
  return `${dateOf(day).day} ${monthName(day).slice(0, 3)}`;
}

/** A moment as "14:02" today, else with its day, in the source's time zone. */
export function momentOf(context: Pick<WidgetContext, "view" | "now">, seconds: number): Moment {
  const { calendar } = context.view;
  const zoned = Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
    .toZonedDateTimeISO(calendar.timeZone);
  const time = zoned.toPlainTime().toString({ smallestUnit: "minute" });
  const day = calendar.dayOf(seconds);
  const today = day === calendar.dayOf(context.now);
  const text = today ? time : `${zoned.day} ${monthName(day).slice(0, 3)}, ${time}`;
  return { text, iso: new Date(seconds * 1000).toISOString() };
}

/** "1,204 customers", "1 customer". */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}

/** Rounds once and formats. */
export function moneyText(exact: Rational, currency: string, style: MoneyStyle = {}): string {
  return formatMoney(round(exact), currency, style);
}

/** The page of rows behind a figure, with the visitor's choices. */
export function explainHref(
  context: WidgetContext,
  figure: string,
  extra: Readonly<Record<string, string>> = {},
): string {
  return `/explain/${figure}${queryText(context.query, extra)}`;
}

/** What makes figures incomplete, in words. */
const REASONS: Readonly<Record<string, string>> = {
  backfill_running: "The account is still being read",
  customer_discounts_unread:
    "Discounts of customers are not known, as the key may not read customers: MRR may be too high",
  invoices_refused:
    "Stripe refuses a page of the invoices: the past of that stretch is only inferred. It is asked for again by itself",
  past_unread:
    "The reading of the past broke off: the past is only inferred. It is tried again by itself",
  money_unread:
    "The reading of payments, payouts and disputes broke off: sums of money are not complete. It is tried again by itself",
  payments_unread: "Invoices are still being read, so payments are not complete",
  payments_behind: "What happened to payments meanwhile is being read",
  cash_unread: "Balance transactions are still being read, so cash is not complete",
  cash_behind: "What happened to the balance meanwhile is being read",
  payouts_unread: "Payouts are still being read",
  payouts_behind: "What happened to payouts meanwhile is being read",
  disputes_unread: "Disputes are still being read",
  disputes_behind: "What happened to disputes meanwhile is being read",
  schedules_unread: "Schedules are still being read, so what is to come is not complete",
  schedules_behind: "What happened to schedules meanwhile is being read",
  events_unread: "Changes are found by listing again, as the key may not read events",
};

export function reasonText(code: string): string {
  return REASONS[code] ?? code;
}

/** "1,240 of about 2,010 · 2 s", or what comes before there is a count. */
export function progressText(view: SourceView): string {
  const { progress } = view.status;
  if (!progress) return "Connecting to Stripe";
  const seconds = progress.secondsLeft === null ? "" : ` · ${Math.ceil(progress.secondsLeft)} s`;
  const done = formatInteger(progress.done);
  return `${done} of about ${formatInteger(Math.round(progress.estimated))}${seconds}`;
}

function loading<T>(view: SourceView): WidgetState<T> {
  const { progress } = view.status;
  const state = { kind: "loading", progress: progressText(view) } as const;
  return progress && progress.estimated > 0
    ? { ...state, share: Math.min(1, progress.done / progress.estimated) }
    : state;
}

/** Subscriptions whose shape is not understood. */
export function unreadSubscriptions(view: SourceView): readonly Unreadable[] {
  return view.unreadable().filter(({ kind }) => kind === "subscription");
}

/** How many subscriptions are in no figure, as they could not be valued or not be read. */
export function unvaluedCount(view: SourceView): number {
  return view.unresolved().length + unreadSubscriptions(view).length;
}

/** Why nothing can be shown at all, or `null`. */
function unavailable<T>(context: WidgetContext): WidgetState<T> | null {
  const { status } = context.view;
  const action: Link = { text: "Create the right key at Stripe", href: context.keyUrl };
  if (status.phase === "key_rejected") {
    return {
      kind: "unavailable",
      reason: status.problem ?? "Stripe rejects the key",
      alarm: "broken",
      action,
    };
  }
  if (status.phase === "permission_missing") {
    return {
      kind: "unavailable",
      reason: status.problem ?? "A permission is missing",
      alarm: "warn",
      action,
    };
  }
  return null;
}

/** What to do about a missing rate. */
export const BRING_RATES = "set figures.rates, or take daily rates with glance rates:import";

/** "no rate for GBP on 3 Mar 2026: …". */
export function missingRateText({ currency, day }: MissingRateError): string {
  const on = day === null
    ? ""
    : ` on ${dateOf(day).day} ${monthName(day).slice(0, 3)} ${dateOf(day).year}`;
  return `no rate for ${currency.toUpperCase()}${on}: ${BRING_RATES}`;
}

/**
 * The state of a widget over its data: loading, unavailable, stale, incomplete or fresh. Movements
 * that do not add up are an error, not a chart (metrics.md B.1).
 *
 * @param more Codes of what else makes the data incomplete, beside the source's own.
 */
export function stateOf<T>(
  context: WidgetContext,
  data: () => T,
  more: readonly string[] = [],
): WidgetState<T> {
  try {
    return stateWith(context, data, more);
  } catch (error) {
    if (error instanceof MissingRateError) {
      return { kind: "unavailable", reason: `Unknown: ${missingRateText(error)}`, alarm: "warn" };
    }
    if (!(error instanceof MovementIdentityError)) throw error;
    return {
      kind: "unavailable",
      reason: "The movements do not add up to MRR, so they are not shown: the log says where",
      alarm: "broken",
    };
  }
}

function stateWith<T>(
  context: WidgetContext,
  data: () => T,
  more: readonly string[],
): WidgetState<T> {
  const { view } = context;
  const { status } = view;
  const { asOf } = context;
  if (asOf === null) return unavailable<T>(context) ?? loading<T>(view);
  if (status.staleSince !== null || status.problem !== null) {
    const failed = status.phase !== "live" && status.phase !== "history";
    const reason = status.problem ?? "Stripe has not answered for a while";
    return { kind: "stale", data: data(), asOf, reason, fault: failed ? "failed" : "late" };
  }
  const reasons = [...status.reasons, ...more];
  if (reasons.length > 0) {
    const reason = reasons.map(reasonText).join(". ");
    return { kind: "stale", data: data(), asOf, reason, fault: "partial" };
  }
  return { kind: "fresh", data: data(), asOf };
}
