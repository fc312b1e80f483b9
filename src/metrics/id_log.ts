/**
 * Ids that were met, each with its time, in segments of bounded size: keeping one more id rewrites
 * one short segment, whatever the number of all.
 *
 * @module
 */

/** A segment as a database keeps it: id, time (Unix seconds), id, time … */
export type SavedIds = readonly (string | number)[];

export interface IdLog {
  has(id: string): boolean;
  /** Notes an id with its time, Unix seconds. */
  add(id: string, at: number): void;
  /** Forgets segments all of whose ids are of before a time; single ids may live on. */
  dropBefore(at: number): void;
  clear(): void;
  size(): number;
  /** Every id with its time. */
  entries(): Iterable<readonly [id: string, at: number]>;
  saved(segment: string): SavedIds | undefined;
  load(segment: string, saved: SavedIds | null): void;
}

const SEGMENT_IDS = 200;

/** @param onChange Told the name of each segment that changes or goes. */
export function createIdLog(onChange: (segment: string) => void): IdLog {
  const all = new Map<string, number>();
  const segments = new Map<number, Map<string, number>>();
  let newest = 0;

  function openSegment(): Map<string, number> {
    const last = segments.get(newest);
    if (last && last.size < SEGMENT_IDS) return last;
    const fresh = new Map<string, number>();
    segments.set(++newest, fresh);
    return fresh;
  }

  function drop(name: number): void {
    for (const id of segments.get(name)?.keys() ?? []) all.delete(id);
    segments.delete(name);
  }

  return {
    has: (id) => all.has(id),
    add(id, at) {
      if (all.has(id)) return;
      all.set(id, at);
      openSegment().set(id, at);
      onChange(String(newest));
    },
    dropBefore(at) {
      for (const [name, ids] of segments) {
        if (ids.values().some((time) => time >= at)) continue;
        drop(name);
        onChange(String(name));
      }
    },
    clear() {
      for (const name of [...segments.keys()]) {
        drop(name);
        onChange(String(name));
      }
    },
    size: () => all.size,
    entries: () => all.entries(),
    saved(segment) {
      const ids = segments.get(Number(segment));
      return ids && [...ids].flat();
    },
    load(segment, saved) {
      const name = Number(segment);
      drop(name);
      if (!saved) return;
      const ids = new Map<string, number>();
      for (let index = 0; index < saved.length; index += 2) {
        ids.set(saved[index] as string, saved[index + 1] as number);
      }
      segments.set(name, ids);
      newest = Math.max(newest, name);
      for (const [id, at] of ids) all.set(id, at);
    },
  };
}
