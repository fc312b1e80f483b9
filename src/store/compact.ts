/**
 * Values as they are kept in memory. An account of twenty thousand subscriptions holds half a
 * million small values of the same few kinds: lists without a member, numbers of seats, ids of
 * prices. Each of these is kept once, and a list takes no more room than it has members.
 *
 * @module
 */

const EMPTY: readonly never[] = Object.freeze([]);

/** The whole numbers that most quantities are, each once. */
const SMALL = Array.from({ length: 256 }, (_, n) => BigInt(n));

/** Names under which the same few ids stand again and again. */
const SHARED: ReadonlySet<string> = new Set(["price", "product", "coupon", "couponId"]);
/** Ids that are kept once; an account with more of them keeps the others as they come. */
const POOL_MAX = 10_000;
const pool = new Map<string, string>();

function pooled(text: string): string {
  const known = pool.get(text);
  if (known !== undefined) return known;
  if (pool.size < POOL_MAX) pool.set(text, text);
  return text;
}

function compactMember(name: string, value: unknown): unknown {
  return typeof value === "string" && SHARED.has(name) ? pooled(value) : compact(value);
}

/**
 * The same value in less room. Members of plain objects are replaced in place by equal ones; lists
 * are copied, so that a list that grew by `push` keeps no room for more.
 */
export function compact<T>(value: T): T;
export function compact(value: unknown): unknown {
  if (typeof value === "bigint") {
    return value >= 0n && value < 256n ? SMALL[Number(value)] : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? EMPTY : value.map(compact);
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.isFrozen(value)) return value;
  const members = value as Record<string, unknown>;
  for (const name in members) {
    const kept = compactMember(name, members[name]);
    if (kept !== members[name]) members[name] = kept;
  }
  return value;
}
