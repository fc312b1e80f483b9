/**
 * A few things at the same time.
 *
 * @module
 */

/** Requests under way at the same time; the client's limits come on top. */
export const FETCHES = 16;

/**
 * Runs something for each value, a few at the same time. After a failure no further value is
 * begun; what was under way is waited for.
 */
export async function eachOf<T>(
  values: Iterable<T>,
  run: (value: T) => Promise<void>,
): Promise<void> {
  const rest = values[Symbol.iterator]();
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (let next = rest.next(); !next.done && failures.length === 0; next = rest.next()) {
      try {
        await run(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: FETCHES }, work));
  if (failures.length > 0) throw failures[0];
}
