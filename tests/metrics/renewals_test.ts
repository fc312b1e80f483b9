import assert from "node:assert/strict";
import { PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { renewalsOf } from "../../src/metrics/renewals.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { at } from "./histories.ts";
import { itemOf, makeDiscount, makeItem, makePrice, makeSub } from "./fixture.ts";

const NOW = at("2026-11-15");
const UNTIL = at("2027-02-13");

function renewals(sub: Subscription) {
  return renewalsOf(sub, NOW, UNTIL, PRESETS.stripe, {}).map((renewal) => [
    new Date(renewal.at * 1000).toISOString().slice(0, 10),
    format(renewal.amount),
  ]);
}

const period = (start: string, end: string) => ({
  currentPeriodStart: at(start),
  currentPeriodEnd: at(end),
});
const monthly = (amount: number, parts = {}) =>
  itemOf({ amount }, { ...period("2026-11-01", "2026-12-01"), ...parts });

Deno.test("a monthly subscription renews three times within 90 days", () => {
  assert.deepEqual(renewals(makeSub({ items: [monthly(5000)] })), [
    ["2026-12-01", "5000"],
    ["2027-01-01", "5000"],
    ["2027-02-01", "5000"],
  ]);
});

Deno.test("a yearly one renews when its year ends, if that is within the 90 days", () => {
  const yearly = (end: string) =>
    makeSub({
      items: [itemOf({ amount: 12_000, every: ["year", 1] }, period("2026-01-10", end))],
    });
  assert.deepEqual(renewals(yearly("2027-01-10")), [["2027-01-10", "12000"]]);
  assert.deepEqual(renewals(yearly("2027-03-10")), []);
});

Deno.test("the 31st stays the 31st through a shorter month", () => {
  const items = [itemOf({ amount: 100 }, period("2026-10-31", "2026-11-30"))];
  assert.deepEqual(renewals(makeSub({ items })), [
    ["2026-11-30", "100"],
    ["2026-12-31", "100"],
    ["2027-01-31", "100"],
  ]);
});

Deno.test("items due together are one invoice, with today's discounts on it", () => {
  const sub = makeSub({
    items: [monthly(5000), monthly(1000)],
    discounts: [makeDiscount({ amount: 2000 })],
  });
  assert.deepEqual(renewals(sub)[0], ["2026-12-01", "4000"]);
});

Deno.test("a discount counts until its end, one of one invoice on the first alone", () => {
  const items = [monthly(5000)];
  const repeating = makeDiscount({ percent: 50, duration: "repeating" }, { end: at("2027-01-01") });
  assert.deepEqual(renewals(makeSub({ items, discounts: [repeating] })).map(([, sum]) => sum), [
    "2500",
    "5000",
    "5000",
  ]);
  const once = makeDiscount({ percent: 100, duration: "once" });
  assert.deepEqual(renewals(makeSub({ items, discounts: [once] })), [
    ["2027-01-01", "5000"],
    ["2027-02-01", "5000"],
  ]);
});

Deno.test("nothing renews at or after a cancellation", () => {
  const items = [monthly(5000)];
  assert.deepEqual(
    renewals(makeSub({ items, cancelAtPeriodEnd: true, cancelAt: at("2026-12-01") })),
    [],
  );
  assert.deepEqual(renewals(makeSub({ items, cancelAtPeriodEnd: true })), []);
  assert.deepEqual(renewals(makeSub({ items, cancelAt: at("2027-01-01") })), [
    ["2026-12-01", "5000"],
  ]);
});

Deno.test("trials, ended and unpaid ones do not renew; past-due ones do", () => {
  const items = [monthly(5000)];
  const count = (status: string) => renewals(makeSub({ items, status })).length;
  assert.deepEqual(
    ["active", "past_due", "trialing", "unpaid", "paused", "canceled"].map(count),
    [3, 3, 0, 0, 0, 0],
  );
});

Deno.test("paused collection renews from when it resumes", () => {
  const items = [monthly(5000)];
  const pause = { behavior: "void", resumesAt: at("2026-12-15") };
  assert.deepEqual(renewals(makeSub({ items, pause })).map(([day]) => day), [
    "2027-01-01",
    "2027-02-01",
  ]);
});

Deno.test("metered items are not known in advance", () => {
  const metered = makeItem({
    price: makePrice({ metered: true }),
    ...period("2026-11-01", "2026-12-01"),
  });
  assert.deepEqual(renewals(makeSub({ items: [metered] })), []);
});

Deno.test("what cannot be valued has no renewals", () => {
  const items = [itemOf({ amount: null }, period("2026-11-01", "2026-12-01"))];
  assert.deepEqual(renewals(makeSub({ items })), []);
});
