/**
 * What stands around every answer of the JSON interface (api.md).
 *
 * @module
 */
import type { SourceInfo, SourceView } from "../../src/store/port.ts";
import { unvaluedCount } from "../../src/widgets/context.ts";
import {
  DEFINITIONS_VERSION,
  filterNotes,
  type MeaningKey,
  MEANINGS,
} from "../../src/widgets/definitions.ts";
import { unreadByKind } from "../../src/widgets/unread.ts";
import { time } from "./values.ts";

function stateOf({ status }: SourceView): "fresh" | "stale" | "incomplete" {
  if (status.asOf === null || status.reasons.length > 0) return "incomplete";
  return status.staleSince !== null || status.problem !== null ? "stale" : "fresh";
}

/** Phases in which Stripe is reached, and says no. */
const REFUSED: ReadonlySet<string> = new Set(["key_rejected", "permission_missing"]);

function whyStale({ phase }: SourceView["status"]): string {
  return REFUSED.has(phase) ? phase : "stripe_unreachable";
}

function reasonsOf(view: SourceView): string[] {
  const { status } = view;
  const stale = status.staleSince !== null || status.problem !== null;
  const unvalued = unvaluedCount(view) > 0;
  const unread = unreadByKind(view);
  return [
    ...status.reasons,
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

/** The envelope of a source, with the definitions of the figures that the body holds. */
export function envelope(view: SourceView, figures: readonly MeaningKey[]) {
  const { filter } = view.info;
  return {
    source: view.info.name,
    asOf: time(view.status.asOf),
    state: stateOf(view),
    reasons: reasonsOf(view),
    preset: view.info.preset,
    definitionsVersion: DEFINITIONS_VERSION,
    definitions: Object.fromEntries(figures.map((key) => [key, textOf(key, view.info)])),
    ...(filter ? { filter } : {}),
  };
}
