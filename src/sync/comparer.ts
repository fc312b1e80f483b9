/**
 * When a source is compared with Stripe: every night at three of the account's time, and whenever
 * somebody asks. Whoever asks while a comparison runs gets the result of that one.
 *
 * @module
 */
import type { Comparison } from "../store/port.ts";
import { StripeFault } from "../stripe/fault.ts";
import type { BackfillContext } from "./backfill.ts";
import { untilAborted } from "./beside.ts";
import { compareWithStripe } from "./compare.ts";

/** Local hour after which the nightly comparison runs. */
const COMPARE_HOUR = 3;

/** What a comparison found. */
export interface Compared extends Comparison {
  /** The subscriptions that differed. */
  readonly drifted: readonly string[];
}

export interface Comparer {
  /** The result of the comparison under way, or of the next. @throws {StripeFault} */
  request(): Promise<Compared>;
  /** Ends the sleep under way: Stripe is to be read at once. */
  wake(): void;
  /** Sleeps, but not while somebody waits for a comparison. */
  rest(ms: number, ending: AbortSignal): Promise<void>;
  /**
   * Compares where it is due.
   *
   * @param catchUp Reads the events again, so that what is on its way is no difference.
   * @throws {StripeFault} which those who asked are told, too.
   */
  runWhenDue(catchUp: () => Promise<unknown>): Promise<void>;
  /** Tells those who wait that there will be no comparison. */
  end(reason: StripeFault): void;
}

/** @param onCompared Told of each comparison. */
export function createComparer(
  context: BackfillContext,
  onCompared: (compared: Compared) => void,
): Comparer {
  const { store, clock } = context;
  const seconds = () => Math.floor(clock.now() / 1000);
  let waiting: PromiseWithResolvers<Compared> | null = null;
  let asked = Promise.withResolvers<void>();
  let night = nightOf();

  /** Changes when it is time to compare. */
  function nightOf(): number {
    return store.calendar.dayOf(seconds() - COMPARE_HOUR * 3600);
  }

  function answer(give: (asker: PromiseWithResolvers<Compared>) => void): void {
    if (waiting) give(waiting);
    waiting = null;
    asked = Promise.withResolvers();
  }

  async function compare(catchUp: () => Promise<unknown>): Promise<Compared> {
    const startedAt = clock.steady();
    store.setStatus({ comparing: true });
    store.publish();
    try {
      const drifted = await compareWithStripe(context, catchUp);
      const { drift } = store.status;
      const compared = {
        at: seconds(),
        seconds: (clock.steady() - startedAt) / 1000,
        subscriptions: [...store.tally.byStatus().values()].reduce((sum, each) => sum + each, 0),
        differed: drifted.length,
      };
      store.setStatus({ compared, drift: drift + drifted.length });
      return { ...compared, drifted };
    } finally {
      store.setStatus({ comparing: false });
      store.publish();
    }
  }

  return {
    request() {
      waiting ??= Promise.withResolvers();
      asked.resolve();
      return waiting.promise;
    },
    wake: () => asked.resolve(),
    async rest(ms, ending) {
      const awake = new AbortController();
      const timer = clock.sleep(ms, AbortSignal.any([ending, awake.signal])).catch(() => {});
      try {
        await untilAborted(Promise.race([timer, asked.promise]), ending);
      } finally {
        awake.abort();
        if (waiting === null) asked = Promise.withResolvers();
      }
    },
    async runWhenDue(catchUp) {
      if (waiting === null && nightOf() === night) return;
      try {
        const compared = await compare(catchUp);
        onCompared(compared);
        answer((asker) => asker.resolve(compared));
        night = nightOf();
      } catch (error) {
        answer((asker) => {
          // Those who asked may have gone.
          asker.promise.catch(() => {});
          asker.reject(error);
        });
        throw error;
      }
    },
    end: (reason) =>
      answer((asker) => {
        asker.promise.catch(() => {});
        asker.reject(reason);
      }),
  };
}
