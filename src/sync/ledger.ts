/**
 * Keeps the store true: translates what Stripe returned, values it, and writes standing and
 * segments. Objects that cannot be understood are kept as unreadable.
 *
 * @module
 */
import type { Correction } from "../metrics/history.ts";
import { lateSince } from "../metrics/history_line.ts";
import { linesOf } from "../metrics/invoice_lines.ts";
import type { MrrFacts } from "../metrics/mrr.ts";
import { nextChangeAt } from "../metrics/next_change.ts";
import { sameMeaning } from "../metrics/past_states.ts";
import type { RebuildTimes } from "../metrics/rebuild.ts";
import { changeSegments, type Segment } from "../metrics/segments.ts";
import { standingOf } from "../metrics/standing.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceInfo, SourceStore } from "../store/port.ts";
import { idIn, ShapeError } from "../stripe/shape.ts";
import { recordBookable } from "./unreadable.ts";
import { translateSubscription } from "../stripe/translate.ts";
import { createPastKeeper } from "./past_keeper.ts";
import { createObjectMirror, type ObjectMirror, readObject } from "./object_mirror.ts";
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
  /** The same where what became known has always been so: their past is valued again, too. */
  revalueWhole(now: number, subs: Iterable<Subscription>): void;
  /**
   * Puts the past that a subscription's invoices and events tell in place of the inferred one, or
   * of what an absence left; what was seen as it happened stays. Returns where object and invoices
   * differ.
   */
  rebuild(
    subscription: string,
    times: RebuildTimes,
    events?: Pick<EventLog, "replay"> | null,
  ): readonly Correction[];
  /**
   * Dates the changes of a subscription by their events, where several were applied as one or
   * nobody looked when they happened.
   *
   * @param until Events before (Unix seconds) are in the object as it was read.
   */
  retell(
    subscription: string,
    events: Pick<EventLog, "replay">,
    until: number,
    now: number,
  ): void;
  /**
   * What is listed from here on is as of the end of an absence, until `null` is given: when in
   * the absence it changed is told afterwards. Unix seconds.
   */
  listAsOf(at: number | null): void;
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

  const past = createPastKeeper(store, factsOf, called);
  let listedAt: number | null = null;

  const translated = (json: unknown) => called(translateSubscription(json, interned));

  /** Since when a subscription is past due: as it was seen, else by its unpaid invoices. */
  function lateSinceOf({ id, status }: Subscription): number | undefined {
    const seen = store.pastDueSince(id);
    if (seen !== undefined || status !== "past_due") return seen;
    const history = store.history(id);
    return (history && lateSince(linesOf(history))) ?? undefined;
  }

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

  function value(sub: Subscription, now: number, changedAt: number | null): void {
    const { options } = store.info;
    const facts = factsOf(sub);
    const { standing, result } = standingOf(sub, now, options, facts, isExcluded(sub));
    if (changedAt !== null) past.note(sub, changedAt);
    const segments = standing.reason === "excluded"
      ? []
      : changedAt === null
      ? past.whole(sub, now, facts, standing, result)
      : past.asSeen(
        changeSegments(store.segments(sub.id), sub, result, changedAt, standing.lines),
        changedAt,
      );
    recordBookable(store, standing, segments);
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
    return store.status.liveSince !== null && hasPast(id) ? listedAt ?? now : null;
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
        const known = hasPast(sub.id);
        if (!known) past.begin(sub);
        value(sub, now, known ? at : null);
      }),
    putGone(id, at) {
      const standing = store.standing(id);
      store.clearUnreadable(id);
      if (standing) value({ ...standing.sub, status: "canceled", endedAt: at }, at, at);
    },
    revalueWhole(now, subs) {
      for (const sub of subs) value(sub, now, null);
    },
    revalue(now, subs) {
      for (const sub of subs) value(sub, now, changeSeen(sub.id, now));
    },
    rebuild: (id, times, events = null) => past.rebuild(id, times, events),
    retell(id, events, until, now) {
      const reason = store.standing(id)?.reason;
      const segments = reason === "excluded" ? null : past.retell(id, events, until, now);
      const sub = store.standing(id)?.sub;
      if (!segments || !sub) return;
      const facts = factsOf(sub);
      const { standing } = standingOf(sub, now, store.info.options, facts, isExcluded(sub));
      recordBookable(store, standing, segments);
      noteDue(sub, now, facts);
    },
    listAsOf: (at) => void (listedAt = at),
    restore(sub, segments, at) {
      const facts = factsOf(sub);
      const { standing } = standingOf(sub, at, store.info.options, facts, isExcluded(sub));
      recordBookable(store, standing, segments);
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
