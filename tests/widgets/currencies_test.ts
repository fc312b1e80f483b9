/** Several currencies that are not added up: what each widget says, and that it is true (pages.md). */
import assert from "node:assert/strict";
import { widgetModel } from "../../src/widgets/registry.ts";
import type { WidgetConfig } from "../../src/widgets/config.ts";
import type { Figure, HeadModel, NeedsYouModel, PlansModel } from "../../src/widgets/models.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { AT, DAY, itemOf } from "../metrics/fixture.ts";
import { contextOf, reportingIn, storeOf } from "./fixture.ts";

function paying(currency: string, amount: number, parts: Partial<Subscription> = {}) {
  return { currency, items: [itemOf({ id: `price_${currency}`, currency, amount })], ...parts };
}

const ALL = [
  paying("eur", 124_700),
  paying("usd", 1_279_700),
  paying("gbp", 90_000),
  paying("jpy", 5_000),
  // A customer who pays in two currencies is one.
  paying("usd", 100, { customer: "cus_0" }),
];

function data<T>(context: WidgetContext, type: WidgetConfig["type"]): T {
  const { state } = widgetModel(context, { id: "main-1", type });
  assert.ok(state.kind === "fresh");
  return state.data as T;
}

/** What needs someone, without the renewals that every account has. */
function needsOf(context: WidgetContext) {
  return data<NeedsYouModel>(context, "needs-you").items.filter(({ text }) =>
    !text.startsWith("Renewals")
  );
}

function shown(figures: readonly Figure[]): Record<string, string | null | undefined> {
  return Object.fromEntries(figures.map(({ label, value, reason }) => [label, value ?? reason]));
}

Deno.test("without rates the head shows two currencies and how many more; customers are of all", () => {
  const head = data<HeadModel>(contextOf(storeOf(ALL)), "head");
  assert.equal(head.mrr.value, "USD\u00a012,798\u00a0· EUR\u00a01,247\u00a0· 2\u00a0more");
  assert.equal(head.mrr.spark, undefined);
  assert.equal(head.addUp, "Add up in USD: set figures.reporting-currency");
  assert.equal(shown(head.tiles).Customers, "4");
  assert.equal(shown(head.tiles).ARR, "USD\u00a0153,576\u00a0· EUR\u00a014,964\u00a0· 2\u00a0more");
  assert.ok("NRR, 12 months, USD" in shown(head.tiles));
});

Deno.test("a chosen currency, one currency alone, and currencies with rates are one amount", () => {
  const store = storeOf(ALL);
  const value = (context: WidgetContext) => data<HeadModel>(context, "head").mrr.value;
  assert.equal(value(contextOf(store, { currency: "eur" })), "€1,247");
  assert.equal(value(contextOf(storeOf([paying("eur", 124_700)]))), "€1,247");
  const rates = reportingIn("usd", { eur: "2", gbp: "1", jpy: "0.01" });
  assert.equal(value(contextOf(store, {}, rates)), "$16,242");
});

Deno.test("the account's default currency without a customer is not shown as a MRR of zero", () => {
  const store = storeOf([paying("eur", 124_700), paying("usd", 5_000, { status: "canceled" })]);
  assert.equal(data<HeadModel>(contextOf(store), "head").mrr.value, "EUR\u00a01,247");
});

Deno.test("with a rate missing nothing is denied: amounts as billed, and the rate is named", () => {
  const failing = paying("gbp", 30_000, { status: "past_due" });
  const trial = paying("gbp", 2_000, { status: "trialing", trialEnd: AT + 2 * DAY });
  const store = storeOf([...ALL, failing, trial]);
  const context = contextOf(store, {}, reportingIn("usd", { eur: "2", jpy: "0.01" }));
  const why = "no rate for GBP: set figures.rates, or take daily rates with glance rates:import";
  const head = data<HeadModel>(context, "head");
  assert.equal(head.mrr.value, "USD\u00a012,798\u00a0· GBP\u00a01,200\u00a0· 2\u00a0more");
  assert.equal(head.mrr.note, why);
  assert.equal(head.changeReason, why);
  assert.equal(shown(head.tiles).Customers, "5");
  assert.equal(shown(head.tiles)["NRR, 12 months"], why);
  const revenue = data<{ items: Figure[] }>(context, "revenue");
  assert.equal(shown(revenue.items).ARPA, why);
  assert.equal(shown(revenue.items)["Growth this month"], why);
  const plans = data<PlansModel>(context, "plans");
  assert.deepEqual(plans.rows.map(({ mrr, shareText }) => [mrr, shareText]), [
    ["$12,798.00", "–"],
    ["£1,200.00", "–"],
    ["€1,247.00", "–"],
    ["¥5,000", "–"],
  ]);
  const needs = needsOf(context);
  assert.deepEqual(needs.map(({ text, amount, count }) => [text, amount, count]), [
    ["No rate for GBP", null, "2 customers"],
    ["Past due: a payment failed", "GBP\u00a0300", "1 subscription"],
    ["Trials ending in 7 days", "GBP\u00a020", "1 trial"],
  ]);
});

Deno.test("what needs someone in another currency than the first is not left out", () => {
  const store = storeOf([paying("usd", 5_000), paying("eur", 3_000, { status: "past_due" })]);
  const needs = needsOf(contextOf(store));
  assert.deepEqual(needs.map(({ text, amount }) => [text, amount]), [
    ["Past due: a payment failed", "EUR\u00a030"],
  ]);
  assert.deepEqual(
    needsOf(contextOf(store, { currency: "usd" })),
    [],
  );
});

Deno.test("a widget of one currency out of several names it in its title", () => {
  const title = (context: WidgetContext, type: WidgetConfig["type"]) =>
    widgetModel(context, { id: "main-1", type }).title;
  const several = contextOf(storeOf(ALL));
  for (const type of ["chart13", "bridge", "retention", "cohorts", "forecast"] as const) {
    assert.match(title(several, type), /, USD$/);
    assert.doesNotMatch(title(contextOf(storeOf(ALL), { currency: "usd" }), type), /USD/);
  }
  assert.equal(title(several, "plans"), "Plans");
});
