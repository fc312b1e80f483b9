/** A collection kept in Stripe's list order, so that a window over `created` is a binary search. */

/** What a shelf sorts by. */
export interface Entry {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
}

/** A window over `created` (Unix seconds) and the place to read from. */
export interface PageQuery<E> {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly startingAfter?: E;
  readonly endingBefore?: E;
  readonly limit: number;
  readonly matches?: (entry: E) => boolean;
}

export interface Shelf<E extends Entry> {
  readonly size: () => number;
  readonly get: (id: string) => E | undefined;
  /** The entry of an id that was there and was removed. */
  readonly removed: (id: string) => E | undefined;
  /** Puts an entry in its place; one with the same id is replaced. */
  readonly put: (entry: E) => void;
  readonly remove: (id: string) => void;
  /** Drops, without a trace, everything created before a time (Unix seconds). */
  readonly dropBefore: (created: number) => void;
  /** All entries, oldest first. */
  readonly all: () => readonly E[];
  /** A page, newest first by (created, id), and whether more lie in the direction of reading. */
  readonly page: (query: PageQuery<E>) => { readonly data: E[]; readonly hasMore: boolean };
}

function compare(a: Entry, b: Entry): number {
  if (a.created !== b.created) return a.created - b.created;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The first index whose entry is not below the wanted one. */
function lowerBound(entries: readonly Entry[], wanted: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(entries[middle]!, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index whose entry was created at or after a time. */
function firstFrom(entries: readonly Entry[], created: number): number {
  return lowerBound(entries, { id: "", created });
}

function windowOf<E extends Entry>(entries: readonly E[], query: PageQuery<E>): [number, number] {
  let low = 0;
  let high = entries.length;
  if (query.gte !== undefined) low = Math.max(low, firstFrom(entries, query.gte));
  if (query.gt !== undefined) low = Math.max(low, firstFrom(entries, query.gt + 1));
  if (query.lt !== undefined) high = Math.min(high, firstFrom(entries, query.lt));
  if (query.lte !== undefined) high = Math.min(high, firstFrom(entries, query.lte + 1));
  if (query.startingAfter) high = Math.min(high, lowerBound(entries, query.startingAfter));
  if (query.endingBefore) low = Math.max(low, lowerBound(entries, query.endingBefore) + 1);
  return [low, high];
}

function readPage<E extends Entry>(entries: readonly E[], query: PageQuery<E>) {
  const [low, high] = windowOf(entries, query);
  const forward = query.endingBefore !== undefined;
  const matches = query.matches ?? (() => true);
  const found: E[] = [];
  // One more than asked for is read: its presence is what `has_more` says.
  for (let step = 0; step < high - low && found.length <= query.limit; step++) {
    const entry = entries[forward ? low + step : high - 1 - step]!;
    if (matches(entry)) found.push(entry);
  }
  const data = found.slice(0, query.limit);
  return { data: forward ? data.reverse() : data, hasMore: found.length > query.limit };
}

/** Creates a shelf; entries are sorted once here and stay sorted. */
export function createShelf<E extends Entry>(initial: Iterable<E> = []): Shelf<E> {
  const byId = new Map<string, E>();
  for (const entry of initial) byId.set(entry.id, entry);
  let sorted = [...byId.values()].sort(compare);
  const removed = new Map<string, E>();

  function takeOut(entry: E): void {
    sorted.splice(lowerBound(sorted, entry), 1);
  }
  function put(entry: E): void {
    const old = byId.get(entry.id);
    if (old) takeOut(old);
    byId.set(entry.id, entry);
    removed.delete(entry.id);
    const last = sorted.at(-1);
    if (!last || compare(last, entry) < 0) sorted.push(entry);
    else sorted.splice(lowerBound(sorted, entry), 0, entry);
  }
  function remove(id: string): void {
    const entry = byId.get(id);
    if (!entry) return;
    takeOut(entry);
    byId.delete(id);
    removed.set(id, entry);
  }
  function dropBefore(created: number): void {
    const count = firstFrom(sorted, created);
    if (count === 0) return;
    for (const entry of sorted.slice(0, count)) byId.delete(entry.id);
    sorted = sorted.slice(count);
  }
  return {
    size: () => sorted.length,
    get: (id) => byId.get(id),
    removed: (id) => removed.get(id),
    put,
    remove,
    dropBefore,
    all: () => sorted,
    page: (query) => readPage(sorted, query),
  };
}
