import assert from "node:assert/strict";
import type { MrrFacts } from "../../src/metrics/mrr.ts";
import { nextChangeAt } from "../../src/metrics/next_change.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { AT, DAY, itemOf, makeDiscount, makeSub } from "./fixture.ts";

const LATER = AT + 7 * DAY;

function next(
  parts: Partial<Subscription>,
  options: Partial<MrrOptions> = {},
  facts: MrrFacts = {},
): number | null {
  return nextChangeAt(makeSub(parts), AT, { ...PRESETS.stripe, ...options }, facts);
}

const discount = (start: number, end: number | null) =>
  makeDiscount({ percent: 10 }, { start, end });

Deno.test("a plain subscription never changes by itself", () => {
  assert.equal(next({}), null);
  assert.equal(next({ cancelAt: LATER, cancelAtPeriodEnd: true }), null);
});

Deno.test("a discount of the subscription starts and ends", () => {
  assert.equal(next({ discounts: [discount(LATER, null)] }), LATER);
  assert.equal(next({ discounts: [discount(AT - DAY, LATER)] }), LATER);
});

Deno.test("a discount of an item starts and ends", () => {
  assert.equal(next({ items: [itemOf({}, { discounts: [discount(AT - DAY, LATER)] })] }), LATER);
  assert.equal(next({ items: [itemOf({}, { discounts: [discount(LATER, null)] })] }), LATER);
});

Deno.test("a discount of the customer starts and ends", () => {
  assert.equal(next({}, {}, { customerDiscount: discount(AT - DAY, LATER) }), LATER);
  assert.equal(next({}, {}, { customerDiscount: discount(LATER, null) }), LATER);
});

Deno.test("a pause resumes", () => {
  assert.equal(next({ pause: { behavior: "void", resumesAt: LATER } }), LATER);
  assert.equal(next({ pause: { behavior: "void", resumesAt: null } }), null);
});

Deno.test("an introductory offer starts and ends", () => {
  assert.equal(next({ items: [itemOf({}, { trial: { start: LATER, end: LATER + DAY } })] }), LATER);
  assert.equal(next({ items: [itemOf({}, { trial: { start: AT - DAY, end: LATER } })] }), LATER);
});

Deno.test("past due stops counting in the second after its last day, only where days are limited", () => {
  const facts = { pastDueSince: AT - 10 * DAY };
  const parts = { status: "past_due" };
  assert.equal(next(parts, { pastDue: { maxDays: 30 } }, facts), AT + 20 * DAY + 1);
  assert.equal(next(parts, { pastDue: "count" }, facts), null);
  assert.equal(next(parts, { pastDue: { maxDays: 5 } }, facts), null);
});

Deno.test("of several moments the nearest that is still to come is given", () => {
  const discounts = [discount(AT - DAY, AT), discount(AT + 3 * DAY, AT + 9 * DAY)];
  assert.equal(next({ discounts, pause: { behavior: "void", resumesAt: LATER } }), AT + 3 * DAY);
});
