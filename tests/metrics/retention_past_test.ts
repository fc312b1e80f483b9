import assert from "node:assert/strict";
import fc from "fast-check";
import { format } from "../../src/metrics/rational.ts";
import type { Derived } from "../../src/metrics/ratios.ts";
import { customerChurnCalendar, retention } from "../../src/metrics/retention.ts";
import { retentionPast, trailingNrrPast } from "../../src/metrics/retention_past.ts";
import { stepsOf } from "../../src/metrics/steps.ts";
import { monthStart } from "../../src/metrics/calendar.ts";
import { day, manyCustomers, steps, UTC } from "./histories.ts";

const text = (derived: Derived) => derived.value === null ? derived.reason : format(derived.value);

Deno.test("each complete month is of the customers at its start, the running one is left out", () => {
  const customers = [
    steps(["2026-01-10", 1000], ["2026-02-15", 1500], ["2026-03-20", 0]),
    steps(["2026-01-10", 1000]),
    steps(["2026-02-20", 9000]),
  ];
  assert.deepEqual(
    retentionPast(customers, day("2026-04-10"), 4, UTC, "gone").map((
      { start, nrr, grr, churn },
    ) => [start, text(nrr), text(grr), text(churn)]),
    [
      [day("2025-12-01"), "no_mrr_at_start", "no_mrr_at_start", "no_customers_at_start"],
      [day("2026-01-01"), "no_mrr_at_start", "no_mrr_at_start", "no_customers_at_start"],
      [day("2026-02-01"), "5/4", "1", "0"],
      [day("2026-03-01"), "20/23", "20/23", "1/3"],
    ],
  );
});

Deno.test("every month is what it is by itself", () => {
  fc.assert(fc.property(manyCustomers, (customers) => {
    const all = customers.map((stretches) => stepsOf(stretches));
    for (const month of retentionPast(all, day("2026-06-10"), 6, UTC, "gone")) {
      const window = { from: month.start, to: monthStart(month.start, 1) };
      const alone = retention(all, window, UTC);
      assert.equal(text(month.nrr), text(alone.nrr));
      assert.equal(text(month.grr), text(alone.grr));
      assert.equal(text(month.churn), text(customerChurnCalendar(all, window, UTC)));
    }
  }));
});

Deno.test("NRR over a year at each month's end is that of its window by itself", () => {
  fc.assert(fc.property(manyCustomers, (customers) => {
    const all = customers.map((stretches) => stepsOf(stretches));
    const today = day("2026-06-10");
    trailingNrrPast(all, today, 4, 3, UTC).forEach((derived, index) => {
      const to = monthStart(today, index - 3);
      const alone = retention(all, { from: monthStart(to, -3), to }, UTC);
      assert.equal(text(derived), text(alone.nrr));
    });
  }));
});
