/**
 * What another way of counting would give, cause by cause: the options that differ are changed
 * one after the other, and each is charged with what it alone moved.
 *
 * @module
 */
import { lets, NO_FILTER } from "../metrics/filter.ts";
import { mrr } from "../metrics/mrr.ts";
import type { MrrOptions } from "../metrics/options.ts";
import {
  add,
  equal,
  multiply,
  type Rational,
  rational,
  subtract,
  sum,
  ZERO,
} from "../metrics/rational.ts";
import { segmentLines } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import { factsOf } from "../store/facts.ts";
import { OPTION_CHANGES } from "./option_changes.ts";
import type { WidgetContext } from "./context.ts";
import { factorsTo } from "./slice.ts";

/** A subscription that counts otherwise under the option; what it adds, signed. */
export interface CauseRow {
  readonly standing: Standing;
  readonly change: Rational;
}

export interface Cause {
  /** The option that is changed. */
  readonly option: keyof MrrOptions;
  readonly text: string;
  /** Exact minor units of the slice's currency, signed. */
  readonly amount: Rational;
  readonly rows: readonly CauseRow[];
}

export interface Comparison {
  readonly from: Rational;
  readonly to: Rational;
  /** They lead from one to the other exactly. */
  readonly causes: readonly Cause[];
}

function sameOption(a: MrrOptions, b: MrrOptions, name: keyof MrrOptions): boolean {
  const [left, right] = [a[name], b[name]];
  if (typeof left === "object" && "n" in left && typeof right === "object" && "n" in right) {
    return equal(left, right);
  }
  return JSON.stringify(left) === JSON.stringify(right);
}

/** What a standing is worth under options, in the slice's currency. */
function valuer(context: WidgetContext) {
  const { view, slice, reporting, now } = context;
  const filter = view.info.filter ?? NO_FILTER;
  const factors = slice!.converted && reporting
    ? factorsTo(reporting, view.tally.currencies())
    : new Map([[slice!.currency, rational(1)]]);
  return (standing: Standing, options: MrrOptions): Rational => {
    const { sub } = standing;
    const factor = factors.get(sub.currency);
    if (!factor || standing.reason === "excluded") return ZERO;
    const result = mrr(sub, now, options, factsOf(view, sub));
    const lines = segmentLines(result).filter((line) => lets(filter, line));
    return multiply(sum(lines.map(({ exact }) => exact)), factor);
  };
}

/** Statuses that are worth nothing under any options. */
const NEVER = new Set(["canceled", "incomplete", "incomplete_expired", "unpaid"]);

/** From the options in force to others, or `null` where amounts cannot be converted. */
export function comparePresets(context: WidgetContext, to: MrrOptions): Comparison | null {
  const { view, slice } = context;
  if (!slice || slice.missingRates.length > 0) return null;
  const value = valuer(context);
  const standings = [...view.standings()].filter(({ sub }) => !NEVER.has(sub.status));
  let options = view.info.options;
  let values = standings.map((standing) => value(standing, options));
  const from = values.reduce(add, ZERO);
  const causes: Cause[] = [];
  for (const [name, text] of OPTION_CHANGES) {
    if (sameOption(options, to, name)) continue;
    options = { ...options, [name]: to[name] };
    const next = standings.map((standing) => value(standing, options));
    const rows = standings
      .map((standing, index) => ({ standing, change: subtract(next[index]!, values[index]!) }))
      .filter(({ change }) => change.n !== 0n);
    causes.push({
      option: name,
      text: text(options),
      amount: sum(rows.map(({ change }) => change)),
      rows,
    });
    values = next;
  }
  return { from, to: values.reduce(add, ZERO), causes };
}
