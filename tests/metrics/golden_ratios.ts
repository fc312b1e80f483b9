/** Golden ratios: for each `fn` its fields and the rule that they are given to. */
import assert from "node:assert/strict";
import { type Rational, ZERO } from "../../src/metrics/rational.ts";
import {
  acquisitionCost,
  arpa,
  arr,
  type CashFlows,
  churnCustomersCalendar,
  churnCustomersStripe30,
  churnRevenueGross,
  churnRevenueNet,
  compoundMonthlyGrowth,
  concentration,
  type Derived,
  disputeRate,
  type Ends,
  grossRetention,
  grossVolume,
  growth,
  lifetimeValue,
  lifetimeValueSmoothed,
  lifetimeValueToCost,
  netRetention,
  netVolume,
  paybackMonths,
  quickRatio,
  recoveryRate,
  refundRate,
  ruleOf40,
  TRIAL_OUTCOMES,
  trialConversionCohort,
  trialConversionStripe30,
  type TrialOutcome,
} from "../../src/metrics/ratios.ts";
import { fields, type Input, number } from "./golden_figures.ts";

interface Rule {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  readonly run: (input: Input) => Rational | Derived;
}

const flows = (input: Input) => ({
  start: number(input.start ?? 0),
  new: number(input.new ?? 0),
  reactivation: number(input.reactivation ?? 0),
  expansion: number(input.expansion ?? 0),
  contraction: number(input.contraction ?? 0),
  churn: number(input.churn ?? 0),
});

const ends = (customers: unknown): Ends[] =>
  (customers as [unknown, unknown][]).map(([start, end]) => [number(start), number(end)]);

function margin(input: Input): Rational | undefined {
  return input.grossMargin === undefined ? undefined : number(input.grossMargin);
}

function outcomes(trials: unknown): TrialOutcome[] {
  return (trials as (string | [string])[]).map((trial) => {
    const outcome = Array.isArray(trial) ? trial[0] : trial;
    assert.ok(TRIAL_OUTCOMES.some((known) => known === outcome), `${outcome} is an outcome`);
    return outcome as TrialOutcome;
  });
}

const OUTFLOWS = [
  "chargeFailures",
  "partialCaptureReversals",
  "refunds",
  "refundFailures",
  "disputes",
  "disputeReversals",
  "fees",
  "connectTransfers",
];

function cash(input: Input): CashFlows {
  const part = (name: string) => name in input ? number(input[name]) : ZERO;
  return {
    charges: part("charges"),
    chargeFailures: part("chargeFailures"),
    partialCaptureReversals: part("partialCaptureReversals"),
    refunds: part("refunds"),
    refundFailures: part("refundFailures"),
    disputes: part("disputes"),
    disputeReversals: part("disputeReversals"),
    fees: part("fees"),
    connectTransfers: part("connectTransfers"),
  };
}

const RULES: Readonly<Record<string, Rule>> = {
  arr: { required: ["mrr"], run: (i) => arr(number(i.mrr)) },
  growth: { required: ["start", "end"], run: (i) => growth(number(i.start), number(i.end)) },
  cmgr: {
    required: ["start", "end", "months"],
    run: (i) => compoundMonthlyGrowth(number(i.start), number(i.end), Number(i.months)),
  },
  churn_customers_stripe30: {
    required: ["churned", "activeAtStart", "newInWindow"],
    run: (i) =>
      churnCustomersStripe30(Number(i.churned), Number(i.activeAtStart), Number(i.newInWindow)),
  },
  churn_customers_calendar: {
    required: ["churnedOfStart", "activeAtStart"],
    run: (i) => churnCustomersCalendar(Number(i.churnedOfStart), Number(i.activeAtStart)),
  },
  churn_revenue_gross: {
    required: ["churn", "contraction", "start"],
    run: (i) => churnRevenueGross(flows(i)),
  },
  churn_revenue_net: {
    required: ["churn", "contraction", "expansion", "reactivation", "start"],
    run: (i) => churnRevenueNet(flows(i)),
  },
  nrr: { required: ["customers"], run: (i) => netRetention(ends(i.customers)) },
  grr: { required: ["customers"], run: (i) => grossRetention(ends(i.customers)) },
  quick_ratio: {
    required: ["new", "reactivation", "expansion", "contraction", "churn"],
    run: (i) => quickRatio(flows(i)),
  },
  arpa: { required: ["mrr", "customers"], run: (i) => arpa(number(i.mrr), Number(i.customers)) },
  ltv_stripe: {
    required: ["arpa", "churn"],
    optional: ["grossMargin"],
    run: (i) => lifetimeValue(number(i.arpa), number(i.churn), margin(i)),
  },
  ltv_smoothed6: {
    required: ["arpa", "monthlyChurn"],
    optional: ["grossMargin"],
    run: (i) =>
      lifetimeValueSmoothed(
        number(i.arpa),
        (i.monthlyChurn as unknown[]).filter((churn) => churn !== null).map(number),
        margin(i),
      ),
  },
  trial_conversion_stripe30: {
    required: ["converted", "ended"],
    run: (i) => trialConversionStripe30(Number(i.converted), Number(i.ended)),
  },
  trial_conversion_cohort: {
    required: ["trials"],
    run: (i) => trialConversionCohort(outcomes(i.trials)),
  },
  recovery_rate: {
    required: ["recovered", "lost"],
    optional: ["open"],
    run: (i) => recoveryRate(number(i.recovered), number(i.lost)),
  },
  gross_volume: {
    required: ["charges"],
    optional: ["chargeFailures", "partialCaptureReversals"],
    run: (i) => grossVolume(cash(i)),
  },
  net_volume: { required: ["charges"], optional: OUTFLOWS, run: (i) => netVolume(cash(i)) },
  refund_rate: {
    required: ["refunds"],
    optional: ["charges", "gross", "grossVolume"],
    run: (i) => refundRate(number(i.refunds), number(i.gross ?? i.grossVolume ?? i.charges)),
  },
  dispute_rate: {
    required: ["disputes", "charges"],
    run: (i) => disputeRate(Number(i.disputes), Number(i.charges)),
  },
  cac: {
    required: ["spend", "newCustomers"],
    run: (i) => acquisitionCost(number(i.spend), Number(i.newCustomers)),
  },
  payback_months: {
    required: ["cac", "arpa", "grossMargin"],
    run: (i) => paybackMonths(number(i.cac), number(i.arpa), number(i.grossMargin)),
  },
  ltv_cac: {
    required: ["arpa", "churn", "cac"],
    optional: ["grossMargin"],
    run: (i) =>
      lifetimeValueToCost(
        lifetimeValue(number(i.arpa), number(i.churn), margin(i)),
        number(i.cac),
      ),
  },
  rule_of_40: {
    required: ["arrNow", "arrYearAgo", "profitMargin"],
    run: (i) => ruleOf40(number(i.arrNow), number(i.arrYearAgo), number(i.profitMargin)),
  },
  concentration: {
    required: ["customers", "top"],
    run: (i) => concentration((i.customers as unknown[]).map(number), Number(i.top)),
  },
};

export function ratioOf(input: Input): Rational | null {
  const rule = RULES[String(input.fn)];
  assert.ok(rule, `a rule knows ${input.fn}`);
  fields(input, ["fn", ...rule.required], rule.optional);
  const result = rule.run(input);
  return "value" in result ? result.value : result;
}
