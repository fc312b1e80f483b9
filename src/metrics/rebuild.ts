/**
 * The past of a subscription, rebuilt from its invoices and joined with what was seen as it
 * happened (metrics.md B.6).
 *
 * @module
 */
import { causeOf } from "./causes.ts";
import type { Correction } from "./history.ts";
import { inferSegments } from "./infer.ts";
import type { InvoiceHistory } from "./invoice_lines.ts";
import { lateAt, type PastClock, pastFromInvoices, type Rebuilt } from "./invoice_past.ts";
import type { LiveValue } from "./life_stretches.ts";
import { mrr, type MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { type PastStates, stateAt, stateSegments } from "./past_states.ts";
import { ZERO } from "./rational.ts";
import { isSeen, type Seen, type Stretch } from "./seen.ts";
import { joinKnown, liveAfter, type Segment } from "./segments.ts";
import type { Subscription } from "./types.ts";
import { doubted, valuedStates } from "./valued_states.ts";

/** Unix seconds. */
export interface RebuildTimes {
  /** Since when changes are noted. */
  readonly followedSince: number;
  /** When everything had been read once. */
  readonly liveSince: number;
  /** Up to when changes were seen before an absence; left out for a first reading. */
  readonly seenTo?: number;
}

/** What is known of one subscription beside its object as it is. */
export interface KnownPast {
  /** Its invoices; left out where it has none, or they could not be read. */
  readonly history?: InvoiceHistory | undefined;
  /** What its object was before, where events or the following of changes tell. */
  readonly states?: PastStates | undefined;
  /** When phases of its schedule began, in order; Unix seconds. */
  readonly phaseStarts?: readonly number[] | undefined;
}

/** Segments up to `at`, what runs then cut there: why it ended later is no matter of theirs. */
function before(segments: readonly Segment[], at: number): readonly Segment[] {
  return segments.flatMap((segment) => {
    if (segment.from >= at) return [];
    if (segment.to !== null && segment.to <= at) return [segment];
    const { cause: _, ...cut } = segment;
    return [{ ...cut, to: at }];
  });
}

/** Segments from `at` on, what runs then cut there. */
function after(segments: readonly Segment[], at: number): readonly Segment[] {
  return segments.flatMap((segment) =>
    segment.to !== null && segment.to <= at
      ? []
      : [{ ...segment, from: Math.max(segment.from, at) }]
  );
}

/** One past followed by another; where two are joined, it ended as the later one did. */
function followedBy(past: readonly Segment[], next: readonly Segment[]): readonly Segment[] {
  return next.reduce<readonly Segment[]>((segments, each) => {
    const joined = joinKnown(segments, each);
    const last = joined.at(-1);
    if (!last || last.cause === each.cause) return joined;
    const { cause: _, ...rest } = last;
    return [...joined.slice(0, -1), each.cause ? { ...rest, cause: each.cause } : rest];
  }, past);
}

/**
 * The past up to `now`: what invoices tell, or, without any, what the object lets infer; then
 * what events and the following of changes tell, exactly. Absences of which no event tells are
 * rebuilt like what is before everything known.
 *
 * @param sub The object as it is.
 * @param live The value at `now`.
 */
export function wholePast(
  sub: Subscription,
  { history, states, phaseStarts }: KnownPast,
  live: LiveValue,
  options: MrrOptions,
  facts: MrrFacts,
  now: number,
  clock: PastClock,
): Rebuilt {
  const valued = states && valuedStates(states, options, facts, sub);
  const known = valued && valued.since < now ? valued : null;
  const begun = known?.states[0]?.sub;
  const lateFirst = begun && lateAt(begun, history, undefined);
  const told = known ? stateSegments(known, sub, now, options, facts, clock.seen, lateFirst) : [];
  const untold: Stretch[] = known
    ? [{ from: -Infinity, to: known.since }, ...known.unknown ?? []]
    : [{ from: -Infinity, to: now }];
  let segments: readonly Segment[] = [];
  const corrections: Correction[] = [];
  for (const [index, { from, to }] of untold.entries()) {
    const first = (known && stateAt(known, to)) ?? sub;
    const then = to < now ? valueAt(told, to) : live;
    const late = lateAt(first, history, first === sub ? facts.pastDueSince : undefined);
    const factsThen = { ...facts, pastDueSince: late };
    // An event dates what has changed there, though it does not tell what was before.
    const dated = index === 0 && known?.doubtedSince !== undefined;
    const clockThen = { ...clock, changedAt: dated ? to : null };
    const rebuilt = to <= first.created
      ? NOTHING
      : history
      ? pastFromInvoices(first, history, then, options, factsThen, to, clockThen, phaseStarts)
      : { segments: inferredUpTo(first, to, options, factsThen), corrections: [] };
    if (!dated) corrections.push(...rebuilt.corrections);
    const rest = known ? doubted(before(rebuilt.segments, to), known) : rebuilt.segments;
    segments = followedBy(segments, after(rest, from));
    const end = untold[index + 1]?.from ?? Infinity;
    segments = followedBy(segments, after(before(told, end), to));
  }
  return { segments, corrections };
}

const NOTHING: Rebuilt = { segments: [], corrections: [] };

/** The past before a moment from the object as it was then. */
function inferredUpTo(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
): readonly Segment[] {
  return before(inferSegments(sub, at, options, facts, mrr(sub, at, options, facts)), at);
}

/** What a subscription was worth at a moment, by its segments. */
function valueAt(segments: readonly Segment[], at: number): LiveValue {
  const covering = segments.find(({ from, to }) => from <= at && (to === null || at < to));
  return covering ? { exact: covering.exact, lines: covering.lines } : { exact: ZERO, lines: [] };
}

/**
 * From when on the segments were seen as they happened: the first change after following began,
 * else when the first reading was complete.
 */
function seenSince(segments: readonly Segment[], followedSince: number, liveSince: number): number {
  const changes = segments.flatMap(({ from, to }) => to === null ? [from] : [from, to])
    .filter((time) => time >= followedSince && time <= liveSince);
  return Math.min(liveSince, ...changes);
}

/**
 * The segments with their past in place of the inferred one; what was seen stays as it is, also
 * what was seen before an absence.
 */
export function rebuildPast(
  sub: Subscription,
  known: KnownPast,
  segments: readonly Segment[],
  options: MrrOptions,
  facts: MrrFacts,
  clock: PastClock,
  { followedSince, liveSince, seenTo = -Infinity }: RebuildTimes,
): Rebuilt {
  const at = seenSince(segments, followedSince, liveSince);
  const live = valueAt(segments, at);
  const past = wholePast(sub, known, live, options, facts, at, clock);
  // What was inferred in the first reading was seen from there on.
  const since = after(segments, at).map((each) =>
    each.quality !== "inferred" || !isSeen(clock.seen, Math.max(each.from, clock.seen.since))
      ? each
      : { ...each, quality: "live" as const }
  );
  const rebuilt = after(before(past.segments, at), seenTo);
  return {
    segments: followedBy(followedBy(before(segments, seenTo), rebuilt), since),
    corrections: past.corrections.filter((each) => each.at > seenTo),
  };
}

/**
 * The segments with what events tell from `from` on, Unix seconds: what was noted as one change may
 * have been several.
 *
 * @param states What is known of the object's past, those events with it.
 */
export function retoldPast(
  sub: Subscription,
  states: PastStates,
  segments: readonly Segment[],
  options: MrrOptions,
  facts: MrrFacts,
  seen: Seen,
  { from, to: now }: Stretch,
): readonly Segment[] {
  const past = stateSegments(states, sub, now, options, facts, seen);
  const live = mrr(sub, now, options, facts);
  const told = after(liveAfter(past, sub, live, now), from);
  const kept = before(segments, from);
  const last = kept.at(-1);
  if (!last || last.to !== from || told[0]?.from === from) return followedBy(kept, told);
  const cause = causeOf(stateAt(states, from) ?? sub);
  return followedBy([...kept.slice(0, -1), { cause, ...last }], told);
}
