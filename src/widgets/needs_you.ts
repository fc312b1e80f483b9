/**
 * What needs the operator, ordered by money (page.md).
 *
 * @module
 */
import { compare, type Rational, ZERO } from "../metrics/rational.ts";
import { shareIn } from "../metrics/tally.ts";
import {
  BRING_RATES,
  countText,
  dayText,
  explainHref,
  stateOf,
  unvaluedCount,
  type WidgetContext,
} from "./context.ts";
import type { NeedsYouItem, NeedsYouModel, NeedsYouWidget } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { openFailures } from "./failures.ts";
import { invoicesUnread } from "./money.ts";
import { amountsOf, isShown } from "./native_amounts.ts";
import { unreadByKind } from "./unread.ts";
import { ENDING_DAYS, trialFigures } from "./trial_view.ts";

interface Need {
  readonly item: NeedsYouItem;
  readonly money: Rational;
}

function sumNeed(
  context: WidgetContext,
  figure: "pastDueMrr" | "scheduledToCancelMrr",
  text: string,
): Need[] {
  const { tally } = context.view;
  const currencies = tally.currencies().filter((currency) => isShown(context, currency));
  const count = currencies.reduce((sum, each) => sum + tally.count(each, figure), 0);
  if (count === 0) return [];
  const amounts = amountsOf(
    context,
    currencies.map((currency) => [currency, tally.total(currency, figure)] as const),
  );
  return [{
    money: amounts.known,
    item: {
      tone: "warn",
      text,
      amount: amounts.text,
      count: countText(count, "subscription"),
      href: explainHref(context, figure),
    },
  }];
}

function trialsEnding(context: WidgetContext): Need[] {
  const ending = trialFigures(context).ending
    .map(({ subscription }) => context.view.standing(subscription)!)
    .filter(({ sub }) => isShown(context, sub.currency));
  if (ending.length === 0) return [];
  const amounts = amountsOf(
    context,
    ending.map((standing) => [standing.sub.currency, shareIn("trialingMrr", standing)] as const),
  );
  return [{
    money: amounts.known,
    item: {
      tone: "calm",
      text: `Trials ending in ${ENDING_DAYS} days`,
      amount: amounts.text,
      count: countText(ending.length, "trial"),
      href: explainHref(context, "trials", { show: "ending" }),
    },
  }];
}

/** Invoices that failed and are neither paid nor given up. */
function failedPayments(context: WidgetContext): Need[] {
  const { whole } = context;
  if (invoicesUnread(whole)) return [];
  const open = openFailures(context).filter(({ fact }) => isShown(context, fact.currency));
  const [oldest] = open;
  if (!oldest) return [];
  const amounts = amountsOf(
    context,
    open.map(({ fact, open: due }) => [fact.currency, due] as const),
  );
  const stuck = open.filter(({ fact }) => fact.nextAttemptAt === null).length;
  return [{
    money: amounts.known,
    item: {
      tone: "warn",
      text: "Failed payments",
      detail: stuck > 0
        ? `${stuck} without a retry left`
        : `oldest from ${dayText(context, oldest.firstFailureAt)}`,
      amount: amounts.text,
      count: countText(open.length, "invoice"),
      href: explainHref(
        { ...context, query: { ...context.query, period: "all" } },
        "failed-payments",
        { part: "open" },
      ),
    },
  }];
}

const RENEWALS_WITHIN = 30;

function renewals(context: WidgetContext): Need[] {
  const { whole, now } = context;
  const end = whole.calendar.dayOf(now) + RENEWALS_WITHIN;
  const coming = whole.renewalDays(now).filter(({ day, currency }) =>
    day < end && isShown(context, currency)
  );
  const count = coming.reduce((total, each) => total + each.count, 0);
  if (count === 0) return [];
  const amounts = amountsOf(
    context,
    coming.map(({ currency, amount }) => [currency, amount] as const),
  );
  return [{
    money: amounts.known,
    item: {
      tone: "calm",
      text: `Renewals in ${RENEWALS_WITHIN} days`,
      amount: amounts.text,
      count: countText(count, "invoice"),
      href: explainHref(context, "renewals", { days: String(RENEWALS_WITHIN) }),
    },
  }];
}

/** The rates that are missing for adding everything up. */
function missingRates(context: WidgetContext): Need[] {
  const { slice, view } = context;
  const missing = slice?.missingRates ?? [];
  if (missing.length === 0) return [];
  const customers = missing.reduce((sum, currency) => sum + view.tally.payingIn(currency), 0);
  const [first] = missing;
  return [{
    money: ZERO,
    item: {
      tone: "warn",
      text: `No rate for ${missing.join(", ").toUpperCase()}`,
      detail: `nothing is added up without: ${BRING_RATES}`,
      amount: null,
      count: countText(customers, "customer"),
      href: explainHref(context, "mrr", { currency: first! }),
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

function missingPermissions(context: WidgetContext): Need[] {
  const { status } = context.view;
  const found: Need[] = [];
  const missing = Object.entries(status.permissions).filter(([, state]) => state === "missing")
    .map(([resource]) => resource.replaceAll("_", " "));
  if (missing.length > 0) {
    const item: NeedsYouItem = {
      tone: "warn",
      text: `Grant the key read access to ${missing.join(", ")}`,
      detail: "what needs it is not shown",
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
    items: [...missingPermissions(context), ...missingRates(context), ...needs].map(({ item }) =>
      item
    ),
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
