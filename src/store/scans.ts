/**
 * What pages find by a look at everything: worked out once, and kept until what it is of changes.
 *
 * @module
 */

/** Results that are kept; a flood of odd questions must not fill the memory. */
const SCANS_MAX = 200;

export interface Scans {
  /**
   * The result under a name, worked out again where its key is another.
   *
   * @param key Tells what the result is of: a day, a version.
   */
  get<T>(name: string, key: string, scan: () => T): T;
  clear(): void;
}

export function createScans(): Scans {
  const kept = new Map<string, { readonly key: string; readonly result: unknown }>();
  return {
    get<T>(name: string, key: string, scan: () => T): T {
      const known = kept.get(name);
      if (known?.key === key) return known.result as T;
      const result = scan();
      if (kept.size >= SCANS_MAX) kept.clear();
      kept.set(name, { key, result });
      return result;
    },
    clear: () => kept.clear(),
  };
}
