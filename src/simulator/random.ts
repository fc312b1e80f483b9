/** Small repeatable randomness: 32 bits of state that can be kept in a record. */

export interface Dice {
  state: number;
}

/** Mixes numbers into 32 well spread bits, so that neighbours get unlike dice. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

export function createDice(...seed: readonly number[]): Dice {
  return { state: mix(...seed) };
}

/** The next number from 0 up to, not including, 1 (mulberry32). */
export function roll(dice: Dice): number {
  dice.state = (dice.state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(dice.state ^ (dice.state >>> 15), dice.state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

/** A whole number from low to high, both possible. */
export function between(dice: Dice, low: number, high: number): number {
  return low + Math.floor(roll(dice) * (high - low + 1));
}

/** One of a list that is not empty. */
export function pick<T>(dice: Dice, choices: readonly T[]): T {
  return choices[Math.floor(roll(dice) * choices.length)]!;
}

/** One of a list, by weight. */
export function pickWeighted<T>(dice: Dice, choices: readonly (readonly [T, number])[]): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let rest = roll(dice) * total;
  for (const [choice, weight] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  return choices.at(-1)![0];
}
