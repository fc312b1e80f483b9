/**
 * What nobody can find out of the past from what Stripe keeps (metrics.md B.6, limits): stretches
 * before the thirty days of events in which neither an invoice nor the object tells the truth.
 */
import type { Counting } from "./counting.ts";
import { linesOf } from "./invoice_lines.ts";
import { fateOf, invoicesOf } from "./invoices.ts";
import { current, discountsOf, periodOf, type Sub, type SubState } from "./state.ts";

export interface Lost {
  /** Unix seconds; half open. */
  readonly from: number;
  readonly to: number;
  /** When an invoice showed the state before for the last time; the opening if none did. */
  readonly shownAt: number;
  readonly reason:
    | "changed without proration"
    | "drafts only"
    | "pause within a period"
    | "past due"
    | "cancellation undone"
    | "coupon on no invoice";
}

type Stretch = Omit<Lost, "shownAt">;

/** A run of states of one kind, and the state after it, if one came. */
interface Run {
  readonly from: number;
  readonly first: SubState;
  readonly next: SubState | null;
}

function runsOf({ states }: Sub, isSuch: (state: SubState) => boolean): Run[] {
  return states.flatMap((state, index) => {
    const before = states[index - 1];
    if (!isSuch(state) || (before && isSuch(before))) return [];
    const next = states.slice(index).find((each) => !isSuch(each)) ?? null;
    return [{ from: state.at, first: state, next }];
  });
}

/** Until the next renewal shows it. */
function untilRenewal(state: SubState): number {
  return periodOf(state, state.at).end;
}

function lostInPauses(sub: Sub, { pauseCollection }: Counting): Stretch[] {
  if (pauseCollection === "count") return [];
  return runsOf(sub, ({ pause }) => pause !== null).flatMap(({ from, first, next }): Stretch[] => {
    const to = next?.at ?? Infinity;
    if (first.pause?.behavior === "keep_as_draft") {
      const reason = "drafts only";
      // The first invoice that is none shows what it is worth again.
      const shown = next && next.status !== "canceled" ? untilRenewal(next) : to;
      return pauseCollection === "exclude" ? [{ from, to: shown, reason }] : [];
    }
    const reason = "pause within a period";
    const begins: Stretch = { from, to: Math.min(to, untilRenewal(first)), reason };
    const resumed = next && next.status !== "canceled" ? next : null;
    return resumed ? [begins, { from: to, to: untilRenewal(resumed), reason }] : [begins];
  });
}

function lostWhilePastDue(sub: Sub, { pastDue }: Counting): Stretch[] {
  if (pastDue === "count") return [];
  // What is past due now has an open invoice, which tells since when.
  return runsOf(sub, ({ status }) => status === "past_due").flatMap(({ from, next }) =>
    next ? [{ from, to: next.at, reason: "past due" } as const] : []
  );
}

function lostByRegret(sub: Sub, { cancellation }: Counting): Stretch[] {
  if (cancellation === "at_end") return [];
  return runsOf(sub, ({ cancelAt }) => cancelAt !== null).flatMap(({ from, next }) =>
    next?.cause === "cancel_undone"
      ? [{ from, to: next.at, reason: "cancellation undone" } as const]
      : []
  );
}

/** Discounts that came and went between two invoices. */
function lostCoupons(sub: Sub, now: number, counting: Counting): Stretch[] {
  const kept = new Set(discountsOf(current(sub)).map(({ id }) => id));
  const all = new Map(
    sub.states.flatMap((state) => discountsOf(state)).map((each) => [each.id, each]),
  );
  const gone = [...all.values()].filter(({ id, coupon: { duration } }) =>
    !kept.has(id) && (duration !== "repeating" || counting.subtractRepeating) &&
    (duration !== "once" || counting.subtractOnce)
  );
  if (gone.length === 0) return [];
  const told = new Set(
    invoicesOf(sub, 0, now).flatMap(linesOf).flatMap(({ discounts }) => discounts)
      .map(({ discount }) => discount.id),
  );
  return gone.filter(({ id }) => !told.has(id)).map(({ start, leavesAt }) => ({
    from: start,
    to: leavesAt ?? Infinity,
    reason: "coupon on no invoice",
  }));
}

function lostSilently({ states }: Sub, now: number): Stretch[] {
  return states.filter((state) =>
    state.cause === "changed_silently" ||
    (state.cause === "changed_pending" && untilRenewal(state) > now)
  ).map((state) => ({
    from: state.at,
    to: untilRenewal(state),
    reason: "changed without proration",
  }));
}

/**
 * The stretches of each subscription that cannot be known, under a way of counting.
 *
 * @param since Where the events begin; nothing after it is lost but what began before.
 */
export function unrecoverable(
  subs: readonly Sub[],
  since: number,
  now: number,
  counting: Counting,
): ReadonlyMap<string, readonly Lost[]> {
  const found = new Map<string, readonly Lost[]>();
  for (const sub of subs) {
    const lost = [
      ...lostSilently(sub, now),
      ...lostInPauses(sub, counting),
      ...lostWhilePastDue(sub, counting),
      ...lostByRegret(sub, counting),
      ...lostCoupons(sub, now, counting),
    ].filter(({ from }) => from < since).map((each) =>
      // Whether a failure is older than so many days depends on its beginning, in the events too.
      each.reason === "past due" ? each : { ...each, to: Math.min(each.to, since) }
    ).filter(({ from, to }) => from < to);
    if (lost.length === 0) continue;
    const invoices = invoicesOf(sub, 0, now).filter((ref) => fateOf(ref, now).status !== "draft");
    const shownAt = (from: number) =>
      invoices.findLast(({ created }) => created < from)?.created ?? sub.created;
    found.set(sub.id, lost.map((each) => ({ ...each, shownAt: shownAt(each.from) })));
  }
  return found;
}
