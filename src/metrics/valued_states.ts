/**
 * Which of the known states of a subscription can be valued, and where something that was told of it
 * cannot be read (metrics.md B.6 step 3).
 *
 * @module
 */
import { mrr, type MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { type PastState, type PastStates, withUnknown } from "./past_states.ts";
import type { Segment } from "./segments.ts";
import type { Subscription } from "./types.ts";

function isValued({ sub, until }: PastState, options: MrrOptions, facts: MrrFacts): boolean {
  return mrr(sub, until - 1, options, facts).kind === "value";
}

/**
 * The states from the first one on that is known and can be valued: of what is before, invoices
 * tell more. One in between, e.g. as a coupon of its time is gone, is worth what the next one is,
 * and doubtful.
 */
export function valuedStates(
  past: PastStates,
  options: MrrOptions,
  facts: MrrFacts,
  current: Subscription,
): PastStates {
  const { since } = past;
  let next = current;
  const states = past.states.toReversed().map((state): PastState => {
    if (isValued(state, options, facts)) {
      next = state.sub;
      return state;
    }
    return { until: state.until, sub: next, doubtful: true };
  }).reverse();
  const first = states.findIndex(({ doubtful }) => !doubtful);
  if (states.length === 0) return past;
  if (first === 0) return withUnknown({ since, states }, past.unknown);
  const before = first < 0 ? states.length : first;
  const known = { since: states[before - 1]!.until, states: states.slice(before) };
  return { ...withUnknown(known, past.unknown), doubtedSince: since };
}

/** What is known of a time by other means, doubted where something told of it cannot be read. */
export function doubted(
  segments: readonly Segment[],
  { doubtedSince, since }: PastStates,
): readonly Segment[] {
  if (doubtedSince === undefined) return segments;
  return segments.flatMap((segment) => {
    const to = segment.to ?? Infinity;
    if (to <= doubtedSince || segment.from >= since) return [segment];
    const from = Math.max(segment.from, doubtedSince);
    const marked: Segment = { ...segment, from, quality: "inferred" };
    return from > segment.from ? [{ ...segment, to: from }, marked] : [marked];
  });
}
