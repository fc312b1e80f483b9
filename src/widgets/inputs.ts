/**
 * What the operator adds to the figures: costs, margins, and how movements are counted
 * (metrics.md B.1, B.2, C.6, C.12).
 *
 * @module
 */
import type { Grain } from "../metrics/movements.ts";
import type { Rational } from "../metrics/rational.ts";

export interface FigureInputs {
  /** Above 0, at most 1; `null` leaves it out of lifetime value. */
  readonly grossMargin: Rational | null;
  /** A share of revenue; may be below 0. */
  readonly profitMargin: Rational | null;
  /** What winning one customer costs, in major units of the reporting currency. */
  readonly acquisitionCost: Rational | null;
  /** Major units of the reporting currency: by month (`2026-01`), and in any other month. */
  readonly marketingSpend: {
    readonly byMonth: Readonly<Record<string, Rational>>;
    readonly every: Rational | null;
  };
  /** Months from spending to the customers that it wins. */
  readonly acquisitionLag: number;
  /** How movements are netted. */
  readonly grain: Grain;
  /** Whether customers who paused count in the rates of churn. */
  readonly pauseIsChurn: boolean;
}

export const NO_INPUTS: FigureInputs = {
  grossMargin: null,
  profitMargin: null,
  acquisitionCost: null,
  marketingSpend: { byMonth: {}, every: null },
  acquisitionLag: 0,
  grain: "day",
  pauseIsChurn: true,
};
