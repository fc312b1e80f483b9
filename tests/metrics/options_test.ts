import assert from "node:assert/strict";
import {
  describeOptions,
  type MrrOptions,
  PRESET_LABELS,
  PRESET_NAMES,
  PRESETS,
} from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";

function inWords(options: MrrOptions): Record<string, unknown> {
  const { weeksPerMonth, daysPerMonth, ...others } = options;
  return { ...others, weeksPerMonth: format(weeksPerMonth), daysPerMonth: format(daysPerMonth) };
}

const STRIPE = {
  pastDue: "count",
  trialing: "exclude",
  cancellation: "at_request",
  pauseCollection: "by_behavior",
  trialOffers: "exclude",
  subtractRepeating: false,
  subtractOnce: false,
  weeksPerMonth: "13/3",
  daysPerMonth: "365/12",
  inclusiveTax: "deduct",
  testClocks: "exclude",
  activation: "start",
};

const TABLE: Record<string, Record<string, unknown>> = {
  stripe: STRIPE,
  chartmogul: {
    ...STRIPE,
    subtractRepeating: true,
    subtractOnce: true,
    cancellation: "at_end",
    pauseCollection: "count",
  },
  baremetrics: {
    ...STRIPE,
    subtractRepeating: true,
    subtractOnce: true,
    pastDue: { maxDays: 30 },
    cancellation: "at_end",
    pauseCollection: "by_behavior",
  },
  profitwell: {
    ...STRIPE,
    subtractRepeating: true,
    subtractOnce: true,
    cancellation: "at_end",
    pauseCollection: "exclude",
    weeksPerMonth: "433/100",
    daysPerMonth: "30",
  },
  recurly: {
    ...STRIPE,
    subtractRepeating: true,
    subtractOnce: true,
    cancellation: "at_end",
    pauseCollection: "exclude",
    daysPerMonth: "30",
  },
};

for (const name of PRESET_NAMES) {
  Deno.test(`the preset ${name} is as in the table`, () => {
    assert.deepEqual(inWords(PRESETS[name]), TABLE[name]);
  });
}

Deno.test("there are five presets, each with a label", () => {
  assert.deepEqual(PRESET_NAMES, ["stripe", "chartmogul", "baremetrics", "profitwell", "recurly"]);
  assert.deepEqual(Object.values(PRESET_LABELS), [
    "as Stripe counts it",
    "as ChartMogul counts it",
    "as Baremetrics counts it",
    "as ProfitWell counts it",
    "as Recurly counts it",
  ]);
});

Deno.test("the options in force are told clause by clause", () => {
  assert.deepEqual(describeOptions(PRESETS.stripe), [
    "past-due subscriptions count",
    "trials do not count",
    "a cancellation counts from its request",
    "paused collection counts only where invoices are kept as drafts",
    "introductory trial offers do not count",
    "discounts without an end are subtracted",
    "repeating discounts are not subtracted",
    "one-time discounts are not subtracted",
    "inclusive tax is taken out",
    "a month has 13/3 weeks and 365/12 days",
  ]);
});

Deno.test("a whole number of days in a month is told as a whole number", () => {
  assert.ok(describeOptions(PRESETS.profitwell).includes("a month has 433/100 weeks and 30 days"));
});

Deno.test("every option that can be changed changes what is told", () => {
  const changes: Partial<MrrOptions>[] = [
    { pastDue: "exclude" },
    { pastDue: { maxDays: 14 } },
    { trialing: "count" },
    { cancellation: "at_end" },
    { pauseCollection: "count" },
    { pauseCollection: "exclude" },
    { trialOffers: "count_trial_price" },
    { subtractRepeating: true },
    { subtractOnce: true },
    { weeksPerMonth: PRESETS.profitwell.weeksPerMonth },
    { daysPerMonth: PRESETS.recurly.daysPerMonth },
    { inclusiveTax: "ignore" },
    { testClocks: "include" },
    { activation: "first_payment" },
  ];
  const told = changes.map((change) => describeOptions({ ...PRESETS.stripe, ...change }).join());
  const distinct = new Set([...told, describeOptions(PRESETS.stripe).join()]);
  assert.equal(distinct.size, changes.length + 1);
});
