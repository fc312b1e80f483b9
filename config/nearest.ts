/**
 * The known word nearest to a mistyped one.
 *
 * @module
 */

/** Longer words are no typing errors; the distance costs their product. */
const LENGTH_MAX = 64;

/** Insertions, deletions, substitutions and swaps of neighbours between two words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      row.push(best);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

/** The nearest known word, where it is near enough to be meant; else `null`. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > LENGTH_MAX) return null;
  const plain = (text: string) => text.toLowerCase().replaceAll("_", "-");
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const steps = distance(plain(word), plain(candidate));
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}

/** "; did you mean width?", or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === null ? "" : `; did you mean ${meant}?`;
}
