/**
 * Remembers for a few seconds what a slow look found.
 *
 * @module
 */

/** At once, or later. */
export type Awaitable<T> = T | Promise<T>;

export interface Recent<T> {
  /** What was found in the last five seconds at once; else by looking. */
  find(key: string): Awaitable<T | undefined>;
  /** What a look would find now. */
  set(key: string, value: T | undefined): void;
}

const FRESH_MS = 5_000;
const KEYS_MAX = 10_000;

interface Found<T> {
  readonly value: T | undefined;
  readonly at: number;
}

/**
 * @param now Milliseconds.
 * @param look Where it fails, what was found before goes on; a key that is not known rejects.
 */
export function createRecent<T>(
  now: () => number,
  look: (key: string) => Promise<T | undefined>,
): Recent<T> {
  const found = new Map<string, Found<T>>();
  const looking = new Map<string, Promise<T | undefined>>();
  /** Whether the last look failed. */
  let failing = false;

  function set(key: string, value: T | undefined): void {
    // What is not there is not remembered: a flood of made-up keys would push the others out.
    found.delete(key);
    if (value === undefined) return;
    found.set(key, { value, at: now() });
    if (found.size > KEYS_MAX) found.delete(found.keys().next().value!);
  }

  async function lookAt(key: string): Promise<T | undefined> {
    const before = found.get(key);
    try {
      const value = await look(key);
      // Set meanwhile, such as ended: that is newer than what was looked up.
      if (found.get(key) === before) set(key, value);
      failing = false;
    } catch (error) {
      failing = true;
      if (!before) throw error;
      if (found.get(key) === before) set(key, before.value);
    } finally {
      looking.delete(key);
    }
    return found.get(key)?.value;
  }

  return {
    set,
    find(key) {
      const known = found.get(key);
      if (known && now() - known.at < FRESH_MS) return known.value;
      let under = looking.get(key);
      if (!under) looking.set(key, under = lookAt(key));
      // Where looks fail they may take long: what is known does not wait for the next one.
      return known && failing ? known.value : under;
    },
  };
}
