import assert from "node:assert/strict";
import { MONEY_RESOURCES, type SyncStatus } from "../../src/store/port.ts";
import { stateOf } from "../../src/widgets/context.ts";
import { widgetModel } from "../../src/widgets/registry.ts";
import { WIDGET_TYPES } from "../../src/widgets/config.ts";
import { AT, itemOf } from "../metrics/fixture.ts";
import { companyStore, contextOf, moneyRead, storeOf } from "./fixture.ts";

function state(status: Partial<SyncStatus>) {
  const store = storeOf([{}]);
  store.setStatus({ phase: "connecting", asOf: null, ...status });
  return stateOf(contextOf(store), () => "the data");
}

const AS_OF = { text: "00:00", iso: "2026-11-15T00:00:00.000Z" };
const LIVE = { phase: "live", asOf: AT } as const;

Deno.test("before the first reading is done no figure is shown", () => {
  assert.deepEqual(state({}), { kind: "loading", progress: "Connecting to Stripe" });
  const progress = { done: 1240, estimated: 2010.4, ratePerSecond: 400, secondsLeft: 1.2 };
  assert.deepEqual(state({ phase: "backfill", progress }), {
    kind: "loading",
    progress: "1,240 of about 2,010 · 2 s",
    share: 1240 / 2010.4,
  });
});

Deno.test("a key that lets nothing be read leaves a widget without figures; the banner says why", () => {
  for (const phase of ["key_rejected", "permission_missing"] as const) {
    assert.deepEqual(state({ phase, problem: "Stripe rejects the key" }), {
      kind: "unavailable",
      reason: "No figures yet",
      alarm: "calm",
    });
  }
});

Deno.test("figures that may be behind stay as they are: the banner says since when", () => {
  const fresh = { kind: "fresh", data: "the data", asOf: AS_OF };
  assert.deepEqual(state(LIVE), fresh);
  assert.deepEqual(state({ ...LIVE, staleSince: AT, problem: "Stripe is not answering" }), fresh);
  assert.deepEqual(state({ phase: "key_rejected", asOf: AT, staleSince: AT }), fresh);
  assert.deepEqual(state({ ...LIVE, reasons: ["events_unread"] }), fresh);
});

for (const type of ["cash", "failed-payments", "renewals", "forecast"] as const) {
  Deno.test(`the widget ${type} is incomplete while its money is not read, and while it is behind`, () => {
    const store = storeOf([{}]);
    const kind = () => widgetModel(contextOf(store), { id: "main-1", type }).state.kind;
    assert.equal(kind(), "partial");
    moneyRead(store);
    assert.equal(kind(), "fresh");
    store.setStatus({ behind: MONEY_RESOURCES });
    assert.equal(kind(), "partial");
  });
}

for (const type of WIDGET_TYPES) {
  Deno.test(`the widget ${type} draws every state, also of an account without anything`, () => {
    const config = { id: "main-1", type };
    for (const store of [storeOf([{}]), storeOf([], { defaultCurrency: null })]) {
      moneyRead(store);
      const kinds = [
        { phase: "connecting", asOf: null },
        { phase: "key_rejected", asOf: null },
        { phase: "live", asOf: AT, staleSince: AT },
        { phase: "live", asOf: AT, staleSince: null },
      ] as const;
      const found = kinds.map((status) => {
        store.setStatus(status);
        const model = widgetModel(contextOf(store), config);
        assert.deepEqual([model.id, model.type], ["main-1", type]);
        return model.state.kind;
      });
      assert.deepEqual(found, ["loading", "unavailable", "fresh", "fresh"]);
    }
  });
}

function revenue(subs: Parameters<typeof storeOf>[0]) {
  const { state } = widgetModel(contextOf(storeOf(subs)), { id: "main-1", type: "revenue" });
  assert.ok(state.kind === "fresh" && "primary" in state.data);
  const figures = [state.data.primary, ...state.data.items];
  return Object.fromEntries(figures.map(({ label, value, reason }) => [label, value ?? reason]));
}

Deno.test("the revenue widget: literal figures, zeros shown, unknowns with their reason", () => {
  const told = revenue([
    {},
    { status: "past_due", items: [itemOf({ amount: 12_345 })] },
    { cancelAtPeriodEnd: true, items: [itemOf({ amount: 5000 })] },
  ]);
  assert.equal(told["MRR"], "$133.45");
  assert.equal(told["ARR"], "$1,601.40");
  assert.equal(told["ARPA"], "$66.73");
  assert.equal(told["Past due"], "$123.45");
  assert.equal(told["Scheduled to cancel"], "$50.00");
  assert.equal(told["In trial"], "$0.00");
});

Deno.test("without an active customer ARPA is not known; it is no number", () => {
  const told = revenue([{ status: "trialing" }]);
  assert.deepEqual([told["MRR"], told["ARPA"], told["In trial"]], [
    "$0.00",
    "no active customers",
    "$10.00",
  ]);
});

Deno.test("the rows behind a figure keep the visitor's choices in their address", () => {
  const store = storeOf([{}]);
  const { state } = widgetModel(contextOf(store, { currency: "usd" }), {
    id: "main-1",
    type: "revenue",
  });
  assert.ok(state.kind === "fresh" && "primary" in state.data);
  assert.equal(state.data.primary.href, "/explain/mrr?currency=usd");
});

Deno.test("plans: the top six and the others, which add up to the total", () => {
  const subs = Array.from({ length: 9 }, (_, index) => ({
    items: [itemOf({ id: `price_${index}`, amount: 1000 * (index + 1) })],
  }));
  const { state } = widgetModel(contextOf(storeOf(subs)), { id: "main-1", type: "plans" });
  assert.ok(state.kind === "fresh" && "total" in state.data);
  assert.deepEqual(state.data.rows.map(({ name, mrr }) => [name, mrr]), [
    ["price_8", "$90.00"],
    ["price_7", "$80.00"],
    ["price_6", "$70.00"],
    ["price_5", "$60.00"],
    ["price_4", "$50.00"],
    ["price_3", "$40.00"],
    ["Other", "$60.00"],
  ]);
  assert.deepEqual(state.data.total, { mrr: "$450.00", customers: "9" });
});

Deno.test("a product that is not understood does not count as a subscription that is not valued", () => {
  const store = storeOf([{}]);
  store.setUnreadable({
    kind: "product",
    id: "prod_x",
    problem: "name should be a text but is missing",
  });
  const { state } = widgetModel(contextOf(store), { id: "main-1", type: "head" });
  assert.ok(state.kind === "fresh" && "mrr" in state.data && "tiles" in state.data);
  assert.equal(state.data.mrr.note, undefined);
  store.setUnreadable({
    kind: "subscription",
    id: "sub_x",
    problem: "currency should be a text but is missing",
  });
  const again = widgetModel(contextOf(store), { id: "main-1", type: "head" }).state;
  assert.ok(again.kind === "fresh" && "mrr" in again.data && "tiles" in again.data);
  assert.match(again.data.mrr.note!, /^1 subscription could not be valued/);
});

Deno.test("movements that do not add up are an error instead of a chart; MRR stays", () => {
  const store = storeOf([{}]);
  store.setStatus({ ...LIVE, identityProblem: "Cannot trust movements as they lead to 1 usd" });
  const context = contextOf(store);
  const kindOf = (type: typeof WIDGET_TYPES[number]) =>
    widgetModel(context, { id: "main-1", type }).state.kind;
  for (const type of ["bridge", "chart13", "activity", "retention", "cohorts"] as const) {
    assert.equal(kindOf(type), "unavailable", type);
  }
  for (const type of ["head", "revenue", "customers"] as const) assert.equal(kindOf(type), "fresh");
});

Deno.test("while the past is rebuilt the head's change is marked, and says how far it is", () => {
  const store = companyStore(4);
  const changes = (historyDone: boolean) => {
    const history = {
      month: 9,
      months: 24,
      done: 4,
      estimated: 10,
      ratePerSecond: 10,
      secondsLeft: 12,
    };
    store.setStatus({ ...LIVE, phase: historyDone ? "live" : "history", historyDone, history });
    const { state } = widgetModel(contextOf(store), { id: "main-1", type: "head" });
    assert.ok(state.kind === "fresh" && "change" in state.data);
    return state.data.change.map(({ text }) => text);
  };
  const [known, byThisDay] = changes(true);
  assert.match(known!, /^\$0 this month in USD \(0\.0/);
  assert.match(byThisDay!, /^by this day last month/);
  assert.deepEqual(changes(false), [`≈ ${known}`]);
});

Deno.test("the deeper a cohort's cell, the more is left; the greatest share is the deepest", () => {
  const store = companyStore(4);
  const { state } = widgetModel(contextOf(store), { id: "main-1", type: "cohorts" });
  assert.ok(state.kind === "fresh" && "rows" in state.data && "switches" in state.data);
  const cells = state.data.rows.flatMap((row) => "cells" in row ? row.cells : [])
    .map(({ text, level }) => ({ share: parseInt(text), level }))
    .sort((a, b) => a.share - b.share);
  assert.deepEqual(
    cells.map(({ level }) => level),
    cells.map(({ level }) => level).sort((a, b) => a - b),
  );
  assert.equal(cells.at(-1)!.level, 10);
  assert.ok(cells[0]!.level < 5 && cells[0]!.level >= 0, `${cells[0]!.level}`);
});
