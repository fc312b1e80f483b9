/**
 * Every sentence that can stand in the place of a value, and the state that makes it true: a reason
 * that no state here gives is in no list, and none is shown where it is not so.
 */
import assert from "node:assert/strict";
import type { SyncStatus } from "../../src/store/port.ts";
import { WIDGET_TYPES, type WidgetConfig } from "../../src/widgets/config.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { widgetModel } from "../../src/widgets/registry.ts";
import { noRateText, WHY } from "../../src/widgets/why.ts";
import { AT, DAY, itemOf } from "../metrics/fixture.ts";
import { companyStore, contextOf, reportingIn, storeOf } from "./fixture.ts";

const LIVE: Partial<SyncStatus> = { historyDone: true, paymentsRead: true };

function paying(currency: string, amount = 2900, days = 100) {
  return {
    currency,
    created: AT - days * DAY,
    items: [itemOf({ id: `price_${currency}`, currency, amount })],
  };
}

function state(
  subs: Parameters<typeof storeOf>[0],
  status: Partial<SyncStatus> = {},
  query: Parameters<typeof contextOf>[1] = {},
): WidgetContext {
  const store = storeOf(subs, subs.length === 0 ? { defaultCurrency: null } : {});
  store.setStatus({ ...LIVE, ...status });
  store.money.setCashReading({ from: 0, done: true, coveredTo: AT, wholeAt: AT });
  return contextOf(store, query);
}

/** Every text of a widget's model, wherever it stands. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function said(context: WidgetContext): ReadonlyMap<string, Set<WidgetConfig["type"]>> {
  const found = new Map<string, Set<WidgetConfig["type"]>>();
  for (const type of WIDGET_TYPES) {
    for (const text of textsOf(widgetModel(context, { id: "main-1", type }))) {
      found.set(text, (found.get(text) ?? new Set()).add(type));
    }
  }
  return found;
}

const NOTHING = state([]);
const CANCELED = state([{ ...paying("usd"), status: "canceled", endedAt: AT - 90 * DAY }]);
const TRIAL = state([{ ...paying("usd"), status: "trialing", trialEnd: AT + DAY }]);
const PAYING = state([paying("usd")]);
const FRESH = state([paying("usd", 2900, 1)]);
const SEVERAL = state([paying("usd"), paying("eur")]);
const OLD = state([paying("usd", 2900, 800)]);

/** The state in which each reason is said, and one in which it would be untrue. */
const STATES: Readonly<
  Record<keyof typeof WHY, { readonly where: WidgetContext; readonly not: WidgetContext | null }>
> = {
  noSubscriptions: { where: NOTHING, not: PAYING },
  noPayingSubscription: { where: CANCELED, not: null },
  noActiveCustomers: { where: CANCELED, not: PAYING },
  currenciesNotAdded: { where: SEVERAL, not: PAYING },
  movementsDiffer: { where: state([paying("usd")], { identityProblem: "x" }), not: PAYING },
  pastUnread: { where: state([paying("usd", 2900, 1)], { historyDone: false }), not: FRESH },
  noEarlierClose: { where: FRESH, not: state([paying("usd", 2900, 1)], { historyDone: false }) },
  noYear: { where: PAYING, not: OLD },
  noTwoMonths: { where: FRESH, not: OLD },
  noTwoCloses: { where: FRESH, not: OLD },
  noMovement: { where: TRIAL, not: PAYING },
  noLateMovement: { where: state([paying("usd")], {}, { currency: "eur" }), not: NOTHING },
  noPayout: { where: PAYING, not: null },
  noTransaction: { where: PAYING, not: null },
  noCohort: { where: OLD, not: PAYING },
  noTrialDecided: { where: PAYING, not: null },
  noRenewal: { where: CANCELED, not: PAYING },
};

Deno.test("every reason in the place of a value is said in the state that makes it true", () => {
  assert.deepEqual(Object.keys(STATES), Object.keys(WHY));
  for (const [key, { where, not }] of Object.entries(STATES)) {
    const text = WHY[key as keyof typeof WHY];
    assert.ok(said(where).has(text), `${key} is said`);
    if (not) assert.ok(!said(not).has(text), `${key} is not said where it is untrue`);
  }
});

Deno.test("with a rate missing no widget gives another reason than that rate", () => {
  const untrue = [
    WHY.noSubscriptions,
    WHY.noPayingSubscription,
    WHY.noActiveCustomers,
    WHY.noMovement,
    WHY.noEarlierClose,
    WHY.noYear,
    WHY.noTwoMonths,
    WHY.noTwoCloses,
    WHY.noCohort,
    WHY.noRenewal,
    "no MRR",
    "no paying customers",
  ];
  const store = companyStore(1);
  store.setStatus(LIVE);
  const missing = store.tally.currencies().filter((currency) => currency !== "usd");
  const texts = said(contextOf(store, {}, reportingIn("usd", {})));
  assert.ok(missing.length > 0 && texts.has(noRateText(missing)));
  for (const text of untrue) {
    assert.deepEqual([...texts.get(text) ?? []], [], text);
  }
});

Deno.test("no widget has a reason of its own beside the closed lists", async () => {
  const folder = new URL("../../src/widgets/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    assert.doesNotMatch(text, /(r|R)eason: "(?![a-z_\d]+"|No figures yet|The movements)/, name);
  }
});
