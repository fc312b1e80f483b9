/**
 * What stands around every answer of the JSON interface (api.md).
 *
 * @module
 */
import type { MoneyResource, SourceInfo, SourceView } from "../../src/store/port.ts";
import { unvaluedCount } from "../../src/widgets/context.ts";
import {
  DEFINITIONS_VERSION,
  filterNotes,
  type MeaningKey,
  MEANINGS,
} from "../../src/widgets/definitions.ts";
import { unreadByKind } from "../../src/widgets/unread.ts";
import { moneyReasons } from "../../src/widgets/money.ts";
import { time } from "./values.ts";

function stateOf(
  { status }: SourceView,
  ofMoney: readonly string[],
): "fresh" | "stale" | "incomplete" {
  const incomplete = status.reasons.length > 0 || ofMoney.length > 0;
  if (status.asOf === null || incomplete) return "incomplete";
  return status.staleSince !== null || status.problem !== null ? "stale" : "fresh";
}

/** Phases in which Stripe is reached, and says no. */
const REFUSED: ReadonlySet<string> = new Set(["key_rejected", "permission_missing"]);

function whyStale({ phase }: SourceView["status"]): string {
  return REFUSED.has(phase) ? phase : "stripe_unreachable";
}

function reasonsOf(view: SourceView, ofMoney: readonly string[]): string[] {
  const { status } = view;
  const stale = status.staleSince !== null || status.problem !== null;
  const unvalued = unvaluedCount(view) > 0;
  const unread = unreadByKind(view);
  return [
    ...status.reasons,
    ...ofMoney,
    ...(status.asOf === null && status.reasons.length === 0 ? [status.phase] : []),
    ...(status.asOf !== null && stale ? [whyStale(status)] : []),
    ...(unvalued ? ["subscriptions_unresolved"] : []),
    ...(unread.invoice ? ["invoices_unreadable"] : []),
    ...(unread.event ? ["events_unreadable"] : []),
  ];
}

function textOf(key: MeaningKey, info: SourceInfo): string {
  const { text } = MEANINGS[key];
  return [text, ...filterNotes(info)].join(" ");
}

/**
 * The envelope of a source, with the definitions of the figures that the body holds.
 *
 * @param resources What the body is made of beside the subscriptions.
 */
export function envelope(
  view: SourceView,
  figures: readonly MeaningKey[],
  resources: readonly MoneyResource[] = [],
) {
  const ofMoney = moneyReasons(view, resources);
  const { filter } = view.info;
  return {
    source: view.info.name,
    asOf: time(view.status.asOf),
    state: stateOf(view, ofMoney),
    reasons: reasonsOf(view, ofMoney),
    preset: view.info.preset,
    definitionsVersion: DEFINITIONS_VERSION,
    definitions: Object.fromEntries(figures.map((key) => [key, textOf(key, view.info)])),
    ...(filter ? { filter } : {}),
  };
}
