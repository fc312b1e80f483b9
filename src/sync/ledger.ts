/**
 * Keeps the store true: translates what Stripe returned, values it, and writes standing and
 * segments. Objects that cannot be understood are kept as unreadable.
 *
 * @module
 */
import type { MrrFacts, MrrResult } from "../metrics/mrr.ts";
import { nextChangeAt } from "../metrics/next_change.ts";
import type { Correction } from "../metrics/history.ts";
import { lateSince } from "../metrics/history_line.ts";
import { linesOf } from "../metrics/invoice_lines.ts";
import { type PastStates, sameMeaning, withState } from "../metrics/past_states.ts";
import { rebuildPast, type RebuildTimes, wholePast } from "../metrics/rebuild.ts";
import { inferSegments } from "../metrics/infer.ts";
import { changeSegments, liveAfter, type Segment } from "../metrics/segments.ts";
import { type Standing, standingOf } from "../metrics/standing.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceInfo, SourceStore } from "../store/port.ts";
import { ShapeError } from "../stripe/shape.ts";
import { translateSubscription } from "../stripe/translate.ts";
import { createObjectMirror, idIn, type ObjectMirror, readObject } from "./object_mirror.ts";
import type { EventLog } from "./replay.ts";

/** What the configuration leaves out of every figure (design.md section 3). */
export interface Exclusion {
  readonly customers: readonly string[];
  readonly products: readonly string[];
  readonly prices: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const NO_EXCLUSION: Exclusion = { customers: [], products: [], prices: [], metadata: {} };

export interface Ledger extends ObjectMirror {
  /**
   * A subscription as it was read at `now`. Its past is inferred in the first reading; once
   * changes are followed, what was seen stays.
   */
  putListed(value: unknown, now: number): void;
  /** Whether a subscription as Stripe has it means something else than what is mirrored of it. */
  differs(value: unknown): boolean;
  /** A subscription after a change at `at`; its past stays. */
  putChanged(value: unknown, at: number, now: number): void;
  /** A subscription that Stripe no longer has. */
  putGone(id: string, at: number): void;
  /** Values those again, as something that they depend on has changed or become known. */
  revalue(now: number, subs: Iterable<Subscription>): void;
  /**
   * Puts the past that a subscription's invoices and events tell in place of the inferred one;
   * what was seen as it happened stays. Returns where object and invoices differ.
   */
  rebuild(
    subscription: string,
    times: RebuildTimes,
    events?: Pick<EventLog, "replay"> | null,
  ): readonly Correction[];
  /** Takes a subscription back as it was kept: valued at `at`, its segments as they are. */
  restore(sub: Subscription, segments: readonly Segment[], at: number): void;
  /** Values everything again under other options or in another time zone, from the mirror. */
  recount(info: SourceInfo, now: number): void;
  /** When something changes by time alone next, Unix seconds, or before; `Infinity` for never. */
  dueAt(): number;
  /** Values again what changes by time alone and is due; returns how many. */
  tick(now: number): number;
}

export function createLedger(store: SourceStore, exclusion: Exclusion = NO_EXCLUSION): Ledger {
  const mirror = createObjectMirror(store);
  const metadataKeys = Object.keys(exclusion.metadata);
  const interned = { price: store.price, coupon: store.coupon, metadataKeys };
  /** When a subscription's value changes by itself next. */
  const due = new Map<string, number>();
  let nextDue = Infinity;

  /** A customer who was forgotten stays so, whatever Stripe goes on to tell. */
  function called(sub: Subscription): Subscription {
    const customer = store.calledCustomer(sub.customer);
    return customer === sub.customer ? sub : { ...sub, customer };
  }

  const translated = (json: unknown) => called(translateSubscription(json, interned));

  /** Since when a subscription is past due: as it was seen, else by its unpaid invoices. */
  function lateSinceOf({ id, status }: Subscription): number | undefined {
    const seen = store.pastDueSince(id);
    if (seen !== undefined || status !== "past_due") return seen;
    const history = store.history(id);
    return (history && lateSince(linesOf(history))) ?? undefined;
  }

  const pastClock = () => ({
    eventsSince: store.status.eventsSince,
    dayStart: (at: number) => store.calendar.startOf(store.calendar.dayOf(at)),
  });

  function factsOf(sub: Subscription): MrrFacts {
    return {
      coupon: store.coupon,
      price: store.price,
      customerDiscount: store.customerDiscount(sub.customer) ?? null,
      pastDueSince: lateSinceOf(sub),
      inclusiveTaxPercent: store.inclusiveTax(sub.id),
    };
  }

  function isExcluded(sub: Subscription): boolean {
    return exclusion.customers.includes(sub.customer) ||
      sub.items.some(({ price }) =>
        exclusion.prices.includes(price.id) || exclusion.products.includes(price.product)
      ) ||
      Object.entries(exclusion.metadata).some(([key, value]) => sub.metadata[key] === value);
  }

  /** The past from invoices where they were read, else inferred from the object. */
  function pastOf(
    sub: Subscription,
    now: number,
    facts: MrrFacts,
    { mrr, lines }: Standing,
    result: MrrResult,
  ): readonly Segment[] {
    const { options } = store.info;
    const { liveSince } = store.status;
    const known = { history: store.history(sub.id), states: store.pastStates(sub.id) };
    if ((!known.history && !known.states) || mrr === null) {
      return inferSegments(sub, now, options, facts, result, lines);
    }
    // A change since would have been noted.
    if (!known.states && liveSince !== null) known.states = { since: liveSince, states: [] };
    const { segments, corrections } = wholePast(
      sub,
      known,
      { exact: mrr, lines },
      options,
      facts,
      now,
      { ...pastClock(), liveSince: liveSince ?? now },
    );
    store.setCorrections(sub.id, corrections);
    return liveAfter(segments, sub, result, now, lines);
  }

  /** Notes what the object was until a change, so that the past can be recounted. */
  function note(sub: Subscription, at: number): void {
    const before = store.standing(sub.id)?.sub;
    const since = store.status.liveSince;
    if (!before || since === null || sameMeaning(before, sub)) return;
    store.setPastStates(sub.id, withState(store.pastStates(sub.id), before, at, since));
  }

  /** What events tell of a subscription before changes were followed. */
  function readStates(
    sub: Subscription,
    { liveSince }: RebuildTimes,
    events: Pick<EventLog, "replay"> | null,
  ): PastStates | null {
    const told = events && events.replay(sub, store.pastStates(sub.id), liveSince);
    return told && {
      ...told,
      states: told.states.map((state) => ({ ...state, sub: called(state.sub) })),
    };
  }

  function value(sub: Subscription, now: number, changedAt: number | null): void {
    const { options } = store.info;
    const facts = factsOf(sub);
    const { standing, result } = standingOf(sub, now, options, facts, isExcluded(sub));
    if (changedAt !== null) note(sub, changedAt);
    const segments = standing.reason === "excluded"
      ? []
      : changedAt === null
      ? pastOf(sub, now, facts, standing, result)
      : changeSegments(store.segments(sub.id), sub, result, changedAt, standing.lines);
    store.record(standing, segments);
    noteDue(sub, now, facts);
  }

  /** Notes when the value changes by itself next. */
  function noteDue(sub: Subscription, now: number, facts: MrrFacts): void {
    const next = nextChangeAt(sub, now, store.info.options, facts);
    if (next === null) due.delete(sub.id);
    else {
      due.set(sub.id, next);
      nextDue = Math.min(nextDue, next);
    }
  }

  /** Whether anything of a subscription's past is known. */
  function hasPast(id: string): boolean {
    const before = store.standing(id);
    return before !== undefined && (before.mrr !== null || store.segments(id).length > 0);
  }

  /** When what is read now has changed, or `null` where its whole past is to be inferred. */
  function changeSeen(id: string, now: number): number | null {
    return store.status.liveSince !== null && hasPast(id) ? now : null;
  }

  return {
    ...mirror,
    putListed: (json, now) =>
      readObject(store, json, "subscription", () => {
        const sub = translated(json);
        value(sub, now, changeSeen(sub.id, now));
      }),
    differs(json) {
      try {
        const sub = translated(json);
        const known = store.standing(sub.id)?.sub;
        return !known || known.status !== sub.status || !sameMeaning(known, sub);
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        const { message: problem } = error;
        return !store.unreadable().some((one) => one.id === idIn(json) && one.problem === problem);
      }
    },
    putChanged: (json, at, now) =>
      readObject(store, json, "subscription", () => {
        const sub = translated(json);
        const before = store.standing(sub.id)?.sub;
        if (sub.status !== "past_due") store.setPastDueSince(sub.id, null);
        else if (before && before.status !== "past_due") store.setPastDueSince(sub.id, at);
        value(sub, now, hasPast(sub.id) ? at : null);
      }),
    putGone(id, at) {
      const standing = store.standing(id);
      store.clearUnreadable(id);
      if (standing) value({ ...standing.sub, status: "canceled", endedAt: at }, at, at);
    },
    revalue(now, subs) {
      for (const sub of subs) value(sub, now, changeSeen(sub.id, now));
    },
    rebuild(id, times, events = null) {
      const standing = store.standing(id);
      if (!standing || standing.mrr === null || standing.reason === "excluded") return [];
      const { sub } = standing;
      const { options } = store.info;
      const told = readStates(sub, times, events);
      if (told) store.setPastStates(id, told);
      const known = { history: store.history(id), states: store.pastStates(id) };
      if (!known.history && !known.states) return [];
      const before = store.segments(id);
      const past = rebuildPast(sub, known, before, options, factsOf(sub), times, pastClock());
      store.record(standing, past.segments);
      store.setCorrections(id, past.corrections);
      return past.corrections;
    },
    restore(sub, segments, at) {
      const facts = factsOf(sub);
      const { standing } = standingOf(sub, at, store.info.options, facts, isExcluded(sub));
      store.record(standing, segments);
      noteDue(sub, at, facts);
    },
    recount(info, now) {
      const subs = [...store.standings()].map(({ sub }) => sub);
      store.setInfo(info);
      store.clearFigures();
      for (const sub of subs) value(sub, now, null);
    },
    dueAt: () => nextDue,
    tick(now) {
      if (now < nextDue) return 0;
      nextDue = Infinity;
      let changes = 0;
      for (const [id, at] of [...due]) {
        if (at > now) {
          nextDue = Math.min(nextDue, at);
          continue;
        }
        const sub = store.standing(id)?.sub;
        due.delete(id);
        if (!sub) continue;
        value(sub, Math.max(at, now), at);
        changes++;
      }
      if (changes > 0) store.setStatus({ valuedTo: now });
      return changes;
    },
  };
}
