/**
 * The content of the widgets of money.
 *
 * @module
 */
import type { Figure, Link } from "./figure.ts";

/** Gross, refunds, fees, net, next payout, in each settlement currency. */
export interface CashModel {
  readonly period: string;
  readonly lines: readonly Figure[];
  /** Other settlement currencies, by their code in upper case. */
  readonly others?: readonly { readonly currency: string; readonly lines: readonly Figure[] }[];
  /** One line: "All transactions together are the balance ✓". */
  readonly check?: { readonly text: string; readonly holds: boolean };
  readonly more?: Link;
  readonly reason?: string;
}

/** One month of first failures. */
export interface FailureMonth {
  /** "Oct 2026". */
  readonly label: string;
  readonly entered: string;
  readonly recovered: string;
  readonly lost: string;
  readonly open: string;
  /** "68.4 %" or "2 of 3"; `null`: nothing decided. */
  readonly rate: string | null;
  /** 0 … 1, of what failed. */
  readonly shares: { readonly recovered: number; readonly lost: number; readonly open: number };
  readonly href: string;
}

export interface FailedPaymentsModel {
  readonly period: string;
  readonly figures: readonly Figure[];
  /** Newest first. */
  readonly months: readonly FailureMonth[];
}

/** One day of the chart of renewals. */
export interface RenewalBar {
  /** "3 Dec". */
  readonly label: string;
  /** Minor units, for drawing. */
  readonly value: number;
  /** "$1,204 · 12 invoices". */
  readonly text: string;
}

export interface RenewalsModel {
  readonly figures: readonly Figure[];
  /** One for each of the 90 days. */
  readonly days: readonly RenewalBar[];
  /** Lower case, for the axis. */
  readonly currency: string;
  readonly more: Link;
}

/** A point of a line: a local day and minor units, for drawing. */
export interface ForecastPoint {
  readonly day: number;
  /** "Dec 2026". */
  readonly label: string;
  readonly value: number;
}

/** A point of the projection with its band. */
export interface ProjectedPoint extends ForecastPoint {
  readonly low: number;
  readonly high: number;
}

export interface ForecastModel {
  readonly currency: string;
  /** Closes of complete months, then today; nothing from before the business. */
  readonly past: readonly ForecastPoint[];
  /** What is already known, from today on. */
  readonly known: readonly ForecastPoint[];
  /** Empty where there are too few months. */
  readonly projected: readonly ProjectedPoint[];
  /** "Projection: the last 6 months continued"; or why there is none. */
  readonly note: string;
  readonly figures: readonly Figure[];
  readonly changes: readonly ForecastChange[];
  /** What is missing from what is known. */
  readonly gap?: string;
}

/** Known changes of one kind in one month. */
export interface ForecastChange {
  /** "Dec 2026". */
  readonly month: string;
  readonly kind: string;
  readonly count: string;
  readonly amount: string;
  readonly tone: "good" | "bad";
  readonly href: string;
}
