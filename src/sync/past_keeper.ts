/**
 * The pasts of a source's subscriptions: what was noted as it happened, what events and invoices
 * tell of the rest, and the segments that follow (metrics.md B.6).
 *
 * @module
 */
import type { Correction } from "../metrics/history.ts";
import type { PastClock } from "../metrics/invoice_past.ts";
import type { MrrFacts, MrrResult } from "../metrics/mrr.ts";
import { type PastStates, sameMeaning, stateAt, withState } from "../metrics/past_states.ts";
import { rebuildPast, type RebuildTimes, retoldPast, wholePast } from "../metrics/rebuild.ts";
import { joinOverAbsence, retell } from "../metrics/retold_states.ts";
import { isSeen, type Seen } from "../metrics/seen.ts";
import { inferSegments } from "../metrics/infer.ts";
import { liveAfter, type Segment } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceStore } from "../store/port.ts";
import { recordBookable } from "./unreadable.ts";
import type { EventLog } from "./replay.ts";

type Events = Pick<EventLog, "replay">;

export interface PastKeeper {
  /** The past from invoices and events where they were read, else inferred from the object. */
  whole(
    sub: Subscription,
    now: number,
    facts: MrrFacts,
    standing: Standing,
    result: MrrResult,
  ): readonly Segment[];
  /** Notes what the object was until a change, so that the past can be recounted. */
  note(sub: Subscription, at: number): void;
  /** One that is met for the first time: since it was created all its changes are noted. */
  begin(sub: Subscription): void;
  /** The segments with that from `at` on marked as told, where nobody looked then. */
  asSeen(segments: readonly Segment[], at: number): readonly Segment[];
  rebuild(id: string, times: RebuildTimes, events: Events | null): readonly Correction[];
  /**
   * Corrects what was noted by what events before `until` tell; the segments that follow, or `null`
   * where they tell nothing new.
   */
  retell(id: string, events: Events, until: number, now: number): readonly Segment[] | null;
}

/**
 * @param factsOf What a subscription is valued with.
 * @param called A subscription under the name that its customer goes by.
 */
export function createPastKeeper(
  store: SourceStore,
  factsOf: (sub: Subscription) => MrrFacts,
  called: (sub: Subscription) => Subscription,
): PastKeeper {
  /** Which changes were seen; before following began, those since `since`. */
  function seenSince(since: number): Seen {
    const { liveSince, absences } = store.status;
    return { since: liveSince ?? since, absences };
  }

  const clockSince = (since: number): PastClock => ({
    seen: seenSince(since),
    eventsSince: store.status.eventsSince,
    dayStart: (at) => store.calendar.startOf(store.calendar.dayOf(at)),
  });

  const knownOf = (id: string) => ({
    history: store.history(id),
    states: store.pastStates(id),
    phaseStarts: store.money.scheduleOf(id)?.phases.map(({ start }) => start),
  });

  /** What events tell before `to`, before what is known; `null` where they tell nothing. */
  function told(
    sub: Subscription,
    known: PastStates | undefined,
    to: number,
    events: Events | null,
  ): PastStates | null {
    const states = events && events.replay(sub, known, to);
    return states && {
      ...states,
      states: states.states.map((state) => ({ ...state, sub: called(state.sub) })),
    };
  }

  /** What is known over an absence that is rebuilt; Stripe may have no events of its beginning. */
  function statesOver(
    sub: Subscription,
    { followedSince: to }: RebuildTimes,
    from: number,
    events: Events | null,
  ): PastStates {
    const since = Math.max(store.status.liveSince ?? to, sub.created);
    const noted = store.pastStates(sub.id) ?? { since, states: [] };
    const states = noted.states.filter(({ until }) => until > to);
    const [first] = states;
    const later = first && { since: first.until, states };
    const after = told(sub, later, first?.until ?? to, events) ?? { since: to, states };
    const before = sub.created < from ? stateAt(noted, from) ?? first?.sub ?? sub : undefined;
    return joinOverAbsence(noted, before, { from, to }, after);
  }

  function read(sub: Subscription, times: RebuildTimes, events: Events | null): PastStates | null {
    if (times.seenTo !== undefined) return statesOver(sub, times, times.seenTo, events);
    return told(sub, store.pastStates(sub.id), times.liveSince, events);
  }

  /** Since when it is past due, where its states tell. */
  function noteLateness(sub: Subscription, { states }: PastStates): void {
    if (sub.status !== "past_due") return;
    const since = states.findLast((state) => state.sub.status !== "past_due")?.until;
    if (since !== undefined) store.setPastDueSince(sub.id, since);
  }

  return {
    whole(sub, now, facts, { mrr, lines }, result) {
      const { options } = store.info;
      const { liveSince } = store.status;
      const known = knownOf(sub.id);
      if ((!known.history && !known.states) || mrr === null) {
        return inferSegments(sub, now, options, facts, result, lines);
      }
      // A change since would have been noted.
      if (!known.states && liveSince !== null) known.states = { since: liveSince, states: [] };
      const live = { exact: mrr, lines };
      const past = wholePast(sub, known, live, options, facts, now, clockSince(now));
      store.setCorrections(sub.id, past.corrections);
      return liveAfter(past.segments, sub, result, now, lines);
    },
    note(sub, at) {
      const before = store.standing(sub.id)?.sub;
      const since = store.status.liveSince;
      if (!before || since === null || sameMeaning(before, sub)) return;
      store.setPastStates(sub.id, withState(store.pastStates(sub.id), before, at, since));
    },
    begin(sub) {
      const { liveSince } = store.status;
      if (liveSince === null || sub.created < liveSince || store.pastStates(sub.id)) return;
      store.setPastStates(sub.id, { since: sub.created, states: [] });
    },
    asSeen(segments, at) {
      const last = segments.at(-1);
      const told = last && last.quality === "live" && last.from >= at && last.to === null &&
        !isSeen(seenSince(at), last.from);
      return told ? [...segments.slice(0, -1), { ...last, quality: "event" }] : segments;
    },
    rebuild(id, times, events) {
      const standing = store.standing(id);
      if (!standing || standing.mrr === null || standing.reason === "excluded") return [];
      const { sub } = standing;
      const states = read(sub, times, events);
      if (states) store.setPastStates(id, states);
      const known = knownOf(id);
      if (!known.history && !known.states) return [];
      const clock = clockSince(times.liveSince);
      const facts = factsOf(sub);
      const before = store.segments(id);
      const past = rebuildPast(sub, known, before, store.info.options, facts, clock, times);
      recordBookable(store, standing, past.segments);
      store.setCorrections(id, past.corrections);
      return past.corrections;
    },
    retell(id, events, until, now) {
      const sub = store.standing(id)?.sub;
      const states = sub ? told(sub, undefined, until, events) : null;
      if (!sub || !states) return null;
      const noted = store.pastStates(id);
      const isFirst = (noted?.states.length ?? 0) === 0 && states.since <= sub.created;
      const retold = retell(noted, states, isFirst && sub.created >= (store.status.liveSince ?? 0));
      if (!retold) return null;
      store.setPastStates(id, retold.states);
      noteLateness(sub, retold.states);
      const { options } = store.info;
      const stretch = { from: retold.from, to: now };
      const facts = factsOf(sub);
      const before = store.segments(id);
      return retoldPast(sub, retold.states, before, options, facts, seenSince(now), stretch);
    },
  };
}
