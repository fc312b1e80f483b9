/**
 * What is already known to change MRR (metrics.md C.11, part 1): scheduled cancellations of what
 * still counts, schedules that have not started, coming phases, and repeating discounts that end.
 *
 * @module
 */
import { mrr, type MrrFacts } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { equal, type Rational, subtract, ZERO } from "./rational.ts";
import { type Schedule, subscriptionIn } from "./schedules.ts";
import type { Discount, Subscription } from "./types.ts";

export const KNOWN_CHANGES = [
  "cancellation",
  "schedule_start",
  "phase_change",
  "discount_end",
] as const;
export type KnownChangeKind = typeof KNOWN_CHANGES[number];

/** A change of MRR at a moment (Unix seconds) to come. */
export interface KnownChange {
  readonly kind: KnownChangeKind;
  readonly at: number;
  /** The subscription, or the schedule that will create it. */
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  /** Signed minor units a month; never 0. */
  readonly delta: Rational;
}

export interface KnownInput {
  /** `null` for a schedule that has not started. */
  readonly sub: Subscription | null;
  /** MRR now; `null` where it could not be valued. */
  readonly mrr: Rational | null;
  readonly schedule: Schedule | null;
  readonly options: MrrOptions;
  readonly facts: MrrFacts;
  /** Unix seconds. */
  readonly now: number;
}

/** When a cancellation takes effect, or `null` where none is scheduled. */
export function cancellationAt({ cancelAt, cancelAtPeriodEnd, items }: Subscription) {
  if (cancelAt !== null) return cancelAt;
  return cancelAtPeriodEnd
    ? Math.max(...items.map(({ currentPeriodEnd }) => currentPeriodEnd))
    : null;
}

type Turn = { readonly at: number; readonly kind: KnownChangeKind; readonly value: () => Turned };
/** What it is worth from then on, or `null` where that cannot be known. */
type Turned = Rational | null;

function isRepeating({ couponId, coupon }: Discount, { coupon: mirrored }: MrrFacts): boolean {
  const known = (couponId === null ? undefined : mirrored?.(couponId)) ?? coupon;
  return known?.duration === "repeating";
}

function discountEnds(sub: Subscription, facts: MrrFacts): number[] {
  const shared = sub.discounts.length > 0
    ? sub.discounts
    : facts.customerDiscount
    ? [facts.customerDiscount]
    : [];
  const all = [...shared, ...sub.items.flatMap(({ discounts }) => discounts)];
  return all.flatMap((discount) =>
    discount.end !== null && isRepeating(discount, facts) ? [discount.end] : []
  );
}

/** The turns of one subscription or schedule, in order. */
function turnsOf({ sub, schedule, options, facts, now }: KnownInput): Turn[] {
  const turns: Turn[] = [];
  let current = sub;
  const valueAt = (of: Subscription | null, at: number): Turned => {
    const result = of && mrr(of, at, options, facts);
    return result?.kind === "value" ? result.amount : null;
  };
  const phases = schedule?.status === "active" || schedule?.status === "not_started"
    ? schedule.phases
    : [];
  for (const [index, phase] of phases.entries()) {
    if (phase.start <= now) continue;
    const first = schedule!.subscription === null && index === 0;
    turns.push({
      at: Math.max(phase.start, phase.trialEnd ?? 0),
      kind: first ? "schedule_start" : "phase_change",
      value() {
        current = subscriptionIn(schedule!, phase, facts.price ?? (() => undefined), sub);
        return valueAt(current, Math.max(phase.start, phase.trialEnd ?? 0));
      },
    });
  }
  // Only where discounts that end are subtracted does their end give anything back.
  if (sub && options.subtractRepeating) {
    for (const at of new Set(discountEnds(sub, facts))) {
      if (at > now) turns.push({ at, kind: "discount_end", value: () => valueAt(current, at) });
    }
  }
  const cancelled = sub && cancellationAt(sub);
  if (cancelled != null && cancelled > now) {
    turns.push({ at: cancelled, kind: "cancellation", value: () => ZERO });
  }
  return turns.sort((a, b) => a.at - b.at);
}

/** The known changes of one subscription, or of a schedule that will create one, in order. */
export function knownChanges(input: KnownInput): readonly KnownChange[] {
  const { sub, schedule, mrr: now } = input;
  // What does not count now is not in the sum that changes: it is in trial, paused or unknown.
  if (sub && (now === null || now.n === 0n)) return [];
  const changes: KnownChange[] = [];
  let value = now ?? ZERO;
  for (const turn of turnsOf(input)) {
    const next = turn.value();
    if (next === null) continue;
    if (!equal(next, value)) {
      changes.push({
        kind: turn.kind,
        at: turn.at,
        subscription: sub?.id ?? schedule!.id,
        customer: sub?.customer ?? schedule!.customer,
        currency: sub?.currency ?? schedule!.phases[0]!.currency,
        delta: subtract(next, value),
      });
    }
    value = next;
    if (turn.kind === "cancellation") break;
  }
  return changes;
}
