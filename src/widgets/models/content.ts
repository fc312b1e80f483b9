/**
 * The content of each widget.
 *
 * @module
 */
import type { Alarm, Choices, Figure, Link, Moment, Tone, Trend } from "./figure.ts";

/** The head of the page: MRR at 48 px, its change in a sentence, four tiles. */
export interface HeadModel {
  /** Whole units: "$86,214". */
  readonly mrr: Figure;
  /** "+$1,942 this month (+2.4 %)", then "by this day last month +$1,310"; or why there is none. */
  readonly change: readonly Trend[];
  readonly changeReason?: string;
  /** How to add up the currencies that stand side by side. */
  readonly addUp?: string;
  /** One line, always shown: "Monthly recurring revenue as Stripe counts it: …". */
  readonly definitionLine: string;
  /** What the figures are of, where another period is chosen than theirs. */
  readonly periodLine?: string;
  /** Customers, ARR, NRR 12 months, gross MRR churn 30 days. */
  readonly tiles: readonly Figure[];
  /** "No paying subscriptions yet; 3 trials, $120 if they convert". */
  readonly empty?: { readonly text: string; readonly action?: Link };
}

export type MovementKind = "new" | "reactivation" | "expansion" | "contraction" | "churn";

/** Sizes in minor units, all ≥ 0; contraction and churn are drawn below zero. */
export type MonthMovements = Readonly<Record<MovementKind, number>>;

export interface ChartMonth {
  /** "2026-01". */
  readonly key: string;
  /** "Jan". */
  readonly label: string;
  /** "January 2026". */
  readonly title: string;
  /** Calendar days of the month, also of the running one. */
  readonly days: number;
  /** The month that has not ended: outlined. */
  readonly running: boolean;
  /** 1 % or more of its MRR is inferred: dashed. */
  readonly approximate: boolean;
  /** `null`: not known, drawn as nothing. */
  readonly movements: MonthMovements | null;
  readonly href?: string;
}

/** Daily MRR as a line above monthly movement bars, thirteen months on one x axis. */
export interface Chart13Model {
  /** Lower case, as Stripe has it. */
  readonly currency: string;
  readonly months: readonly ChartMonth[];
  /**
   * MRR at the close of each day in minor units, from the first day of the first month on; the
   * last one is today. `null`: not known.
   */
  readonly daily: readonly (number | null)[];
  /** Why there are no bars: "not yet: movements come with the history". */
  readonly movementsReason?: string;
  /** "Elsewhere at most ≈ 0.5 % of MRR is inferred": of the months that are not dashed. */
  readonly inferred?: string;
  /** "History: month 9 of 24". */
  readonly note?: string;
  /** "September 2026 was restated by +$12 after it was closed", opening into the customers. */
  readonly restated?: { readonly text: string; readonly href: string };
}

/** `paused` stands apart from churn where the configuration says so. */
export type BridgeKey = "start" | MovementKind | "paused" | "fx" | "end";

export interface BridgeStep {
  readonly key: BridgeKey;
  readonly label: string;
  /** Signed, formatted: "+$3,120", "−$410", "$0". */
  readonly amount: string | null;
  /** Signed, in minor units, for the bar. */
  readonly value: number | null;
  /** "41 customers". */
  readonly customers: string | null;
  readonly tone: Tone;
  readonly href?: string;
  /** "of that paused −$120". */
  readonly note?: string;
  /** The same in the period before: "+$2,900". */
  readonly before?: string;
}

/** start → new → reactivation → expansion → contraction → churn → FX → now. */
export interface BridgeModel {
  /** "the same 24 days from 1 October": what `before` is of. */
  readonly compared?: string;
  /** "This month, 1 to 24 November". */
  readonly period: string;
  readonly steps: readonly BridgeStep[];
  /** Why amounts are `null`. */
  readonly reason?: string;
}

export interface PlanRow {
  readonly name: string;
  /** "$49 a month", "3 prices". */
  readonly detail?: string;
  readonly mrr: string;
  /** 0 … 1 of the total. */
  readonly share: number;
  /** "38 %". */
  readonly shareText: string;
  readonly customers: string;
  /** Change in the period; `null`: unknown. */
  readonly change: Trend | null;
  readonly href?: string;
}

/** The top six and "other". */
export interface PlansModel {
  readonly rows: readonly PlanRow[];
  /** Why there is no row, where there is none. */
  readonly empty?: string;
  readonly total: { readonly mrr: string; readonly customers: string };
  /** Why `change` is `null`. */
  readonly changeReason?: string;
  /** "Change, 12 months": the period that it is of. */
  readonly changeLabel?: string;
  /** MRR by billing interval, greatest first; empty where there is one only. */
  readonly billing: readonly BillingRow[];
}

export interface BillingRow {
  /** "Monthly". */
  readonly name: string;
  readonly mrr: string;
  /** 0 … 1 of the total. */
  readonly share: number;
  readonly shareText: string;
  /** The page with this filter on. */
  readonly href: string;
}

export interface NeedsYouItem {
  readonly tone: Alarm;
  /** "Failed payments". */
  readonly text: string;
  /** "oldest 6 days ago". */
  readonly detail?: string;
  readonly amount: string | null;
  /** "4 customers". */
  readonly count: string;
  readonly href: string;
}

/** Ordered by money; empty: "Nothing needs you". */
export interface NeedsYouModel {
  readonly items: readonly NeedsYouItem[];
  /** What is not looked at yet: "not yet: failed payments, renewals". */
  readonly pending?: string;
}

export interface ActivityItem {
  /** Stable, so that a new one can be told from an old one. */
  readonly id: string;
  readonly at: Moment;
  readonly kind: MovementKind | "fx";
  /** Without the customer: "upgraded Team to Scale". */
  readonly text: string;
  readonly customer: Link;
  /** Signed, formatted. */
  readonly amount: string;
  readonly tone: Tone;
  readonly href?: string;
}

export interface ActivityModel {
  readonly items: readonly ActivityItem[];
  /** Why the list is empty: "not yet: …" or "No movement in this period". */
  readonly reason?: string;
}

/** A small chart of one series, oldest first, with the text of its ends. */
export interface SmallChart {
  readonly title: string;
  readonly points: readonly SmallChartPoint[];
}

export interface SmallChartPoint {
  readonly label: string;
  readonly value: number | null;
  /** Formatted, for the table and the readout. */
  readonly text: string;
}

/** The revenue and the customers widget. */
export interface MetricModel {
  readonly primary: Figure;
  readonly items: readonly Figure[];
  readonly chart?: SmallChart;
  /** Why there is no chart. */
  readonly chartReason?: string;
}

export interface CurrencyRow {
  /** "USD". */
  readonly currency: string;
  /** Native total. */
  readonly mrr: string;
  readonly customers: string;
  readonly change: Trend | null;
  /** In the reporting currency, with its rate: "$12,431 at 1.0834"; `null`: no rate. */
  readonly converted: string | null;
  readonly share?: number;
  readonly href: string;
}

/** Several currencies side by side; sums exist only in the reporting currency. */
export interface CurrenciesModel {
  readonly rows: readonly CurrencyRow[];
  readonly reporting: {
    readonly currency: string;
    readonly mrr: string;
    readonly href: string;
  } | null;
  /** "No reporting currency is configured, so nothing is added up across currencies". */
  readonly note?: string;
}

/** A widget that needs later work; never a zero in its place. */
export interface PlannedModel {
  /** "not yet: retention needs 2 complete months of history". */
  readonly reason: string;
}

/** Figures side by side: retention, trials. */
export interface FiguresModel {
  readonly items: readonly Figure[];
}

/** Figures with their months as lines. */
export interface RetentionModel extends FiguresModel {
  /** Complete months, oldest first; ratios such as 0.97, `null` where there is none. */
  readonly months: readonly {
    /** "Oct". */
    readonly label: string;
    /** "October 2026". */
    readonly title: string;
    readonly nrr: number | null;
    readonly grr: number | null;
    readonly churn: number | null;
  }[];
}

/** Customers by the month of their first MRR, and what is left of them at each later close. */
export interface CohortsModel {
  /** "MRR left of each month's customers, by months since". */
  readonly caption: string;
  /** Newest first. */
  readonly rows: readonly CohortRow[];
  /** By month or quarter, by MRR or customers, by the plan of the first payment. */
  readonly switches: readonly Choices[];
  /** `null` for those who may export nothing. */
  readonly download: Link | null;
}

export interface CohortRow {
  /** "Jan 2026". */
  readonly label: string;
  /** "41 customers". */
  readonly size: string;
  /** One for each close since; the last one of a running month is partial. */
  readonly cells: readonly CohortCell[];
}

export interface CohortCell {
  /** "93 %". */
  readonly text: string;
  /** 0 … 10 of the first amount, for the colour. */
  readonly level: number;
  readonly partial: boolean;
}
