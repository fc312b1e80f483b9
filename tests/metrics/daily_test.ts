import assert from "node:assert/strict";
import fc from "fast-check";
import { createCalendar, dayNumber } from "../../src/metrics/calendar.ts";
import { createDaily, worstQuality } from "../../src/metrics/daily.ts";
import { add, format, type Rational, rational, ZERO } from "../../src/metrics/rational.ts";
import type { Segment } from "../../src/metrics/segments.ts";

const day = (text: string) => dayNumber(Temporal.PlainDate.from(text));
const seconds = (text: string) => Date.parse(text) / 1000;

function makeSegment(from: number, to: number | null, exact: Rational, currency = "usd"): Segment {
  return {
    subscription: "sub_a",
    customer: "cus_a",
    from,
    to,
    currency,
    exact,
    quality: "live",
    lines: [],
  };
}

const berlin = createCalendar("Europe/Berlin");

function closes(segments: readonly Segment[], from: string, to: string): string[] {
  const daily = createDaily(berlin);
  for (const segment of segments) daily.add(segment);
  return daily.closes("usd", day(from), day(to)).map(format);
}

Deno.test("a day closes with what runs at its last second, by the local clock", () => {
  // 23:30 UTC on the 10th is half past midnight on the 11th in Berlin.
  const segment = makeSegment(
    seconds("2026-11-10T23:30:00Z"),
    seconds("2026-11-13T22:59:59Z"),
    rational(1000),
  );
  assert.deepEqual(closes([segment], "2026-11-10", "2026-11-15"), ["0", "1000", "1000", "0", "0"]);
});

Deno.test("what ends in the first second of a day still closed the day before", () => {
  const segment = makeSegment(
    seconds("2026-11-10T12:00:00Z"),
    seconds("2026-11-12T23:00:00Z"),
    rational(1000),
  );
  assert.deepEqual(closes([segment], "2026-11-10", "2026-11-14"), ["1000", "1000", "1000", "0"]);
});

Deno.test("what comes and goes within a day leaves no trace", () => {
  const segment = makeSegment(
    seconds("2026-11-10T08:00:00Z"),
    seconds("2026-11-10T20:00:00Z"),
    rational(1000),
  );
  assert.deepEqual(closes([segment], "2026-11-09", "2026-11-12"), ["0", "0", "0"]);
});

Deno.test("currencies are apart; one that nobody has is 0", () => {
  const daily = createDaily(berlin);
  daily.add(makeSegment(seconds("2026-11-10T08:00:00Z"), null, rational(1000)));
  daily.add(makeSegment(seconds("2026-11-11T08:00:00Z"), null, rational(77), "eur"));
  const of = (currency: string) =>
    daily.closes(currency, day("2026-11-10"), day("2026-11-12")).map(format);
  assert.deepEqual(of("usd"), ["1000", "1000"]);
  assert.deepEqual(of("eur"), ["0", "77"]);
  assert.deepEqual(of("gbp"), ["0", "0"]);
});

Deno.test("the first day is the first with any MRR in any currency", () => {
  const daily = createDaily(berlin);
  assert.equal(daily.firstDay(), null);
  const later = makeSegment(seconds("2026-11-11T08:00:00Z"), null, rational(1000));
  const earlier = makeSegment(seconds("2026-11-10T08:00:00Z"), null, rational(1000), "eur");
  daily.add(later);
  daily.add(earlier);
  assert.equal(daily.firstDay(), day("2026-11-10"));
  daily.remove(earlier);
  assert.equal(daily.firstDay(), day("2026-11-11"));
  daily.remove(later);
  assert.equal(daily.firstDay(), null);
});

const START = seconds("2026-03-01T00:00:00Z");
const segments = fc.record({
  from: fc.integer({ min: 0, max: 60 * 86_400 }),
  length: fc.option(fc.integer({ min: 1, max: 40 * 86_400 }), { nil: null }),
  amount: fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 60 })),
}).map(({ from, length, amount: [n, d] }) =>
  makeSegment(START + from, length === null ? null : START + from + length, rational(n, d))
);

/** The same by looking at every segment at the end of every day. */
function naive(all: readonly Segment[], from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => {
    const close = berlin.startOf(from + index + 1);
    const running = all.filter(({ from, to }) => from < close && (to === null || to >= close));
    return format(running.reduce((total, { exact }) => add(total, exact), ZERO));
  });
}

Deno.test("closes are what a plain sum over all segments gives, whatever was asked or removed before", () => {
  const steps = fc.array(
    fc.tuple(segments, fc.boolean(), fc.integer({ min: -3, max: 70 })),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const daily = createDaily(berlin);
      const kept: Segment[] = [];
      const first = berlin.dayOf(START);
      for (const [segment, removed, look] of steps) {
        daily.add(segment);
        if (removed) daily.remove(segment);
        else kept.push(segment);
        const [from, to] = [first + look, first + look + 9];
        assert.deepEqual(daily.closes("usd", from, to).map(format), naive(kept, from, to));
      }
      const whole = [first - 2, first + 110] as const;
      assert.deepEqual(daily.closes("usd", ...whole).map(format), naive(kept, ...whole));
    }),
    { numRuns: 150 },
  );
});

Deno.test("the worst of several qualities is told; of none, live", () => {
  assert.equal(worstQuality(["live", "inferred", "event"]), "inferred");
  assert.equal(worstQuality(["event", "invoice"]), "invoice");
  assert.equal(worstQuality([]), "live");
});
