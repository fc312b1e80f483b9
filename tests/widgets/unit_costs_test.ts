import assert from "node:assert/strict";
import { format, parse, rational } from "../../src/metrics/rational.ts";
import { createContext } from "../../src/widgets/context.ts";
import { type FigureInputs, NO_INPUTS } from "../../src/widgets/inputs.ts";
import { movementView } from "../../src/widgets/movement_view.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { costFigures, ruleOf40Figures } from "../../src/widgets/rates.ts";
import { costOf, paybackOf, valueToCost } from "../../src/widgets/unit_costs.ts";
import { AT } from "../metrics/fixture.ts";
import { contextOf, reportingIn, storeOf } from "./fixture.ts";

const since = (date: string) => ({ created: Date.parse(`${date}T12:00:00Z`) / 1000 });
// Two customers of 10.00 a month; one was new in October, the last complete month.
const store = storeOf([since("2025-06-01"), since("2026-10-20")]);

function withInputs(inputs: Partial<FigureInputs>) {
  const context = createContext({
    view: store,
    now: AT,
    query: NO_QUERY,
    reporting: null,
    inputs: { ...NO_INPUTS, ...inputs },
    keyUrl: "",
  });
  return { context, movements: movementView(context)! };
}

Deno.test("without what the operator has to give, cost tiles are absent, not 0", () => {
  const { context } = withInputs({});
  assert.deepEqual(costFigures(context), []);
  assert.deepEqual(ruleOf40Figures(context), []);
});

Deno.test("CAC is marketing spend / customers new in the last complete month", () => {
  const spend = { byMonth: { "2026-10": rational(300), "2026-09": rational(120) }, every: null };
  const { context, movements } = withInputs({ marketingSpend: spend });
  assert.equal(format(costOf(context, movements)!.value!), "30000");
  const later = withInputs({ marketingSpend: spend, acquisitionLag: 1 });
  assert.equal(format(costOf(later.context, later.movements)!.value!), "12000");
});

Deno.test("payback is CAC / (ARPA × gross margin), in months; a given CAC is taken as it is", () => {
  const { context, movements } = withInputs({
    acquisitionCost: parse("40"),
    grossMargin: parse("0.8"),
  });
  // 40.00 / (10.00 × 0.8)
  assert.equal(format(paybackOf(context, movements)!.value!), "5");
  const value = valueToCost(context, movements)!;
  assert.deepEqual(value, { value: null, reason: "no_churn" });
});

Deno.test("where another currency than that of the costs is shown, there is no CAC", () => {
  const base = contextOf(store, { currency: "usd" }, reportingIn("eur", {}));
  const context = { ...base, inputs: { ...NO_INPUTS, acquisitionCost: rational(40) } };
  assert.equal(costOf(context, movementView(context)!), null);
});

Deno.test("the Rule of 40 is ARR growth of a year + profit margin", () => {
  // A year ago 10.00, now 20.00: 100 % and 15 %.
  const { context } = withInputs({ profitMargin: parse("0.15") });
  assert.deepEqual(ruleOf40Figures(context).map(({ value }) => value), ["115.0\u00a0%"]);
});
