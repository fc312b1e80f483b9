/**
 * What is recorded once a day and not at every request, such as that somebody reads the interface.
 *
 * @module
 */
const DAY_MS = 86_400_000;
const KEYS_MAX = 10_000;

/**
 * Tells whether something happens for the first time on a day, UTC, in this process.
 *
 * @param now Unix milliseconds.
 */
export function createFirstOfDay(now: () => number): (key: string) => boolean {
  const days = new Map<string, number>();
  return (key) => {
    const day = Math.floor(now() / DAY_MS);
    if (days.get(key) === day) return false;
    // Losing count records something twice, which is better than never.
    if (days.size >= KEYS_MAX) days.clear();
    days.set(key, day);
    return true;
  };
}
