/** Makes a company live: one step after another, until stopped. */
import type { Company } from "./company/company.ts";
import type { Step } from "./company/steps.ts";
import { between, createDice } from "./random.ts";

export interface LiveOnOptions {
  /** Unix seconds. */
  readonly now: () => number;
  /** Least and most milliseconds between steps; 6,000 to 8,000 by default. */
  readonly everyMs?: readonly [low: number, high: number];
  readonly onStep?: (step: Step) => void;
  readonly seed?: number;
  /** Calls back once after some milliseconds; the returned function cancels. */
  readonly schedule?: (callback: () => void, ms: number) => () => void;
}

function onTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/**
 * Steps a company on a timer.
 *
 * @throws RangeError if `everyMs` is not a range of positive numbers.
 */
export function liveOn(company: Company, options: LiveOnOptions): { readonly stop: () => void } {
  const { now, everyMs: [low, high] = [6_000, 8_000], onStep, schedule = onTimer } = options;
  if (!(low > 0 && high >= low)) {
    throw new RangeError(
      `Cannot live on as everyMs must be a range above 0: current value is ${low} to ${high}`,
    );
  }
  const dice = createDice(options.seed ?? 7);
  let cancel = () => {};
  let stopped = false;

  function wait(): void {
    cancel = schedule(() => {
      if (stopped) return;
      const step = company.step(now());
      onStep?.(step);
      wait();
    }, between(dice, low, high));
  }
  wait();
  return {
    stop() {
      stopped = true;
      cancel();
    },
  };
}
