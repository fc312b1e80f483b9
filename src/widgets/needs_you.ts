/**
 * What needs the operator, ordered by money (page.md).
 *
 * @module
 */
import { compare, multiply, type Rational, sum, ZERO } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import { type FigureName, shareIn } from "../metrics/tally.ts";
import {
  countText,
  dayText,
  explainHref,
  moneyText,
  stateOf,
  unvaluedCount,
  type WidgetContext,
} from "./context.ts";
import type { NeedsYouItem, NeedsYouModel, NeedsYouWidget } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { failuresIn } from "./failures.ts";
import { invoicesUnread } from "./money.ts";
import { renewalsByDay, renewalSum } from "./renewal_view.ts";
import { unreadByKind } from "./unread.ts";
import { factorsTo } from "./slice.ts";
import { ENDING_DAYS, trialFigures } from "./trial_view.ts";

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
  const { slice, view } = context;
  const { ending } = trialFigures(context);
  const shares = ending.flatMap(({ subscription }) =>
    shareInSlice(context, "trialingMrr", view.standing(subscription)!) ?? []
  );
  if (shares.length === 0 || !slice) return [];
  const money = sum(shares);
  return [{
    money,
    item: {
      tone: "calm",
      text: `Trials ending in ${ENDING_DAYS} days`,
      amount: moneyText(money, slice.currency),
      count: countText(shares.length, "trial"),
      href: explainHref(context, "trials", { show: "ending" }),
    },
  }];
}

/** Invoices that failed and are neither paid nor given up. */
function failedPayments(context: WidgetContext): Need[] {
  const { slice, whole, now } = context;
  if (!slice || invoicesUnread(whole)) return [];
  const all = { from: -Infinity, to: whole.calendar.dayOf(now) + 1 };
  const open = failuresIn(context, all)?.filter(({ outcome }) => outcome === "open") ?? [];
  const [oldest] = open;
  if (!oldest) return [];
  const money = sum(open.map((failure) => failure.open));
  const stuck = open.filter(({ fact }) => fact.nextAttemptAt === null).length;
  return [{
    money,
    item: {
      tone: "warn",
      text: "Failed payments",
      detail: stuck > 0
        ? `${stuck} without a retry left`
        : `oldest from ${dayText(context, oldest.firstFailureAt)}`,
      amount: moneyText(money, slice.currency),
      count: countText(open.length, "invoice"),
      href: explainHref(
        { ...context, query: { ...context.query, period: "all" } },
        "failed-payments",
        {
          part: "open",
        },
      ),
    },
  }];
}

const RENEWALS_WITHIN = 30;

function renewals(context: WidgetContext): Need[] {
  const { slice } = context;
  const days = slice && renewalsByDay(context);
  if (!slice || !days) return [];
  const { amount, count } = renewalSum(context, days, RENEWALS_WITHIN);
  if (count === 0) return [];
  return [{
    money: amount,
    item: {
      tone: "calm",
      text: `Renewals in ${RENEWALS_WITHIN} days`,
      amount: moneyText(amount, slice.currency),
      count: countText(count, "invoice"),
      href: explainHref(context, "renewals", { days: String(RENEWALS_WITHIN) }),
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

/** What was read and not understood, beside subscriptions, which stand with what is not valued. */
function unreadObjects({ view }: WidgetContext): Need[] {
  const others = view.unreadable().filter(({ kind }) => kind !== "subscription");
  if (others.length === 0) return [];
  return [{
    money: ZERO,
    item: {
      tone: "warn",
      text: "Could not be read",
      detail: "what they tell is missing; the sources page says of what",
      amount: null,
      count: Object.entries(unreadByKind(view)).filter(([kind]) => kind !== "subscription")
        .map(([kind, count]) => countText(count, kind)).join(", "),
      href: "/sources",
    },
  }];
}

function syncFaults(context: WidgetContext): Need[] {
  const { status } = context.view;
  const found: Need[] = [];
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
  const unread = invoicesUnread(context.whole);
  const needs = [
    ...(unread
      ? sumNeed(context, "pastDueMrr", "Past due: a payment failed")
      : failedPayments(context)),
    ...sumNeed(context, "scheduledToCancelMrr", "Cancelling"),
    ...trialsEnding(context),
    ...renewals(context),
    ...unvalued(context),
    ...unreadObjects(context),
  ].sort((a, b) => compare(b.money, a.money));
  return {
    items: [...syncFaults(context), ...needs].map(({ item }) => item),
    ...(unread ? { pending: `Failed payments are missing here, ${unread}` } : {}),
  };
}

export function needsYouWidget(context: WidgetContext, config: WidgetConfig): NeedsYouWidget {
  return {
    ...widgetFrame(config, "Needs you"),
    type: "needs-you",
    state: stateOf(context, () => model(context)),
  };
}
