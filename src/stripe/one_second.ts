/**
 * The changes of one second as one. Stripe dates events by the second and lists those of one in no
 * order: they are put in order by how they chain, as the state after one is the state that the next
 * one's former values undo (metrics.md B.6 step 3).
 *
 * @module
 */
import { type Field, FIELDS, meaningOf, type SubscriptionChange } from "./change.ts";
import type { Json } from "./older_shapes.ts";
import { ShapeError } from "./shape.ts";

/** All that happened to a subscription in one second. */
export interface Second {
  /** Unix seconds. */
  readonly at: number;
  readonly created: boolean;
  readonly deleted: boolean;
  /** Former values of what was changed other than by a deletion, as in a `SubscriptionChange`. */
  readonly previous: Json;
  /** Whether an item was changed that no event of it shows. */
  readonly hidden: boolean;
  /** Fields that were changed in a way that cannot be read, and why. */
  readonly unread: ReadonlyMap<Field, string>;
  /** The status after it, but for a deletion; `null` where that is not told. */
  readonly status: string | null;
  /** What a field was afterwards, but for a deletion; `undefined` where that is not told. */
  after(field: Field): unknown;
}

/** What an event did to a field. */
interface Step {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Where steps lead from and to. `moves` is false where they lead back or nowhere. */
interface Trail {
  readonly moves: boolean;
  /** The only step that nothing leads to, if there is just one. */
  readonly first: Step | undefined;
  readonly last: Step | undefined;
}

/** How often each step was taken. Several types of event may tell of the same step. */
function* distinct(steps: readonly Step[]): Iterable<Step> {
  const byType = Map.groupBy(steps, ({ type }) => type);
  const most = new Map<string, Step[]>();
  for (const ofType of byType.values()) {
    for (const [way, same] of Map.groupBy(ofType, ({ from, to }) => JSON.stringify([from, to]))) {
      if (same.length > (most.get(way)?.length ?? 0)) most.set(way, same);
    }
  }
  for (const same of most.values()) yield* same;
}

/** Each value is left as often as it is reached, but for the first and the last one. */
function trailOf(steps: readonly Step[]): Trail {
  const balance = new Map<string, number>();
  const add = (value: string, by: number) => balance.set(value, (balance.get(value) ?? 0) + by);
  for (const { from, to } of distinct(steps)) {
    add(from, 1);
    add(to, -1);
  }
  const left = [...balance].flatMap(([value, more]) => more > 0 ? [value] : []);
  const reached = [...balance].flatMap(([value, more]) => more < 0 ? [value] : []);
  return {
    moves: left.length > 0,
    first: left.length === 1 ? steps.find(({ from }) => from === left[0]) : undefined,
    last: reached.length === 1 ? steps.find(({ to }) => to === reached[0]) : undefined,
  };
}

/** What the events did to a field. @throws {ShapeError} */
function stepsOf(changes: readonly SubscriptionChange[], field: Field): Step[] {
  return changes.flatMap(({ type, previous, after }) =>
    previous[field] === undefined ? [] : [{
      type,
      from: meaningOf(previous, field),
      to: meaningOf(after, field),
      before: previous[field],
      after: after[field],
    }]
  );
}

/** The object as a whole: periods apart, as of renewals little is kept. @throws {ShapeError} */
function wholeOf(fields: Json): string {
  return FIELDS.map((field) =>
    field === "periods" || fields[field] === undefined ? "" : meaningOf(fields, field)
  ).join("|");
}

/** The object after the last of changes; `undefined` where they do not tell which is the last. */
function lastOf(changes: readonly SubscriptionChange[]): Json | undefined {
  const steps = changes.filter(({ after }) => after.status !== undefined)
    .map(({ type, previous, after }): Step => ({
      type,
      from: wholeOf({ ...after, ...previous }),
      to: wholeOf(after),
      before: null,
      after,
    }));
  const [only, ...others] = steps;
  return (others.length === 0 ? only : trailOf(steps).last)?.after as Json | undefined;
}

/** What a field was after changes of one second; `undefined` where they do not tell it. */
function valueAfter(changes: readonly SubscriptionChange[], field: Field): unknown {
  try {
    const seen = changes.filter(({ after }) => after[field] !== undefined);
    const last = lastOf(seen);
    if (last) return last[field];
    const steps = stepsOf(seen, field);
    if (steps.length > 0) return trailOf(steps).last?.after;
    const values = new Map(seen.map(({ after }) => [meaningOf(after, field), after[field]]));
    return values.size === 1 ? [...values.values()][0] : undefined;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return undefined;
  }
}

function statusAfter(changes: readonly SubscriptionChange[]): string | null {
  const told = new Set(changes.flatMap(({ status }) => status ?? []));
  if (told.size === 1) return [...told][0]!;
  const after = valueAfter(changes, "status");
  return typeof after === "string" ? after : null;
}

/** The changes of one second, in any order, as one. */
export function secondOf(changes: readonly SubscriptionChange[]): Second {
  const updates = changes.filter(({ kind }) => kind === "updated");
  const lasting = changes.filter(({ kind }) => kind !== "deleted");
  const previous: Record<string, unknown> = {};
  const unread = new Map<Field, string>();
  for (const field of FIELDS) {
    const problem = updates.find((change) => change.problem !== null)?.problem;
    if (problem) unread.set(field, problem);
    const [one, ...others] = updates.filter(({ previous }) => previous[field] !== undefined);
    if (!one) continue;
    if (others.length === 0) {
      previous[field] = one.previous[field];
      continue;
    }
    try {
      const { moves, first } = trailOf(stepsOf([one, ...others], field));
      if (first) previous[field] = first.before;
      else if (moves) unread.set(field, `${field} of one second cannot be put in order`);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      unread.set(field, error.message);
    }
  }
  return {
    at: changes[0]!.at,
    created: changes.some(({ kind }) => kind === "created"),
    deleted: changes.some(({ kind }) => kind === "deleted"),
    previous,
    hidden: updates.some(({ hidden }) => hidden) && previous.items === undefined,
    unread,
    status: statusAfter(lasting),
    after: (field) => valueAfter(lasting, field),
  };
}
