/**
 * The few largest of many values that change one at a time: a change costs the same whatever
 * their number, as only so many candidates are kept; all are passed over again only once most
 * candidates have fallen away.
 *
 * @module
 */
import { compare, type Rational } from "./rational.ts";

export interface Largest<Key> {
  /** Says what a key is worth now; 0 takes it away. */
  set(key: Key, value: Rational): void;
  /** The largest, greatest first; fewer where fewer are above 0. */
  top(count: number): readonly (readonly [Key, Rational])[];
}

/** Candidates kept. */
const ROOM = 100;

/** @param all Every key with its value, for when the candidates have run out. */
export function createLargest<Key>(
  all: () => Iterable<readonly [Key, Rational]>,
): Largest<Key> {
  const candidates = new Map<Key, Rational>();
  /** Nothing outside of the candidates is worth more than this; `null`: not known yet. */
  let floor: Rational | null = null;

  function sorted(entries: Iterable<readonly [Key, Rational]>): (readonly [Key, Rational])[] {
    return [...entries].sort(([, a], [, b]) => compare(b, a));
  }

  function keep(entries: readonly (readonly [Key, Rational])[]): void {
    candidates.clear();
    for (const [key, value] of entries.slice(0, ROOM)) candidates.set(key, value);
  }

  function refill(): void {
    const found = sorted(all()).filter(([, { n }]) => n > 0n);
    keep(found);
    floor = found[ROOM]?.[1] ?? { n: 0n, d: 1n };
  }

  return {
    set(key, value) {
      if (floor === null) return;
      if (value.n > 0n && compare(value, floor) >= 0) candidates.set(key, value);
      else candidates.delete(key);
      if (candidates.size < 2 * ROOM) return;
      const found = sorted(candidates);
      floor = found[ROOM]![1];
      keep(found);
    },
    top(count) {
      const exhausted = floor !== null && floor.n > 0n && candidates.size < count;
      if (floor === null || exhausted) refill();
      return sorted(candidates).slice(0, count);
    },
  };
}
