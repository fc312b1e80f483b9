/**
 * What a subscription was before each second in which events tell that it changed, newest to oldest
 * (metrics.md B.6 step 3).
 *
 * @module
 */
import { type PastState, type PastStates, sameMeaning } from "../metrics/past_states.ts";
import type { Subscription } from "../metrics/types.ts";
import type { Field } from "../stripe/change.ts";
import { isObject } from "../stripe/older_shapes.ts";
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

/** What the seconds before left in a field, newest first; `undefined` where they do not tell it. */
function leftBy(older: readonly Second[], field: Field): unknown {
  for (const second of older) {
    const value = second.after(field);
    const changed = field in second.previous || second.unread.has(field) || second.created;
    if (value !== undefined || changed) return value;
  }
}

/** Fields that a deletion sets. What they were the changes before it tell, if any do. */
const ENDING = ["canceled_at", "cancellation_details"] as const;

/** A subscription before it was deleted; `null` where its status then is not told. */
function beforeEnd(
  sub: Subscription,
  at: number,
  seconds: readonly Second[],
  mirror: UndoMirror,
): Subscription | null {
  const told = seconds.find(({ status }) => status !== null)?.status;
  const status = told ?? untoldStatus(sub, at);
  if (status === null) return null;
  const left = ENDING.flatMap((field) => {
    const value = leftBy(seconds, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  return undoChange(undoDeletion(sub, at, status), Object.fromEntries(left), mirror, at).sub;
}

/** What stood before a second; `null` where the events do not tell. */
function before(
  { sub, doubt }: Told,
  second: Second,
  older: readonly Second[],
  mirror: UndoMirror,
) {
  if (second.created) return null;
  const { at } = second;
  const lasting = second.deleted ? beforeEnd(sub, at, [second, ...older], mirror) : sub;
  if (lasting === null) return null;
  const undone = undoChange(lasting, second.previous, mirror, at);
  const left = new Set(doubt);
  for (const field of Object.keys(second.previous)) left.delete(field as Field);
  // Ten items out of more do not tell what the others were.
  const { items } = second.previous;
  const partial = isObject(items) && items.has_more === true;
  const unseen = second.hidden && undone.sub.items.length === lasting.items.length;
  if (unseen || (partial && doubt.has("items"))) left.add("items");
  let earlier = undone.sub;
  for (const field of [...second.unread.keys(), ...undone.unread.keys()]) {
    const value = leftBy(older, field);
    const found = value === undefined ? null : undoChange(earlier, { [field]: value }, mirror, at);
    if (found && found.unread.size === 0) earlier = found.sub;
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
    const earlier = before(told, second, seconds.slice(index + 1), mirror);
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
