/**
 * What MRR means: a preset and the options that are set singly (metrics.md sections 0 and A.1).
 *
 * @module
 */
import { type MrrOptions, PRESETS } from "../src/metrics/options.ts";
import { equal, ONE, type Rational } from "../src/metrics/rational.ts";
import { type FigureInputs, NO_INPUTS } from "../src/widgets/inputs.ts";
import type { FiguresConfig } from "./figures_schema.ts";
import type { Report } from "./report.ts";
import type { FigureSettings, ReportingSettings } from "./settings.ts";

function optionsOf(config: FiguresConfig, preset: MrrOptions): MrrOptions {
  const pastDue = config["past-due"];
  return {
    pastDue: typeof pastDue === "object"
      ? { maxDays: pastDue["max-days"] }
      : pastDue ?? preset.pastDue,
    trialing: config.trialing ?? preset.trialing,
    cancellation: config.cancellation ?? preset.cancellation,
    pauseCollection: config["pause-collection"] ?? preset.pauseCollection,
    trialOffers: config["trial-offers"] ?? preset.trialOffers,
    subtractRepeating: config["subtract-repeating"] ?? preset.subtractRepeating,
    subtractOnce: config["subtract-once"] ?? preset.subtractOnce,
    weeksPerMonth: config["weeks-per-month"] ?? preset.weeksPerMonth,
    daysPerMonth: config["days-per-month"] ?? preset.daysPerMonth,
    inclusiveTax: config["inclusive-tax"] ?? preset.inclusiveTax,
    testClocks: config["test-clocks"] ?? preset.testClocks,
    activation: config.activation ?? preset.activation,
  };
}

/** Where `glance rates:import` puts daily rates unless the configuration names another file. */
export const RATES_FILE = "data/rates.csv";

function reportingOf(config: FiguresConfig, report: Report): ReportingSettings | null {
  const currency = config["reporting-currency"];
  const rates = config.rates ?? {};
  if (currency === undefined) {
    if (config.rates) {
      report(["figures", "rates"], "needs reporting-currency beside it: what the rates lead to");
    }
    if (config["rates-file"] !== undefined) {
      report(["figures", "rates-file"], "needs reporting-currency beside it");
    }
    return null;
  }
  const own = rates[currency];
  if (own && !equal(own, ONE)) {
    report(
      ["figures", "rates", currency],
      "is the reporting currency itself, which is worth 1: remove it",
    );
  }
  return { currency, rates, ratesFile: config["rates-file"] ?? RATES_FILE };
}

function isSingle(
  spend: NonNullable<FiguresConfig["marketing-spend"]>,
): spend is Rational {
  return typeof spend["n"] === "bigint";
}

function inputsOf(config: FiguresConfig, acquisitionCost: Rational | null): FigureInputs {
  const spend = config["marketing-spend"];
  const every = spend !== undefined && isSingle(spend) ? spend : null;
  return {
    grossMargin: config["gross-margin"] ?? null,
    profitMargin: config["profit-margin"] ?? null,
    acquisitionCost: acquisitionCost ?? config["acquisition-cost"] ?? null,
    marketingSpend: { every, byMonth: spend === undefined || isSingle(spend) ? {} : spend },
    acquisitionLag: config["acquisition-lag"] ?? NO_INPUTS.acquisitionLag,
    // ProfitWell compares the two ends of a period (metrics.md section 0).
    grain: config.grain ?? (config.preset === "profitwell" ? "period" : NO_INPUTS.grain),
    pauseIsChurn: config["pause-is-churn"] ?? NO_INPUTS.pauseIsChurn,
  };
}

/** @param acquisitionCost What winning a customer costs, from the environment; major units. */
export function figuresOf(
  config: FiguresConfig = {},
  acquisitionCost: Rational | null,
  report: Report,
): FigureSettings {
  const preset = config.preset ?? "stripe";
  return {
    preset,
    options: optionsOf(config, PRESETS[preset]),
    reporting: reportingOf(config, report),
    inputs: inputsOf(config, acquisitionCost),
  };
}
