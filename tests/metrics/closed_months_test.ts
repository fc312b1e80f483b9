import assert from "node:assert/strict";
import fc from "fast-check";
import { createClosedMonths } from "../../src/metrics/closed_months.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import { add, format, subtract, sum, ZERO } from "../../src/metrics/rational.ts";
import type { Stretch } from "../../src/metrics/steps.ts";
import { at, stretch, stretches, UTC } from "./histories.ts";

/** A book whose changes are compared with what was closed, as a store does it. */
function world() {
  const book = createMovementBook(UTC);
  const closed = createClosedMonths();
  const stepsOf = (customer: string) => book.historiesOf(customer)[0]?.steps ?? [];
  return {
    book,
    closed,
    set(customer: string, parts: readonly Stretch[]): void {
      const before = { steps: stepsOf(customer), calendar: UTC };
      book.set(customer, "usd", parts);
      closed.compare(
        customer,
        "usd",
        before,
        { steps: stepsOf(customer), calendar: UTC },
        "repair",
      );
    },
    close: (date: string) => closed.close(book, UTC, at(date)),
  };
}

Deno.test("a month is closed when three whole days have passed since its end", () => {
  const { set, close, closed } = world();
  set("a", [stretch("2026-02-10", null, 2900)]);
  assert.equal(close("2026-03-03"), false);
  assert.equal(closed.month("2026-02"), undefined);
  assert.equal(close("2026-03-04"), true);
  const month = closed.month("2026-02")!;
  assert.equal(month.closedAt, at("2026-03-04"));
  assert.equal(format(month.totals.get("usd")!.end), "2900");
  assert.equal(close("2026-03-05"), false);
});

Deno.test("every month since the first movement is closed, those without one too", () => {
  const { set, close, closed } = world();
  set("a", [stretch("2025-12-10", null, 2900)]);
  close("2026-03-10");
  assert.deepEqual(
    ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"].map((key) =>
      closed.month(key) !== undefined
    ),
    [false, true, true, true, false],
  );
});

Deno.test("a repair of a closed month keeps what was reported and names the customer", () => {
  const { set, close, closed } = world();
  set("a", [stretch("2026-01-10", null, 2900)]);
  set("b", [stretch("2026-01-10", null, 1000)]);
  close("2026-03-10");
  set("a", [stretch("2026-01-10", "2026-02-10", 2900), stretch("2026-02-10", null, 4900)]);
  assert.equal(closed.restatedBy("2026-01", "usd"), null);
  assert.equal(format(closed.restatedBy("2026-02", "usd")!), "2000");
  assert.deepEqual(
    closed.restatements().map(({ month, customer, reported, now, cause }) =>
      [month, customer, format(reported), format(now), cause].join(" ")
    ),
    ["2026-02 a 2900 4900 repair"],
  );
  assert.equal(format(closed.month("2026-02")!.totals.get("usd")!.end), "3900");
});

Deno.test("a change after the closed months restates nothing", () => {
  const { set, close, closed } = world();
  set("a", [stretch("2026-01-10", null, 2900)]);
  close("2026-03-10");
  set("a", [stretch("2026-01-10", "2026-03-01", 2900)]);
  assert.deepEqual(closed.restatements(), []);
});

Deno.test("a restatement that is taken back leaves none", () => {
  const { set, close, closed } = world();
  set("a", [stretch("2026-01-10", null, 2900)]);
  close("2026-03-10");
  set("a", [stretch("2026-01-10", null, 3900)]);
  assert.equal(closed.restatements().length, 2);
  set("a", [stretch("2026-01-10", null, 2900)]);
  assert.deepEqual(closed.restatements(), []);
});

Deno.test("reported plus restated is what the book says now, for every closed month", () => {
  fc.assert(fc.property(
    fc.array(stretches, { minLength: 1, maxLength: 5 }),
    fc.array(stretches, { minLength: 1, maxLength: 5 }),
    (first, then) => {
      const { set, close, closed, book } = world();
      first.forEach((parts, index) => set(`c${index}`, parts));
      close("2027-01-10");
      then.forEach((parts, index) => set(`c${index}`, parts));
      for (let month = 1; month <= 12; month++) {
        const key = `2026-${String(month).padStart(2, "0")}`;
        const was = closed.month(key);
        if (!was) continue;
        const lastDay = UTC.dayOf(at(month === 12 ? "2027-01-01" : nextMonth(month)) - 1);
        const reported = was.totals.get("usd")?.end ?? ZERO;
        const rows = closed.restatements().filter((row) => row.month === key);
        const by = sum(rows.map(({ now, reported: old }) => subtract(now, old)));
        assert.equal(
          format(add(reported, by)),
          format(book.levelAt("usd", lastDay).mrr),
        );
      }
    },
  ));
});

function nextMonth(month: number): string {
  return `2026-${String(month + 1).padStart(2, "0")}-01`;
}
