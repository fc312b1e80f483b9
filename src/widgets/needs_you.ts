/**
 * What needs the operator, ordered by money, as far as it is known without invoices.
 *
 * @module
 */
import { add, compare, multiply, type Rational, ZERO } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import { type FigureName, shareIn } from "../metrics/tally.ts";
import {
  countText,
  explainHref,
  moneyText,
  stateOf,
  unvaluedCount,
  type WidgetContext,
} from "./context.ts";
import type { NeedsYouItem, NeedsYouModel, NeedsYouWidget } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { factorsTo } from "./slice.ts";

const TRIAL_DAYS = 7;
const DAY_SECONDS = 86_400;

interface Need {
  readonly item: NeedsYouItem;
  readonly money: Rational;
}

/** A standing's share in the slice's currency, or `null` where it is outside. */
function shareInSlice(context: WidgetContext, figure: FigureName, standing: Standing) {
  const { slice, reporting, view } = context;
  const { currency } = standing.sub;
  const share = shareIn(figure, standing);
  if (!slice?.converted || !reporting) return currency === slice?.currency ? share : null;
  const factor = factorsTo(reporting, view.tally.currencies()).get(currency);
  return factor ? multiply(share, factor) : null;
}

function sumNeed(
  context: WidgetContext,
  figure: "pastDueMrr" | "scheduledToCancelMrr",
  text: string,
): Need[] {
  const { slice, view } = context;
  if (!slice) return [];
  const currencies = slice.converted ? view.tally.currencies() : [slice.currency];
  const count = currencies.reduce((sum, each) => sum + view.tally.count(each, figure), 0);
  if (count === 0) return [];
  const money = slice.total(figure);
  return [{
    money: money ?? ZERO,
    item: {
      tone: "warn",
      text,
      amount: money && moneyText(money, slice.currency),
      count: countText(count, "subscription"),
      href: explainHref(context, figure),
    },
  }];
}

function trialsEnding(context: WidgetContext): Need[] {
  const { view, now, slice } = context;
  let money = ZERO;
  let count = 0;
  for (const standing of view.inStatus("trialing")) {
    const { trialEnd } = standing.sub;
    if (trialEnd === null || trialEnd < now || trialEnd > now + TRIAL_DAYS * DAY_SECONDS) continue;
    const share = shareInSlice(context, "trialingMrr", standing);
    if (!share) continue;
    money = add(money, share);
    count++;
  }
  if (count === 0 || !slice) return [];
  return [{
    money,
    item: {
      tone: "calm",
      text: `Trials ending in ${TRIAL_DAYS} days`,
      amount: moneyText(money, slice.currency),
      count: countText(count, "trial"),
      href: explainHref(context, "trialingMrr"),
    },
  }];
}

function unvalued(context: WidgetContext): Need[] {
  const { view } = context;
  const count = unvaluedCount(view);
  if (count === 0) return [];
  return [{
    money: ZERO,
    item: {
      tone: "warn",
      text: "Could not be valued",
      detail: "left out of MRR, with the reason for each",
      amount: null,
      count: countText(count, "subscription"),
      href: explainHref(context, "unresolved"),
    },
  }];
}

function syncFaults(context: WidgetContext): Need[] {
  const { status } = context.view;
  const found: Need[] = [];
  if (status.problem) {
    const item: NeedsYouItem = {
      tone: status.phase === "live" || status.phase === "history" ? "warn" : "broken",
      text: status.problem,
      amount: null,
      count: "",
      href: "/sources",
    };
    found.push({ money: ZERO, item });
  }
  const missing = Object.entries(status.permissions).filter(([, state]) => state === "missing")
    .map(([resource]) => resource.replaceAll("_", " "));
  if (missing.length > 0) {
    const item: NeedsYouItem = {
      tone: "warn",
      text: `The key may not read ${missing.join(", ")}`,
      detail: "what needs it is not shown; grant read permission",
      amount: null,
      count: "",
      href: context.keyUrl,
    };
    found.push({ money: ZERO, item });
  }
  return found;
}

function model(context: WidgetContext): NeedsYouModel {
  const needs = [
    ...sumNeed(context, "pastDueMrr", "Past due: a payment failed"),
    ...sumNeed(context, "scheduledToCancelMrr", "Cancelling"),
    ...trialsEnding(context),
    ...unvalued(context),
  ].sort((a, b) => compare(b.money, a.money));
  return {
    items: [...syncFaults(context), ...needs].map(({ item }) => item),
    pending: "not yet: renewals and failed invoices come with the history",
  };
}

export function needsYouWidget(context: WidgetContext, config: WidgetConfig): NeedsYouWidget {
  return {
    ...widgetFrame(config, "Needs you"),
    type: "needs-you",
    state: stateOf(context, () => model(context)),
  };
}
