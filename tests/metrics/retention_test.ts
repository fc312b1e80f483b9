import assert from "node:assert/strict";
import { dayKey } from "../../src/metrics/calendar.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import { format } from "../../src/metrics/rational.ts";
import type { Derived } from "../../src/metrics/ratios.ts";
import {
  customerChurnCalendar,
  customerChurnStripe30,
  monthlyCustomerChurn,
  retention,
  retentionWindows,
} from "../../src/metrics/retention.ts";
import { day, steps, stretch, UTC } from "./histories.ts";

const MARCH = { from: day("2026-03-01"), to: day("2026-04-01") };
const text = (derived: Derived) => derived.value === null ? derived.reason : format(derived.value);

const CUSTOMERS = [
  steps(["2026-01-01", 1000], ["2026-03-05", 1500]),
  steps(["2026-01-01", 1000], ["2026-03-05", 0]),
  steps(["2026-01-01", 1000], ["2026-03-05", 0], ["2026-03-20", 1000]),
  steps(["2026-03-02", 9000]),
  steps(["2026-03-02", 500], ["2026-03-09", 0]),
];

Deno.test("retention follows the customers of the start only", () => {
  const { nrr, grr } = retention(CUSTOMERS, MARCH, UTC);
  assert.equal(text(nrr), "5/6");
  assert.equal(text(grr), "2/3");
});

Deno.test("calendar churn leaves out who joined and left, or left and returned, within it", () => {
  assert.equal(text(customerChurnCalendar(CUSTOMERS, MARCH, UTC)), "1/3");
  assert.equal(text(customerChurnCalendar([], MARCH, UTC)), "no_customers_at_start");
});

Deno.test("30-day churn is over those active 30 days ago and those new since", () => {
  const book = createMovementBook(UTC);
  book.set("a", "usd", [stretch("2026-01-01", null, 1000)]);
  book.set("b", "usd", [stretch("2026-01-01", "2026-03-02", 1000)]);
  book.set("c", "eur", [stretch("2026-03-05", null, 1000)]);
  book.set("d", "eur", [stretch("2026-01-01", "2026-03-01", 1000)]);
  // The window of 31 March is 2 to 31 March.
  assert.equal(text(customerChurnStripe30(book, day("2026-03-31"), "day")), "1/3");
});

Deno.test("retention windows are the last complete month and twelve complete months", () => {
  const { month, trailing12 } = retentionWindows(day("2026-03-15"));
  assert.deepEqual([dayKey(month.from), dayKey(month.to)], ["2026-02-01", "2026-03-01"]);
  assert.deepEqual([dayKey(trailing12.from), dayKey(trailing12.to)], ["2025-03-01", "2026-03-01"]);
});

Deno.test("monthly churn covers the 6 complete months that began with customers", () => {
  const churn = monthlyCustomerChurn(CUSTOMERS, day("2026-04-10"), UTC);
  assert.deepEqual(churn.map(format), ["0", "1/3"]);
});
