/**
 * The last movements, in words, newest first.
 *
 * @module
 */
import type { ChurnCause } from "../metrics/causes.ts";
import { isLoss, type Movement, type MovementKind } from "../metrics/movements.ts";
import { negate } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import type { SourceView } from "../store/port.ts";
import { momentOf, moneyText, stateOf, type WidgetContext } from "./context.ts";
import type { ActivityItem, ActivityModel, ActivityWidget } from "./models.ts";
import { movementView } from "./movement_view.ts";
import { severalCurrencies } from "./native_amounts.ts";
import { WHY, whyNoMovements } from "./why.ts";
import { planName } from "./plans.ts";
import { queryText } from "./query.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

const ITEMS = 12;
/** Movements of all currencies among which those of the shown one are looked for. */
const LATEST = 48;

const WORDS: Readonly<Record<MovementKind, string>> = {
  new: "started",
  reactivation: "came back",
  expansion: "pays more",
  contraction: "pays less",
  churn: "left",
};

const CHURNED: Readonly<Record<Exclude<ChurnCause, "other">, string>> = {
  voluntary: "left",
  involuntary: "left, payment failed",
  disputed: "left, payment disputed",
  paused: "paused",
};

/** A customer's subscriptions, the newest last. */
function standingsOf(view: SourceView, customer: string): readonly Standing[] {
  return view.subscriptionsOf(customer).flatMap((id) => view.standing(id) ?? [])
    .sort(({ sub: a }, { sub: b }) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/** The plans that a customer has now, or had last: "Team + Seats". */
function plansText(view: SourceView, standings: readonly Standing[]): string {
  const paying = standings.filter(({ mrr }) => mrr !== null && mrr.n > 0n);
  const [shown] = paying.length > 0 ? [paying] : [standings.slice(-1)];
  const names = shown!.flatMap(({ sub }) =>
    sub.items.map(({ price }) => planName(view, price.id, price.product))
  );
  return [...new Set(names)].slice(0, 2).join(" + ");
}

function item(context: WidgetContext, movement: Movement): ActivityItem {
  const { view } = context;
  const { customer, kind, at, currency } = movement;
  const loss = isLoss(kind);
  const amount = loss ? negate(movement.amount) : movement.amount;
  const standings = standingsOf(view, customer);
  const plans = plansText(view, standings);
  const words = movement.cause && movement.cause !== "other"
    ? CHURNED[movement.cause]
    : WORDS[kind];
  const href = `/explain/subscription/${standings.at(-1)?.sub.id}${queryText(context.query)}`;
  return {
    id: `${customer} ${currency} ${movement.day} ${kind}`,
    at: momentOf(context, at),
    kind,
    text: plans === "" ? words : `${words}: ${plans}`,
    customer: { text: customer, href },
    amount: moneyText(amount, currency, { signed: true }),
    tone: loss ? "bad" : "good",
  };
}

function model(context: WidgetContext): ActivityModel {
  const movements = movementView(context);
  const several = severalCurrencies(context);
  if (!movements && !several) return { items: [], reason: whyNoMovements(context) };
  const book = several ? context.view.movements : movements!.book;
  const recent = book.recent(LATEST)
    .filter(({ currency }) => several !== null || currency === movements!.currency)
    .slice(0, ITEMS);
  const reason = book.recent(1).length === 0 ? WHY.noMovement : WHY.noLateMovement;
  return {
    items: recent.map((movement) => item(context, movement)),
    ...(recent.length === 0 ? { reason } : {}),
  };
}

export function activityWidget(context: WidgetContext, config: WidgetConfig): ActivityWidget {
  return {
    ...widgetFrame(config, "Activity"),
    type: "activity",
    state: stateOf(context, () => model(context)),
  };
}
