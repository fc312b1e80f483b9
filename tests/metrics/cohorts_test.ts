import assert from "node:assert/strict";
import fc from "fast-check";
import { monthStart } from "../../src/metrics/calendar.ts";
import { cohortTable } from "../../src/metrics/cohorts.ts";
import { changesByDay } from "../../src/metrics/movements.ts";
import { divide, format, rational, sum } from "../../src/metrics/rational.ts";
import { closeOf, stepsOf } from "../../src/metrics/steps.ts";
import { day, manyCustomers, steps, UTC } from "./histories.ts";

Deno.test("cohorts by quarter begin in the quarter of the first MRR", () => {
  const table = cohortTable(
    [
      steps(["2026-01-05", 1000], ["2026-05-01", 500]),
      steps(["2026-03-31", 1000], ["2026-04-01", 0]),
      steps(["2026-04-01", 700]),
    ],
    day("2026-01-01"),
    day("2026-07-01"),
    "quarter",
    UTC,
  );
  assert.deepEqual(
    table.map(({ period, size, customers, revenue }) => [
      period,
      size,
      customers.map(format),
      revenue.map(format),
    ]),
    [["2026-Q1", 2, ["1", "1/2"], ["1", "1/4"]], ["2026-Q2", 1, ["1"], ["1"]]],
  );
});

Deno.test("a customer whose first MRR lies before the table is in none of its cohorts", () => {
  const customer = steps(["2025-12-31", 1000], ["2026-01-10", 0], ["2026-01-20", 1000]);
  assert.deepEqual(
    cohortTable([customer], day("2026-01-01"), day("2026-03-01"), "month", UTC),
    [],
  );
});

Deno.test("every cell agrees with a direct count at its close", () => {
  fc.assert(fc.property(manyCustomers, (customers) => {
    const all = customers.map(stepsOf);
    const [from, to] = [day("2026-01-01"), day("2026-06-01")];
    const table = cohortTable(all, from, to, "month", UTC);
    for (let index = 0; index < 5; index++) {
      const begin = monthStart(from, index);
      const members = all.filter((one) => {
        const joined = changesByDay(one, UTC)[0]?.day ?? -1;
        return joined >= begin && joined < monthStart(begin, 1);
      });
      const row = table.find(({ period }) => period === `2026-0${index + 1}`);
      assert.equal(row?.size ?? 0, members.length);
      if (!row) continue;
      const base = sum(members.map((one) => changesByDay(one, UTC)[0]!.amount));
      assert.deepEqual(row.baseMrr, base);
      assert.equal(row.customers.length, 5 - index);
      row.customers.forEach((share, column) => {
        const closes = members.map((one) => closeOf(one, monthStart(begin, column + 1) - 1, UTC));
        assert.deepEqual(
          share,
          rational(closes.filter(({ n }) => n > 0n).length, members.length),
        );
        assert.deepEqual(row.revenue[column], divide(sum(closes), base));
      });
    }
  }));
});
