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
import type { Moment, WidgetState } from "./models.ts";
import { type FigureInputs, NO_INPUTS } from "./inputs.ts";
import { sentences } from "./reasons.ts";
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

/** Whether the key lets nothing be read; the banner says why. */
export function isBlocked({ status }: SourceView): boolean {
  const { asOf, phase } = status;
  return asOf === null && (phase === "key_rejected" || phase === "permission_missing");
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
 * The state of a widget over its data: loading, unavailable or fresh. What is wrong with the whole
 * source is the banner's to say. Movements that do not add up are an error, not a chart
 * (metrics.md B.1).
 *
 * @param more Codes of what makes these data incomplete, beside the source's own.
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
  const { view, asOf } = context;
  if (asOf !== null) {
    return more.length === 0
      ? { kind: "fresh", data: data(), asOf }
      : { kind: "partial", data: data(), asOf, reason: sentences(more) };
  }
  return isBlocked(view)
    ? { kind: "unavailable", reason: "No figures yet", alarm: "calm" }
    : loading<T>(view);
}
