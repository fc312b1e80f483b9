import assert from "node:assert/strict";
import fc from "fast-check";
import { barTicks, lineDomain, roundTop } from "../../views/charts/domain.ts";
import { barDomain } from "../../views/charts/line_and_bars.ts";
import { barPath, linePath, linePaths, verticalScale } from "../../views/charts/path.ts";
import { stepLevels } from "../../views/charts/waterfall.ts";
import { chart13 } from "../../views/chart13.ts";
import { toText } from "../../views/html.ts";
import { CHART13, CHART13_WITHOUT_MOVEMENTS, WIDGETS } from "../support/page_fixture.ts";

const same = (value: number) => value;

Deno.test("a line is one path of whole relative steps", () => {
  assert.equal(linePath([10, 12, 9], same, 2, 4), "M2 10l4 2 4 -3");
});

Deno.test("an unknown value leaves a gap in the line", () => {
  assert.equal(linePath([10, null, 9, 8], same, 0, 4), "M0 10M8 9l4 -1");
  assert.equal(linePath([null, null], same, 0, 4), "");
});

Deno.test("approximate stretches are a path of their own, and meet the certain ones", () => {
  const paths = linePaths([10, 12, 9, 8], (index) => index < 2, same, 0, 4);
  assert.deepEqual(paths, {
    whole: "M0 10l4 2 4 -3 4 -1",
    approximate: "M0 10l4 2 4 -3",
    certain: "M8 9l4 -1",
  });
});

Deno.test("a scale maps the start of its domain to the bottom and its end to the top", () => {
  const y = verticalScale({ from: 100, to: 200 }, 0, 50);
  assert.deepEqual([y(100), y(200), y(150)], [50, 0, 25]);
});

Deno.test("a bar of no height draws nothing", () => assert.equal(barPath(1, 2, 3, 0), ""));

Deno.test("the line's axis is cut where the line stays far above zero, and only there", () => {
  assert.equal(lineDomain([8000, 8600]).cut, true);
  assert.deepEqual(lineDomain([0, 1000]), { from: 0, to: 1060, cut: false });
  assert.deepEqual(lineDomain([0, 0]), { from: 0, to: 1, cut: false });
  assert.deepEqual(lineDomain([null]), { from: 0, to: 1, cut: false });
});

Deno.test("an axis is never cut around a movement below 5 %: one customer's change is no rise", () => {
  // €24.4k to €24.7k is 1.2 %.
  assert.deepEqual(lineDomain([2_440_000, 2_470_000]), { from: 0, to: 2_618_200, cut: false });
  assert.deepEqual(lineDomain([2900]), { from: 0, to: 3074, cut: false });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 0.049 }),
      (top, part) => {
        assert.equal(lineDomain([top * (1 - part), top]).from, 0);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("bars have round ticks, zero among them, whatever the tallest bar is", () => {
  assert.deepEqual(barTicks({ from: -318_700, to: 412_300 }), [-200_000, 0, 200_000, 400_000]);
  assert.deepEqual(barTicks({ from: 0, to: 1_234 }), [0, 500, 1000]);
  assert.equal(roundTop(124_700), 150_000);
  assert.equal(roundTop(0.0317), 0.04);
  assert.equal(roundTop(0), 1);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (highest) => {
      const top = roundTop(highest);
      // At most two digits are not zero.
      const digits = String(top).replace(/^0\.0*|0+$/g, "").replace(".", "");
      assert.ok(top >= highest && top <= 2 * highest && digits.length <= 2, `${highest} ${top}`);
    }),
    { numRuns: 50 },
  );
});

Deno.test("bars start at zero: their axis reaches from the deepest stack to the highest", () => {
  const movements = { new: 100, expansion: 50, reactivation: 0, churn: 30, contraction: 20 };
  const month = { ...CHART13.months[0]!, movements };
  assert.deepEqual(barDomain([month]), { from: -50, to: 150 });
  assert.deepEqual(barDomain([{ ...month, movements: null }]), { from: 0, to: 1 });
});

Deno.test("each step of the bridge floats from the level before it to the level after it", () => {
  const step = (key: "start" | "new" | "churn" | "end", value: number | null) => ({
    key,
    label: key,
    amount: null,
    value,
    customers: null,
    tone: "neutral" as const,
  });
  assert.deepEqual(
    stepLevels([step("start", 100), step("new", 50), step("churn", -50), step("end", 100)]),
    [
      { before: 66, after: 66 },
      { before: 66, after: 8 },
      { before: 8, after: 66 },
      { before: 66, after: 66 },
    ],
  );
  assert.deepEqual(stepLevels([step("start", null)]), [null]);
});

Deno.test("the chart's table holds the same numbers, with their signs", () => {
  const text = toText(chart13(CHART13, "chart13"));
  const row = text.match(/<tr><th scope="row">November 2026.*?<\/tr>/s)![0];
  const cells = [...row.matchAll(/<td class="number">(.*?)<\/td>/g)].map((match) => match[1]);
  assert.deepEqual(cells, ["$86,214", "+$2,310", "+$864", "+$120", "−$1,042", "−$310", "+$1,942"]);
});

Deno.test("the chart says what it shows to who cannot see it, and that its axis is cut", () => {
  const text = toText(chart13(CHART13, "chart13"));
  assert.match(text, /role="img" aria-labelledby="c-chart13-t c-chart13-d"/);
  assert.match(text, /November 2025 to November 2026: MRR from \$\d+,\d+ to \$86,214/);
  assert.match(text, /The line&#39;s axis is cut at|The line's axis is cut at/);
});

Deno.test("there is one path for each kind and quality of bar, not a node for each bar", () => {
  const text = toText(chart13(CHART13, "chart13"));
  assert.equal([...text.matchAll(/<path class="bar [a-z ]+"/g)].length, 5 * 3);
});

Deno.test("without movements the chart says so in their place and draws no bar", () => {
  const text = toText(chart13(CHART13_WITHOUT_MOVEMENTS, "chart13"));
  assert.match(text, /<p class="chart-absent">not yet: movements come with the history<\/p>/);
  assert.doesNotMatch(text, /class="bar |bars start at zero/);
});

Deno.test("the fixture's bridge adds up", () => {
  const values = WIDGETS.bridge.state.data.steps.map(({ value }) => value);
  assert.equal(values.slice(0, -1).reduce((sum, value) => sum + value, 0), values.at(-1));
});
