/**
 * How each kind of golden figure is worked out: movements, fx, ratio, cohort, history, forecast,
 * waterfall. A field that no rule reads fails the case.
 */
import assert from "node:assert/strict";
import { createCalendar, dayNumber } from "../../src/metrics/calendar.ts";
import { cohortTable, type CohortUnit } from "../../src/metrics/cohorts.ts";
import { convert } from "../../src/metrics/currency.ts";
import { forecast } from "../../src/metrics/forecast.ts";
import { fxMovements, MissingRateError } from "../../src/metrics/fx.ts";
import { type Grain, totalsOf } from "../../src/metrics/movements.ts";
import { format, parse, type Rational, rational } from "../../src/metrics/rational.ts";
import type { Step } from "../../src/metrics/steps.ts";
import { roundWaterfall } from "../../src/metrics/waterfall.ts";
import { historySteps } from "./golden_history.ts";
import { ratioOf } from "./golden_ratios.ts";

export type Input = Readonly<Record<string, unknown>>;

/** The fields of an object: all required ones, none that is not known. */
export function fields(
  input: Input,
  required: readonly string[],
  optional: readonly string[] = [],
) {
  for (const name of required) assert.ok(name in input, `${name} is given`);
  for (const name of Object.keys(input)) {
    assert.ok(required.includes(name) || optional.includes(name), `a rule knows ${name}`);
  }
  return input;
}

export const number = (value: unknown): Rational => parse(String(value));

/** Unix seconds of `2026-03-01`, or of a time with its zone. */
export function seconds(text: unknown): number {
  const ms = Date.parse(String(text));
  assert.ok(Number.isFinite(ms), `${text} is a date`);
  return ms / 1000;
}

const UTC = createCalendar("UTC");

function calendarOf(input: Input) {
  return input.timeZone === undefined ? UTC : createCalendar(String(input.timeZone));
}

function day(text: string): number {
  return dayNumber(Temporal.PlainDate.from(text));
}

function stepsOfCustomers(customers: unknown): readonly Step[][] {
  return Object.values(customers as Record<string, [string, unknown][]>).map((steps) =>
    steps.map(([at, value]) => ({ at: seconds(at), value: number(value) }))
      .sort((a, b) => a.at - b.at)
  );
}

/** Fractions as text, everything else as it is. */
function shown(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null && "n" in value
        ? format(value as Rational)
        : value,
    ]),
  );
}

function movements(input: Input): unknown {
  fields(input, ["customers", "period", "grain"], ["timeZone"]);
  const [from, to] = input.period as [string, string];
  assert.ok(["day", "period", "event"].includes(String(input.grain)), "the grain is known");
  const calendar = calendarOf(input);
  const customers = stepsOfCustomers(input.customers);
  // Rates have no part in the movements of one currency.
  const { causes: _causes, fx: _fx, ...totals } = totalsOf(
    customers,
    day(from),
    day(to),
    input.grain as Grain,
    calendar,
  );
  return shown(totals);
}

function fx(input: Input): unknown {
  fields(
    input,
    ["previous", "current", "ratePrevious", "rateCurrent", "everPositive"],
    ["to"],
  );
  const holdings = (values: unknown) =>
    Object.fromEntries(
      Object.entries(values as Input).map(([name, value]) => [
        name,
        number(value),
      ]),
    );
  const to = input.to;
  // These cases report in usd, so that its own rate may be left out.
  const rates = (values: unknown) =>
    Object.fromEntries(
      Object.entries({ usd: rational(1), ...holdings(values) }).map(([name, rate]) => [
        name,
        to === undefined ? rate : convert(rational(1), name, String(to), rate),
      ]),
    );
  try {
    return shown(fxMovements(
      holdings(input.previous),
      holdings(input.current),
      rates(input.ratePrevious),
      rates(input.rateCurrent),
      input.everPositive === true,
    ));
  } catch (error) {
    if (error instanceof MissingRateError) return null;
    throw error;
  }
}

/** First day of `2026-03` or `2026-Q1`. */
function periodStart(period: string): number {
  const [year, part] = period.split("-") as [string, string];
  const month = part.startsWith("Q") ? Number(part.slice(1)) * 3 - 2 : Number(part);
  return day(`${year}-${String(month).padStart(2, "0")}-01`);
}

function cohort(input: Input): unknown {
  fields(input, ["customers"], ["months", "quarters", "timeZone"]);
  const unit: CohortUnit = "quarters" in input ? "quarter" : "month";
  const periods = (input.quarters ?? input.months) as string[];
  const table = cohortTable(
    stepsOfCustomers(input.customers),
    periodStart(periods[0]!),
    periodStart(periods.at(-1)!) + 1,
    unit,
    calendarOf(input),
  );
  return Object.fromEntries(table.map(({ period, size, baseMrr, customers, revenue }) => [period, {
    size,
    baseMrr: format(baseMrr),
    customers: customers.map(format),
    revenue: revenue.map(format),
  }]));
}

function forecastOf(input: Input): unknown {
  fields(input, ["mrr", "months", "horizon"]);
  const names = ["start", "new", "reactivation", "expansion", "contraction", "churn"] as const;
  const months = (input.months as Input[]).map((month) => {
    fields(month, names, ["end"]);
    const [start, fresh, reactivation, expansion, contraction, churn] = names.map((name) =>
      number(month[name])
    ) as [Rational, Rational, Rational, Rational, Rational, Rational];
    return { start, new: fresh, reactivation, expansion, contraction, churn };
  });
  const result = forecast(number(input.mrr), months, Number(input.horizon));
  return result.kind === "value" ? result.path.map(format) : null;
}

function waterfall(input: Input): unknown {
  const names = [
    "start",
    "new",
    "expansion",
    "reactivation",
    "contraction",
    "churn",
    "fx",
  ] as const;
  fields(input, names.slice(0, -1), ["fx", "end"]);
  const part = (name: typeof names[number]) => number(input[name] ?? 0);
  const rounded = roundWaterfall({
    start: part("start"),
    new: part("new"),
    expansion: part("expansion"),
    reactivation: part("reactivation"),
    contraction: part("contraction"),
    churn: part("churn"),
    fx: part("fx"),
  });
  return Object.fromEntries(
    Object.entries(rounded).map(([name, value]) => [name, Number(value)]),
  );
}

function ratio(input: Input): unknown {
  const result = ratioOf(input);
  return result === null ? null : format(result);
}

/** By `kind` of the case: works out what the case expects. */
export const FIGURES: Readonly<Record<string, (input: Input) => unknown>> = {
  movements,
  fx,
  ratio,
  cohort,
  history: historySteps,
  forecast: forecastOf,
  waterfall,
};
