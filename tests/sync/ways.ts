/** The ways of counting of metrics.md A.1: five presets, and each option alone. */
import { type MrrOptions, PRESET_NAMES, PRESETS } from "../../src/metrics/options.ts";
import { parse } from "../../src/metrics/rational.ts";
import { type Counting, COUNTINGS } from "../../src/simulator/mod.ts";

/** A way of counting, in the product's words and in the books'. */
export interface Way {
  readonly name: string;
  readonly options: MrrOptions;
  readonly counting: Counting;
}

const FEW_WEEKS = "433/100";

/** Each option of metrics.md A.1 alone, against its default. */
const SINGLE: readonly Partial<Counting>[] = [
  { pastDue: "exclude" },
  { pastDue: { maxDays: 30 } },
  { trialing: "count" },
  { cancellation: "at_end" },
  { pauseCollection: "count" },
  { pauseCollection: "exclude" },
  { trialOffers: "count_trial_price" },
  { subtractRepeating: true },
  { subtractOnce: true },
  { weeksPerMonth: FEW_WEEKS },
  { daysPerMonth: "30" },
  { inclusiveTax: "ignore" },
];

function optionsOf({ weeksPerMonth, daysPerMonth, ...rest }: Partial<Counting>): MrrOptions {
  return {
    ...PRESETS.stripe,
    ...rest,
    ...(weeksPerMonth ? { weeksPerMonth: parse(weeksPerMonth) } : {}),
    ...(daysPerMonth ? { daysPerMonth: parse(daysPerMonth) } : {}),
  };
}

export const PRESET_WAYS: readonly Way[] = PRESET_NAMES.map((name) => ({
  name,
  options: PRESETS[name],
  counting: COUNTINGS[name],
}));

export const WAYS: readonly Way[] = [
  ...PRESET_WAYS,
  ...SINGLE.map((single) => ({
    name: JSON.stringify(single),
    options: optionsOf(single),
    counting: { ...COUNTINGS.stripe, ...single },
  })),
];
