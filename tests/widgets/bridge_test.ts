import assert from "node:assert/strict";
import { dayKey } from "../../src/metrics/calendar.ts";
import { createContext } from "../../src/widgets/context.ts";
import { bridgeWidget } from "../../src/widgets/bridge.ts";
import { NO_INPUTS } from "../../src/widgets/inputs.ts";
import type { BridgeModel } from "../../src/widgets/models.ts";
import { daysBefore } from "../../src/widgets/movement_view.ts";
import type { Period } from "../../src/widgets/query.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { AT, DAY } from "../metrics/fixture.ts";
import { contextOf, storeOf } from "./fixture.ts";

const since = (date: string) => ({ created: Date.parse(`${date}T12:00:00Z`) / 1000 });
// It is 15 November 2026.
const store = storeOf([
  since("2024-01-01"),
  since("2026-10-03"),
  since("2026-10-20"),
  since("2026-11-02"),
  { ...since("2026-02-01"), status: "canceled", canceledAt: AT - 5 * DAY, endedAt: AT - 5 * DAY },
  { ...since("2026-02-01"), pause: { behavior: "void", resumesAt: null } },
]);

function bridge(pauseIsChurn: boolean): BridgeModel {
  const context = createContext({
    view: store,
    now: AT,
    query: NO_QUERY,
    reporting: null,
    inputs: { ...NO_INPUTS, pauseIsChurn },
    keyUrl: "",
  });
  const { state } = bridgeWidget(context, { id: "x", type: "bridge" });
  assert.ok(state.kind === "fresh");
  return state.data;
}

Deno.test("a period is compared with as many days of the one before, of equal kind", () => {
  const days = (period: Period) => {
    const found = daysBefore(contextOf(store, { period }), period);
    return found && [dayKey(found.from), dayKey(found.to)];
  };
  assert.deepEqual(days("month"), ["2026-10-01", "2026-10-16"]);
  assert.deepEqual(days("30d"), ["2026-09-17", "2026-10-17"]);
  assert.deepEqual(days("quarter"), ["2026-07-01", "2026-08-16"]);
  assert.equal(days("all"), null);
  const step = bridge(true).steps.find(({ key }) => key === "new")!;
  // New on 2 November; on 3 October before, while 20 October is later in its month.
  assert.deepEqual([step.amount, step.before], ["+$10", "+$10"]);
});

Deno.test("paused MRR is told within churn, or stands apart and the bars still add up", () => {
  const within = bridge(true);
  const churn = within.steps.find(({ key }) => key === "churn")!;
  assert.deepEqual([churn.value, churn.note], [-2000, "of that $10 paused"]);
  const apart = bridge(false);
  const value = (key: string) => apart.steps.find((step) => step.key === key)!.value!;
  assert.deepEqual([value("churn"), value("paused")], [-1000, -1000]);
  const moved = apart.steps.slice(1, -1).reduce((sum, step) => sum + step.value!, 0);
  assert.equal(value("start") + moved, value("end"));
});
