/** Customers who came and went, each once (metrics.md C.3). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Grain, GRAINS } from "../../src/metrics/movements.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import { format } from "../../src/metrics/rational.ts";
import { customerChurnStripe30 } from "../../src/metrics/retention.ts";
import type { Stretch } from "../../src/metrics/steps.ts";
import { at, day, LIFE, manyCustomers, stretch, UTC } from "./histories.ts";

type Histories = Readonly<Record<string, readonly Stretch[]>>;

function bookOf(customers: Histories, currency = "usd") {
  const book = createMovementBook(UTC);
  for (const [customer, parts] of Object.entries(customers)) book.set(customer, currency, parts);
  return book;
}

/** The 30 days up to and including 30 March. */
const TODAY = day("2026-03-30");
const WINDOW = [day("2026-03-01"), day("2026-03-31")] as const;
const STAYS = [stretch("2026-01-01", null, 1000)];

function churn(customers: Histories, grain: Grain = "day"): string | null {
  const { value } = customerChurnStripe30(bookOf(customers), TODAY, grain);
  return value && format(value);
}

Deno.test("who left twice in 30 days is one customer lost", () => {
  const twice = [
    stretch("2026-01-01", "2026-03-05", 1000),
    stretch("2026-03-10", "2026-03-20", 1000),
  ];
  const book = bookOf({ twice, stays: STAYS });
  assert.deepEqual(book.distinct(...WINDOW, "day", "gone"), {
    start: 2,
    new: 0,
    returned: 1,
    lost: 1,
    lostOnReturn: 0,
  });
  assert.equal(book.period("usd", ...WINDOW).customers.churn, 2, "movements count both");
  assert.equal(churn({ twice, stays: STAYS }), "1/2");
});

Deno.test("who was away, came back in the window and left again stands in both parts", () => {
  const back = [
    stretch("2026-01-01", "2026-02-01", 1000),
    stretch("2026-03-10", "2026-03-20", 1000),
  ];
  assert.equal(churn({ back, stays: STAYS }), "1/2");
  assert.equal(churn({ back }), "1", "100 %, where 1/0 would be none");
});

Deno.test("who came back and stayed is in neither part", () => {
  const back = [stretch("2026-01-01", "2026-02-01", 1000), stretch("2026-03-10", null, 1000)];
  assert.equal(churn({ back, stays: STAYS }), "0");
});

Deno.test("joined on the 5th, left on the 20th: under `period` neither, under `day` both", () => {
  const brief = [stretch("2026-03-05", "2026-03-20", 1000)];
  const book = bookOf({ brief, stays: STAYS });
  const counts = (grain: Grain) => {
    const found = book.distinct(...WINDOW, grain, "gone");
    return [found.new, found.lost];
  };
  assert.deepEqual(counts("period"), [0, 0]);
  assert.deepEqual(counts("day"), [1, 1]);
  assert.equal(churn({ brief, stays: STAYS }, "period"), "0");
  assert.equal(churn({ brief, stays: STAYS }, "day"), "1/2");
});

Deno.test("MRR that comes and goes within a day is a customer of grain `event` alone", () => {
  const hour = { ...stretch("2026-03-05", null, 1000), to: at("2026-03-05", 3600) };
  const book = bookOf({ hour: [hour], stays: STAYS });
  assert.deepEqual(GRAINS.map((grain) => book.distinct(...WINDOW, grain, "gone").lost), [1, 0, 0]);
});

Deno.test("from euro to dollars nobody is lost; one who leaves both is lost once", () => {
  const book = bookOf({ a: [stretch("2026-01-01", "2026-03-05", 1000)] }, "eur");
  book.set("a", "usd", [stretch("2026-03-05", null, 1000)]);
  assert.equal(book.distinct(...WINDOW, "day", "gone").lost, 0);
  book.set("a", "usd", [stretch("2026-03-05", "2026-03-09", 1000)]);
  assert.equal(book.distinct(...WINDOW, "day", "gone").lost, 1);
});

Deno.test("who paused is lost, unless those who pause are said to stay", () => {
  const paused = [{ ...stretch("2026-01-01", "2026-03-05", 1000), cause: "paused" as const }];
  const book = bookOf({ paused, stays: STAYS });
  assert.equal(book.distinct(...WINDOW, "day", "gone").lost, 1);
  assert.equal(book.distinct(...WINDOW, "day", "staying").lost, 0);
});

Deno.test("in any history and grain a churn rate lies between 0 and 1, and counts customers", () => {
  fc.assert(
    fc.property(
      manyCustomers,
      fc.constantFrom(...GRAINS),
      fc.constantFrom("gone", "staying"),
      fc.integer({ min: LIFE.from + 30, max: LIFE.to }),
      (histories, grain, paused, today) => {
        const book = createMovementBook(UTC);
        histories.forEach((parts, index) => {
          book.set(`c${index >> 1}`, index % 2 ? "eur" : "usd", parts);
        });
        const { value } = customerChurnStripe30(book, today, grain, paused);
        if (value) assert.ok(value.n >= 0n && value.n <= value.d, format(value));
        const found = book.distinct(today - 29, today + 1, grain, paused);
        const rows = ["usd", "eur"].flatMap((currency) =>
          book.movementsIn(currency, today - 29, today + 1, "churn", grain)
        );
        assert.ok(found.lost <= new Set(rows.map(({ customer }) => customer)).size);
        // Who was there and was not lost is there still.
        const { end } = book.customers(today - 29, today + 1);
        if (paused === "gone") assert.ok(found.start - found.lost <= end);
      },
    ),
    { numRuns: 100 },
  );
});
