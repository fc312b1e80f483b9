/**
 * What a subscription was before each second in which events tell that it changed, newest to oldest
 * (metrics.md B.6 step 3).
 *
 * @module
 */
import { type PastState, type PastStates, sameMeaning } from "../metrics/past_states.ts";
import type { Subscription } from "../metrics/types.ts";
import type { Field } from "../stripe/change.ts";
import type { Second } from "../stripe/one_second.ts";
import { undoChange, undoDeletion, type UndoMirror } from "../stripe/undo.ts";

/** The status that a subscription had when it was deleted, where no event before tells it. */
function untoldStatus(sub: Subscription, at: number): string | null {
  if (sub.trialEnd !== null && sub.trialEnd >= at) return "trialing";
  // After failed payments it was past due or unpaid, which differ in worth.
  return sub.cancelReason === "payment_failed" ? null : "active";
}

/** A subscription, with the fields of it that could not be read of an event since. */
interface Told {
  readonly sub: Subscription;
  readonly doubt: ReadonlySet<Field>;
}

/** What stood before a second; `null` where the events do not tell. */
function before({ sub, doubt }: Told, second: Second, older: Second | null, mirror: UndoMirror) {
  if (second.created) return null;
  const status = second.deleted
    ? second.status ?? older?.status ?? untoldStatus(sub, second.at)
    : sub.status;
  if (status === null) return null;
  const lasting = second.deleted ? undoDeletion(sub, second.at, status) : sub;
  const undone = undoChange(lasting, second.previous, mirror, second.at);
  const left = new Set(doubt);
  for (const field of Object.keys(second.previous)) left.delete(field as Field);
  let earlier = undone.sub;
  for (const field of [...second.unread.keys(), ...undone.unread.keys()]) {
    // What it was then is what the event before left.
    const value = older?.after(field);
    const told = value === undefined ? null : undoChange(earlier, { [field]: value }, mirror, 0);
    if (told && told.unread.size === 0) earlier = told.sub;
    else left.add(field);
  }
  const unread = [...second.unread.values(), ...undone.unread.values()];
  return { told: { sub: earlier, doubt: left }, unread };
}

/**
 * The states before each second, oldest first. One that cannot be read is as the one after it, and
 * doubtful; those before it are told on.
 *
 * @param seconds Of one subscription, newest first.
 * @param note Told of each second that cannot be read as a whole.
 */
export function statesBefore(
  base: Subscription,
  seconds: readonly Second[],
  since: number,
  mirror: UndoMirror,
  note: (at: number, problem: string) => void,
): PastStates {
  const states: PastState[] = [];
  let told: Told = { sub: base, doubt: new Set() };
  for (const [index, second] of seconds.entries()) {
    const { at } = second;
    const earlier = before(told, second, seconds[index + 1] ?? null, mirror);
    if (earlier === null) return { since: at, states: states.reverse() };
    if (earlier.unread.length > 0) note(at, earlier.unread[0]!);
    const { sub, doubt } = earlier.told;
    const doubtful = doubt.size > 0;
    if (!sameMeaning(sub, told.sub) || doubtful !== told.doubt.size > 0) {
      states.push({ until: at, sub, ...(doubtful ? { doubtful } : {}) });
    }
    told = earlier.told;
  }
  return { since: Math.max(since, base.created), states: states.reverse() };
}
