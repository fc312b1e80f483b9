/**
 * A comparison in words and as JSON.
 *
 * @module
 */
import { format, type Rational, subtract } from "../../metrics/rational.ts";
import { countText, moneyText } from "../../widgets/context.ts";
import type { CauseGroup, ComparisonReport, Difference, MonthComparison } from "./compare.ts";

/** Customers that are named for a cause; the JSON form names all. */
const EXAMPLES_MAX = 5;

function monthLine({ month, currency, here, there, customers, agreeing }: MonthComparison): string {
  const gap = subtract(there, here);
  const amounts = `here ${moneyText(here, currency)}, there ${moneyText(there, currency)}`;
  const by = gap.n === 0n ? "" : ` (${moneyText(gap, currency, { signed: true })})`;
  return `  ${month} ${currency.toUpperCase()}  ${agreeing} of ${
    countText(customers, "customer")
  } agree: ${amounts}${by}`;
}

function differenceLine({ customer, month, currency, here, there }: Difference): string {
  return `      ${customer} ${month}: here ${moneyText(here, currency)}, there ${
    moneyText(there, currency)
  }`;
}

/** What a cause makes of each currency, there less here. */
function sums(differences: readonly Difference[]): string {
  const gaps = new Map<string, Rational>();
  for (const { currency, here, there } of differences) {
    const before = gaps.get(currency) ?? { n: 0n, d: 1n };
    gaps.set(currency, subtract(before, subtract(here, there)));
  }
  return [...gaps].map(([currency, gap]) => moneyText(gap, currency, { signed: true })).join(", ");
}

function causeLines({ cause, differences }: CauseGroup): string[] {
  const customers = new Set(differences.map(({ customer }) => customer)).size;
  const left = differences.length - EXAMPLES_MAX;
  return [
    `  ${cause}: ${countText(customers, "customer")}, ${
      countText(differences.length, "customer month")
    }, ${sums(differences)}`,
    ...differences.slice(0, EXAMPLES_MAX).map(differenceLine),
    ...(left > 0 ? [`      and ${left} more (all of them with --json)`] : []),
  ];
}

/** The report for people. */
export function reportText({ kind, months, causes }: ComparisonReport): string {
  const title = kind === "level"
    ? "MRR of each customer at the close of each month"
    : "What each customer's MRR changed by in each month";
  if (months.length === 0) return "The file has no month that has ended";
  return [
    title,
    "",
    ...months.map(monthLine),
    "",
    causes.length === 0 ? "Nothing differs." : "Differences by cause (there less here):",
    ...causes.flatMap(causeLines),
  ].join("\n");
}

/** The report for programs: amounts as exact fractions of minor units. */
export function reportJson({ kind, months, causes }: ComparisonReport): unknown {
  return {
    kind,
    months: months.map(({ here, there, ...month }) => ({
      ...month,
      hereExact: format(here),
      thereExact: format(there),
    })),
    causes: causes.map(({ cause, differences }) => ({
      cause,
      differences: differences.map(({ here, there, ...row }) => ({
        ...row,
        hereExact: format(here),
        thereExact: format(there),
      })),
    })),
  };
}
