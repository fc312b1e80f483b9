/**
 * For tests over real parts, which take the time that they take.
 *
 * @module
 */

const LOOK_MS = 10;

/** Looks again and again until the condition holds; fails after a time that only a fault takes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  secondsMax = 30,
): Promise<void> {
  const giveUpAt = performance.now() + secondsMax * 1000;
  while (!await condition()) {
    if (performance.now() > giveUpAt) throw new Error(`It did not come: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
