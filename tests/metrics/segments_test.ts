import assert from "node:assert/strict";
import fc from "fast-check";
import { mrr, type MrrFacts } from "../../src/metrics/mrr.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { equal, format, sum, ZERO } from "../../src/metrics/rational.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { changeSegments, type Segment } from "../../src/metrics/segments.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { facts as someFacts, optionSets, subscriptions } from "./arbitraries.ts";
import { AT, DAY, itemOf, makeDiscount, makeSub } from "./fixture.ts";

const CREATED = AT - 100 * DAY;

function infer(sub: Subscription, options: MrrOptions = PRESETS.stripe, facts: MrrFacts = {}) {
  return inferSegments(sub, AT, options, facts, mrr(sub, AT, options, facts));
}

/** `[days since creation, …, amount]`, `null` for a segment that runs on. */
function told(segments: readonly Segment[]) {
  const days = (at: number | null) => at === null ? null : (at - CREATED) / DAY;
  return segments.map(({ from, to, exact }) => [days(from), days(to), format(exact)]);
}

function inferred(parts: Partial<Subscription>, options: Partial<MrrOptions> = {}) {
  return told(infer(makeSub(parts), { ...PRESETS.stripe, ...options }));
}

Deno.test("an active subscription runs from its creation", () => {
  assert.deepEqual(inferred({}), [[0, null, "1000"]]);
});

Deno.test("MRR begins when the trial has ended", () => {
  assert.deepEqual(inferred({ trialEnd: CREATED + 14 * DAY }), [[14, null, "1000"]]);
  assert.deepEqual(inferred({ status: "trialing", trialEnd: AT + DAY }), []);
  const counted = inferred({ status: "trialing", trialEnd: AT + DAY }, { trialing: "count" });
  assert.deepEqual(counted, [[0, null, "1000"]]);
});

Deno.test("what was never paid never counted", () => {
  for (const status of ["incomplete", "incomplete_expired"]) {
    assert.deepEqual(inferred({ status, endedAt: AT - DAY }), [], status);
  }
});

const ENDED = {
  status: "canceled",
  canceledAt: CREATED + 35 * DAY,
  endedAt: CREATED + 60 * DAY,
  items: [
    itemOf({}, { currentPeriodStart: CREATED + 30 * DAY, currentPeriodEnd: CREATED + 60 * DAY }),
  ],
};

Deno.test("a cancellation on request ends at the request or at the end of the period", () => {
  const parts = { ...ENDED, cancelReason: "cancellation_requested" };
  assert.deepEqual(inferred(parts), [[0, 35, "1000"]]);
  assert.deepEqual(inferred(parts, { cancellation: "at_end" }), [[0, 60, "1000"]]);
});

Deno.test("an end without a reason is taken for a request", () => {
  assert.deepEqual(inferred(ENDED), [[0, 35, "1000"]]);
});

Deno.test("an end that was agreed long before counts until the last period begins", () => {
  const parts = { ...ENDED, canceledAt: CREATED + 5 * DAY };
  assert.deepEqual(inferred(parts), [[0, 30, "1000"]]);
});

Deno.test("a payment failure ends when the subscription ends", () => {
  assert.deepEqual(inferred({ ...ENDED, cancelReason: "payment_failed" }), [[0, 60, "1000"]]);
});

Deno.test("a cancellation to come ended at its request, or has not ended", () => {
  const parts = { cancelAtPeriodEnd: true, canceledAt: AT - 3 * DAY };
  assert.deepEqual(inferred(parts), [[0, 97, "1000"]]);
  assert.deepEqual(inferred(parts, { cancellation: "at_end" }), [[0, null, "1000"]]);
});

Deno.test("an unpaid subscription counted until its running period began", () => {
  assert.deepEqual(inferred({ status: "unpaid" }), [[0, 90, "1000"]]);
});

Deno.test("a paused subscription counted until its pause, which ends its period", () => {
  const items = [itemOf({}, { currentPeriodEnd: AT - 5 * DAY })];
  assert.deepEqual(inferred({ status: "paused", items }), [[0, 95, "1000"]]);
});

Deno.test("paused collection counted until its running period began, where it does not count", () => {
  const pause = { behavior: "void", resumesAt: null };
  assert.deepEqual(inferred({ pause }), [[0, 90, "1000"]]);
});

Deno.test("paused collection that counts leaves no hole", () => {
  const pause = { behavior: "void", resumesAt: null };
  assert.deepEqual(inferred({ pause }, { pauseCollection: "count" }), [[0, null, "1000"]]);
  const draft = { behavior: "keep_as_draft", resumesAt: null };
  assert.deepEqual(inferred({ pause: draft }), [[0, null, "1000"]]);
});

Deno.test("a repeating discount was subtracted until it ended, where the option says so", () => {
  const repeating = makeDiscount({ percent: 50, duration: "repeating" }, {
    start: CREATED,
    end: CREATED + 90 * DAY,
  });
  const parts = { discounts: [repeating] };
  assert.deepEqual(inferred(parts), [[0, null, "1000"]]);
  assert.deepEqual(inferred(parts, PRESETS.chartmogul), [[0, 90, "500"], [90, null, "1000"]]);
});

Deno.test("a failed payment ended it as its period began, or some days after its first failure", () => {
  const late = { status: "past_due" };
  assert.deepEqual(inferred(late, { pastDue: "exclude" }), [[0, 90, "1000"]]);
  const sub = makeSub(late);
  const options: MrrOptions = { ...PRESETS.stripe, pastDue: { maxDays: 30 } };
  const [only] = infer(sub, options, { pastDueSince: CREATED + 60 * DAY });
  assert.equal(only!.to, CREATED + 90 * DAY + 1);
});

Deno.test("where the past leads elsewhere the live value wins, from the middle of its period on", () => {
  assert.deepEqual(inferred({ status: "hibernating" }), [[0, 95, "1000"]]);
});

Deno.test("a trial in mid-life is a hole; one that began it is not, and where trials count neither", () => {
  const trial = { trialStart: CREATED + 40 * DAY, trialEnd: CREATED + 70 * DAY };
  assert.deepEqual(inferred(trial), [[0, 40, "1000"], [70, null, "1000"]]);
  assert.deepEqual(inferred(trial, { trialing: "count" }), [[0, null, "1000"]]);
  const running = { status: "trialing", trialStart: CREATED + 80 * DAY, trialEnd: AT + 20 * DAY };
  assert.deepEqual(inferred(running), [[0, 80, "1000"]]);
  assert.deepEqual(inferred({ trialStart: CREATED, trialEnd: CREATED + 14 * DAY }), [
    [14, null, "1000"],
  ]);
});

Deno.test("items that end at different times leave one after the other", () => {
  const end = CREATED + 200 * DAY;
  const sub = {
    cancelAt: end,
    canceledAt: CREATED + 40 * DAY,
    items: [
      itemOf({ id: "price_m", amount: 1000 }, { id: "si_m", currentPeriodEnd: AT + 20 * DAY }),
      itemOf({ id: "price_y", amount: 12_000, every: ["year", 1] }, {
        id: "si_y",
        currentPeriodStart: CREATED,
        currentPeriodEnd: CREATED + 365 * DAY,
      }),
    ],
  };
  assert.deepEqual(inferred(sub), [[0, 40, "2000"], [40, null, "1000"]]);
});

Deno.test("a test clock's subscription has no past", () => {
  assert.deepEqual(inferred({ testClock: true }), []);
});

Deno.test("a subscription created in the second in which it is read begins then", () => {
  assert.deepEqual(inferred({ created: AT }), [[100, null, "1000"]]);
});

Deno.test("changes: what ran is closed, the new value begins", () => {
  const before = infer(makeSub());
  const at = AT + 2 * DAY;
  assert.deepEqual(told(changed(before, 2500, at)), [[0, 102, "1000"], [102, null, "2500"]]);
});

function changed(segments: readonly Segment[], amount: number, at: number): readonly Segment[] {
  const sub = makeSub({ items: [itemOf({ amount })] });
  return changeSegments(segments, sub, mrr(sub, at, PRESETS.stripe), at);
}

Deno.test("changes: an equal value is no change, and the past keeps its quality", () => {
  const segments = changed(infer(makeSub()), 1000, AT + DAY);
  assert.deepEqual(told(segments), [[0, null, "1000"]]);
  assert.equal(segments[0]!.quality, "inferred");
});

Deno.test("changes: of two in one second the later one stays", () => {
  const at = AT + DAY;
  const twice = changed(changed(infer(makeSub()), 2500, at), 3000, at);
  assert.deepEqual(told(twice), [[0, 101, "1000"], [101, null, "3000"]]);
  assert.deepEqual(twice.map(({ quality }) => quality), ["inferred", "live"]);
});

Deno.test("changes: falling to 0 and coming back leaves a gap", () => {
  const gone = changed(infer(makeSub()), 0, AT + DAY);
  assert.deepEqual(told(gone), [[0, 101, "1000"]]);
  assert.deepEqual(told(changed(gone, 1000, AT + 4 * DAY)), [[0, 101, "1000"], [
    104,
    null,
    "1000",
  ]]);
});

Deno.test("changes: gone and back in one second is no gap", () => {
  const gone = changed(infer(makeSub()), 0, AT + DAY);
  assert.deepEqual(told(changed(gone, 1000, AT + DAY)), [[0, null, "1000"]]);
});

Deno.test("changes: one that is told late does not reach behind what is known", () => {
  const segments = changed(infer(makeSub()), 2500, AT + 2 * DAY);
  assert.deepEqual(told(changed(segments, 3000, AT + DAY)), [[0, 102, "1000"], [
    102,
    null,
    "3000",
  ]]);
});

function checkOrder(segments: readonly Segment[]): void {
  segments.forEach((segment, index) => {
    const next = segments[index + 1];
    assert.ok(segment.to === null ? !next : segment.from < segment.to);
    if (next) assert.ok(segment.to! <= next.from);
    assert.ok(segment.exact.n > 0n);
    assert.deepEqual(sum(segment.lines.map(({ exact }) => exact)), segment.exact);
  });
}

Deno.test("segments are in order, apart, above 0, and their lines add up to them", () => {
  fc.assert(
    fc.property(subscriptions, optionSets, someFacts, (sub, options, facts) => {
      checkOrder(infer(sub, options, facts));
    }),
    { numRuns: 500 },
  );
});

Deno.test("the open segment is worth the MRR of now, through any changes", () => {
  const changes = fc.array(fc.tuple(subscriptions, fc.integer({ min: 0, max: 3 })), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(subscriptions, changes, optionSets, someFacts, (first, later, options, facts) => {
      let segments = infer(first, options, facts);
      let at = AT;
      let value = mrr(first, at, options, facts);
      for (const [sub, seconds] of later) {
        at += seconds;
        value = mrr(sub, at, options, facts);
        segments = changeSegments(segments, sub, value, at);
      }
      checkOrder(segments);
      assert.ok(value.kind === "value");
      const open = segments.filter(({ to }) => to === null);
      assert.ok(equal(open[0]?.exact ?? ZERO, value.amount));
    }),
    { numRuns: 500 },
  );
});
