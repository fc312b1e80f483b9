import assert from "node:assert/strict";
import { knownChanges } from "../../src/metrics/known_changes.ts";
import { mrr, type MrrFacts } from "../../src/metrics/mrr.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import type { Phase, Schedule } from "../../src/metrics/schedules.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { at } from "./histories.ts";
import { itemOf, makeDiscount, makePrice, makeSub } from "./fixture.ts";

const NOW = at("2026-11-15");
const PRICES = {
  price_a: makePrice({ amount: 1000 }),
  price_b: makePrice({ id: "price_b", amount: 4000 }),
};
const FACTS: MrrFacts = { price: (id) => PRICES[id as keyof typeof PRICES] };

function changes(
  sub: Subscription | null,
  schedule: Schedule | null = null,
  options: MrrOptions = PRESETS.stripe,
) {
  const value = sub && mrr(sub, NOW, options, FACTS);
  const now = value?.kind === "value" ? value.amount : null;
  return knownChanges({ sub, mrr: now, schedule, options, facts: FACTS, now: NOW }).map((
    change,
  ) => [
    change.kind,
    new Date(change.at * 1000).toISOString().slice(0, 10),
    format(change.delta),
  ]);
}

const items = [itemOf({ amount: 1000 }, { currentPeriodEnd: at("2026-12-01") })];

function phase(start: string, end: string, price: string, parts: Partial<Phase> = {}): Phase {
  return {
    start: at(start),
    end: at(end),
    currency: "usd",
    items: [{ price, quantity: 1n }],
    discounts: [],
    trialEnd: null,
    ...parts,
  };
}

function schedule(phases: readonly Phase[], parts: Partial<Schedule> = {}): Schedule {
  return {
    id: "sub_sched_1",
    customer: "cus_a",
    subscription: "sub_a",
    status: "active",
    phases,
    ...parts,
  };
}

Deno.test("a cancellation takes away on its end date what still counts until then", () => {
  const cancelling = makeSub({ items, cancelAtPeriodEnd: true, cancelAt: at("2026-12-01") });
  // Counted to the request, it is out of MRR already.
  assert.deepEqual(changes(cancelling), []);
  assert.deepEqual(changes(cancelling, null, PRESETS.chartmogul), [
    ["cancellation", "2026-12-01", "-1000"],
  ]);
  assert.deepEqual(changes(makeSub({ items, cancelAt: at("2027-06-01") })), [
    ["cancellation", "2027-06-01", "-1000"],
  ]);
});

Deno.test("a schedule that has not started adds its first phase at its start", () => {
  const coming = schedule([phase("2027-01-10", "2028-01-10", "price_b")], {
    status: "not_started",
    subscription: null,
  });
  assert.deepEqual(changes(null, coming), [["schedule_start", "2027-01-10", "4000"]]);
});

Deno.test("with a trial it adds from the trial's end", () => {
  const coming = schedule(
    [phase("2027-01-10", "2028-01-10", "price_b", { trialEnd: at("2027-01-24") })],
    { status: "not_started", subscription: null },
  );
  assert.deepEqual(changes(null, coming), [["schedule_start", "2027-01-24", "4000"]]);
});

Deno.test("coming phases change it from one to the next; the running one changes nothing", () => {
  const agreed = schedule([
    phase("2026-10-01", "2027-01-01", "price_a"),
    phase("2027-01-01", "2027-03-01", "price_b"),
    phase("2027-03-01", "2027-09-01", "price_a"),
  ]);
  assert.deepEqual(changes(makeSub({ items }), agreed), [
    ["phase_change", "2027-01-01", "3000"],
    ["phase_change", "2027-03-01", "-3000"],
  ]);
});

Deno.test("a released or completed schedule changes nothing", () => {
  const done = schedule([phase("2027-01-01", "2027-03-01", "price_b")], { status: "released" });
  assert.deepEqual(changes(makeSub({ items }), done), []);
});

Deno.test("a repeating discount gives back at its end, where it was subtracted", () => {
  const sub = makeSub({
    items,
    discounts: [makeDiscount({ percent: 25, duration: "repeating" }, { end: at("2027-02-01") })],
  });
  assert.deepEqual(changes(sub), []);
  assert.deepEqual(changes(sub, null, { ...PRESETS.stripe, subtractRepeating: true }), [
    ["discount_end", "2027-02-01", "250"],
  ]);
});

Deno.test("what a discount's end gave back leaves with the cancellation", () => {
  const sub = makeSub({
    items,
    cancelAt: at("2027-06-01"),
    discounts: [makeDiscount({ percent: 25, duration: "repeating" }, { end: at("2027-02-01") })],
  });
  assert.deepEqual(changes(sub, null, { ...PRESETS.stripe, subtractRepeating: true }), [
    ["discount_end", "2027-02-01", "250"],
    ["cancellation", "2027-06-01", "-1000"],
  ]);
});

Deno.test("a phase whose price is not known is left out rather than guessed", () => {
  const agreed = schedule([phase("2027-01-01", "2027-03-01", "price_gone")]);
  assert.deepEqual(changes(makeSub({ items }), agreed), []);
});
