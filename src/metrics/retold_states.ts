/**
 * States of a subscription's object that were noted as changes came, corrected by what events tell
 * of them afterwards (metrics.md B.6 step 3).
 *
 * @module
 */
import { bounded, type PastStates, withUnknown } from "./past_states.ts";
import type { Stretch } from "./seen.ts";
import type { Subscription } from "./types.ts";

/** States that were corrected, and from when on (Unix seconds) they differ from what was noted. */
export interface Retold {
  readonly states: PastStates;
  readonly from: number;
}

/**
 * What was noted, corrected by what events tell: several changes between two looks were noted as
 * one. Events that do not lead from state to state tell nothing: `null`, what was noted stays.
 *
 * @param noted What was noted of the changes as they came.
 * @param told What the events since a moment tell.
 * @param isNew Whether nothing was known of the subscription before those events.
 */
export function retell(
  noted: PastStates | undefined,
  told: PastStates,
  isNew: boolean,
): Retold | null {
  const [first, ...rest] = told.states;
  if (isNew) return { states: told, from: told.since };
  if (!first) return null;
  const from = first.until;
  // What was seen before is known better than what the events lead back to.
  const before = noted?.states.find(({ until }) => until >= from)?.sub ?? first.sub;
  const older = noted?.states.filter(({ until }) => until < from) ?? [];
  const since = noted ? Math.min(noted.since, from) : told.since;
  const states = [...older, { until: from, sub: before }, ...rest];
  return { states: bounded(withUnknown({ since, states }, noted?.unknown)), from };
}

/**
 * What was noted up to an absence of which Stripe has no events any more, and what is known since.
 *
 * @param before The object as it was when the absence began; left out for one that is newer.
 * @param after What is known after it.
 */
export function joinOverAbsence(
  noted: PastStates,
  before: Subscription | undefined,
  { from, to }: Stretch,
  after: PastStates,
): PastStates {
  if (!before) return after;
  if (after.since <= from) return retell(noted, after, false)?.states ?? noted;
  const older = noted.states.filter(({ until }) => until <= from);
  const states = [...older, { until: from, sub: before }, ...after.states];
  const unknown = [...noted.unknown ?? [], { from, to: Math.min(after.since, to) }];
  return bounded(withUnknown({ since: Math.min(noted.since, from), states }, unknown));
}
