/** The identity of the movements, over every day and currency (metrics.md B.1). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createDaily } from "../../src/metrics/daily.ts";
import { checkIdentity } from "../../src/metrics/identity.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import { MovementIdentityError } from "../../src/metrics/movements.ts";
import { rational } from "../../src/metrics/rational.ts";
import type { Segment } from "../../src/metrics/segments.ts";
import type { Stretch } from "../../src/metrics/steps.ts";
import { day, LIFE, manyCustomers, stretch, UTC } from "./histories.ts";

function segmentOf(stretch: Stretch, currency: string): Segment {
  return {
    ...stretch,
    subscription: "sub_1",
    customer: "cus_1",
    currency,
    quality: "live",
    lines: [],
  };
}

function kept(customers: readonly (readonly Stretch[])[], currency: (index: number) => string) {
  const book = createMovementBook(UTC);
  const daily = createDaily(UTC);
  customers.forEach((stretches, index) => {
    book.set(`cus_${index}`, currency(index), stretches);
    for (const each of stretches) daily.add(segmentOf(each, currency(index)));
  });
  return { book, daily };
}

Deno.test("whatever customers do, every day leads from MRR to MRR in every currency", () => {
  fc.assert(fc.property(manyCustomers, (customers) => {
    const { book, daily } = kept(customers, (index) => index % 2 === 0 ? "usd" : "eur");
    checkIdentity(book, daily, LIFE.to);
  }));
});

Deno.test("an account without anything adds up", () => {
  checkIdentity(createMovementBook(UTC), createDaily(UTC), day("2026-03-10"));
});

Deno.test("a day whose movements lead elsewhere than its MRR is told by name", () => {
  const { book, daily } = kept([[stretch("2026-03-01", null, 2900)]], () => "usd");
  daily.add(segmentOf({ ...stretch("2026-03-05", null, 0), exact: rational(1) }, "usd"));
  assert.throws(
    () => checkIdentity(book, daily, day("2026-03-10")),
    (error) =>
      error instanceof MovementIdentityError &&
      error.message.includes(`2900 usd at the close of day ${day("2026-03-05")}: MRR is 2901`),
  );
});
