/** What of the past nobody can know, as the company says it (metrics.md B.6, limits). */
import assert from "node:assert/strict";
import { COUNTINGS, createCompany, type Lost } from "../../src/simulator/mod.ts";

const NOW = 1_795_500_000;
const DAY = 86_400;
const SINCE = NOW - 30 * DAY;

const company = createCompany({ seed: 3, customers: 800, now: NOW, cases: "all" });
const lives = new Map(company.trueLives().map((life) => [life.subscription, life]));

type Preset = keyof typeof COUNTINGS;

/** What is lost of a case under a preset, with the life it is lost of. */
function lostOf(script: string, preset: Preset = "stripe") {
  const losses = company.unrecoverable(COUNTINGS[preset]);
  return [...losses].map(([id, lost]) => ({ life: lives.get(id)!, lost }))
    .filter(({ life }) => life.script === script);
}

function reasons(script: string, preset?: Preset): Lost["reason"][] {
  return [
    ...new Set(lostOf(script, preset).flatMap(({ lost }) => lost.map(({ reason }) => reason))),
  ];
}

Deno.test("nothing that begins within the thirty days of events is lost, and what is lost ends with them", () => {
  for (const lost of company.unrecoverable().values()) {
    for (const { from, to, shownAt } of lost) {
      assert.ok(shownAt <= from && from < to && from < SINCE && to <= SINCE);
    }
  }
});

Deno.test("a change without proration is lost until the next renewal shows it", () => {
  const found = lostOf("silent_change");
  assert.ok(found.length > 3);
  for (const { life, lost: [first] } of found) {
    const { at } = life.changes.find(({ cause }) => cause === "changed_silently")!;
    assert.deepEqual([first!.from, first!.reason], [at, "changed without proration"]);
    assert.ok(first!.to <= at + 366 * DAY);
  }
});

Deno.test("a pause is lost only up to the first invoice that it closes, and not where pauses count", () => {
  assert.deepEqual(reasons("pause_void"), ["pause within a period"]);
  assert.deepEqual(reasons("pause_uncollectible"), ["pause within a period"]);
  assert.deepEqual(reasons("pause_void", "chartmogul"), []);
  const edges = lostOf("pause_void").filter(({ lost: [first] }) => first!.to - first!.from === 1);
  assert.ok(edges.length > 2);
});

Deno.test("drafts say nothing, which is lost only where every pause is left out", () => {
  assert.deepEqual(reasons("pause_draft"), []);
  assert.deepEqual(reasons("pause_draft", "chartmogul"), []);
  assert.deepEqual(reasons("pause_draft", "recurly"), ["drafts only"]);
});

Deno.test("a failure that is over is lost only where it matters how long it lasted", () => {
  assert.deepEqual(reasons("past_due_long"), []);
  assert.deepEqual(reasons("past_due_long", "baremetrics"), ["past due"]);
  for (const { life } of lostOf("past_due_long", "baremetrics")) assert.ok(life.changes.length > 2);
});

Deno.test("a cancellation that was taken back is lost only where its request counts", () => {
  assert.deepEqual(reasons("back_the_same_day"), ["cancellation undone"]);
  assert.deepEqual(reasons("back_the_same_day", "chartmogul"), []);
});

Deno.test("what invoices tell is not lost: trials, hand-closed invoices, prorations, coupons on them", () => {
  for (
    const script of [
      "trial_given",
      "trial_twice",
      "trial_left",
      "closed_by_hand",
      "closed_after_attempts",
      "zero_length_proration",
      "change_on_renewal",
      "net_zero",
      "same_second",
      "many_items",
      "flat_fees",
      "anchor_ahead",
      "fixed_term",
      "coupon_of_item",
    ]
  ) {
    assert.deepEqual(reasons(script), [], script);
  }
});
