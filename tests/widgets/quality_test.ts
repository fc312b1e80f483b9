/** How well the past is known: the worst of a period for programs, the share of MRR for pages. */
import assert from "node:assert/strict";
import { PRESETS } from "../../src/metrics/options.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import type { Quality } from "../../src/metrics/segments.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import { chart13Model } from "../../src/widgets/chart13.ts";
import { qualityOf } from "../../src/widgets/quality.ts";
import { chart13 } from "../../views/chart13.ts";
import { toText } from "../../views/html.ts";
import { AT, DAY, itemOf, makeSub } from "../metrics/fixture.ts";
import { contextOf, storeOf } from "./fixture.ts";

/** 2026-11-15. */
const TODAY = Math.floor(AT / DAY);
const CREATED = AT - 100 * DAY;

/** MRR in cents by how well its past is known, since August. */
function storeWith(...parts: readonly (readonly [Quality, number])[]) {
  const store = storeOf([]);
  parts.forEach(([quality, cents], index) => {
    const items = [itemOf({ amount: cents })];
    const sub = makeSub({ id: `sub_${index}`, customer: `cus_${index}`, created: CREATED, items });
    const { standing, result } = standingOf(sub, AT, PRESETS.stripe, {}, false);
    const segments = inferSegments(sub, AT, PRESETS.stripe, {}, result);
    store.record(standing, segments.map((segment) => ({ ...segment, quality })));
  });
  store.setStatus({ historyDone: true, liveSince: AT - DAY });
  store.publish();
  return store;
}

Deno.test("for programs the quality of a period is the worst within it", () => {
  const store = storeWith(["inferred", 100], ["invoice", 1_000_000]);
  assert.equal(qualityOf(store, TODAY - 30, TODAY - 20, AT), "inferred");
  assert.equal(qualityOf(storeWith(["invoice", 100]), TODAY - 30, TODAY - 20, AT), "invoice");
  assert.equal(qualityOf(store, TODAY, TODAY + 1, AT), "live");
});

Deno.test("a month is drawn as approximate from 1 % of inferred MRR at its close on", () => {
  const monthsOf = (cents: number) => {
    const model = chart13Model(contextOf(storeWith(["inferred", 100], ["invoice", cents])));
    return { approximate: model.months.slice(-4).map((month) => month.approximate), model };
  };
  assert.deepEqual(monthsOf(9900).approximate, [true, true, true, true]);
  assert.deepEqual(monthsOf(9901).approximate, [false, false, false, false]);
  const { model } = monthsOf(19_900);
  assert.equal(model.inferred, "Elsewhere at most ≈ 0.5\u00a0% of MRR is inferred");
  assert.match(toText(chart13(model, "c")), /At most ≈ 0.5.% of MRR is inferred\./);
  assert.doesNotMatch(toText(chart13(model, "c")), /Dashed/);
});

Deno.test("a month before any MRR, and one without a doubt, are not approximate", () => {
  const { months, inferred } = chart13Model(contextOf(storeWith(["invoice", 100])));
  assert.deepEqual(new Set(months.map(({ approximate }) => approximate)), new Set([false]));
  assert.equal(inferred, undefined);
});

Deno.test("until invoices are read all of the past is inferred", () => {
  const store = storeWith(["inferred", 100], ["invoice", 1_000_000]);
  store.setStatus({ historyDone: false });
  const { months } = chart13Model(contextOf(store));
  assert.deepEqual(months.slice(-4).map(({ approximate }) => approximate), [
    true,
    true,
    true,
    true,
  ]);
});
