/** Customers who came and were lost, and the movements, follow one grain (metrics.md B.2, C.3). */
import assert from "node:assert/strict";
import { customers } from "../../routes/api/customers.ts";
import { movements } from "../../routes/api/movements.ts";
import type { Grain } from "../../src/metrics/movements.ts";
import { createContext } from "../../src/widgets/context.ts";
import { NO_INPUTS } from "../../src/widgets/inputs.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { AT, DAY } from "../metrics/fixture.ts";
import { storeOf } from "../widgets/fixture.ts";

/** 25 November 2026. */
const NOW = AT + 10 * DAY;

/** One that stays, and one that joined on 5 November and left on the 20th. */
const STORE = storeOf([
  { created: AT - 100 * DAY },
  { created: AT - 10 * DAY, status: "canceled", endedAt: AT + 5 * DAY, canceledAt: AT + 5 * DAY },
]);

interface Told {
  readonly new: number;
  readonly churned: number;
  readonly churn: { readonly stripe30: { readonly exact: string } };
  readonly revenueChurn: { readonly gross: { readonly exact: string } };
}

function told(grain: Grain) {
  const inputs = { ...NO_INPUTS, grain };
  const parts = { view: STORE, now: NOW, reporting: null, inputs, keyUrl: "" };
  const context = createContext({ ...parts, query: NO_QUERY });
  const body = customers(context, new URLSearchParams()) as unknown as Told;
  const search = new URLSearchParams("from=2026-11");
  const [row] = movements({ view: STORE, inputs, search, reporting: null, now: NOW }).data;
  return {
    customers: [body.new, body.churned],
    movements: [row!.customers.new, row!.customers.churn],
    rates: [body.churn.stripe30.exact, body.revenueChurn.gross.exact],
  };
}

Deno.test("joined on the 5th, left on the 20th: by days it came and was lost, in both answers", () => {
  assert.deepEqual(told("day"), { customers: [1, 1], movements: [1, 1], rates: ["1/2", "1"] });
});

Deno.test("joined on the 5th, left on the 20th: by the period's two ends it did neither, in both answers", () => {
  assert.deepEqual(told("period"), { customers: [0, 0], movements: [0, 0], rates: ["0", "0"] });
});
