/**
 * Reads an account as the program does at its start, and tells what that took.
 *
 * @module
 */
import type { ResilientFetchOptions } from "../../../src/resilience/resilient_fetch.ts";
import { systemClock } from "../../../src/resilience/clock.ts";
import { SIMULATOR_KEY } from "../../../src/simulator/mod.ts";
import { createMemoryStore } from "../../../src/store/memory.ts";
import { createStripeClient } from "../../../src/stripe/client.ts";
import { createFetchOrder } from "../../../src/sync/fetch_order.ts";
import { backfill } from "../../../src/sync/backfill.ts";
import { createLedger } from "../../../src/sync/ledger.ts";
import { usageOf } from "../child.ts";
import { builtInSettings } from "./filled_store.ts";

export interface BackfillerSettings {
  readonly url: string;
  readonly limits: Partial<ResilientFetchOptions>;
  /** Ends with the last subscription, before customers and the rest are read. */
  readonly onlySubscriptions: boolean;
}

export interface Backfilled {
  readonly subscriptions: number;
  /** Requests for subscriptions. */
  readonly requests: number;
  /** From sending the first of them to sending the last. */
  readonly sendingSeconds: number;
  /** From sending the first of them to having the last answer. */
  readonly seconds: number;
  readonly cpuMs: number;
  /** The most memory until the last subscription, and until the end. */
  readonly peakBytes: number;
  readonly peakBytesAtEnd: number;
}

/** Notes when the first and the last request for subscriptions are sent, and when it is over. */
function createWatch(settings: BackfillerSettings, stop: AbortController) {
  const sentAt: number[] = [];
  let start = usageOf(Deno.pid);
  let end: { readonly at: number; readonly usage: typeof start } | null = null;
  return {
    fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      if (path === "/v1/subscriptions") {
        if (sentAt.length === 0) start = usageOf(Deno.pid);
        sentAt.push(performance.now());
      } else if (sentAt.length > 0 && !end) {
        end = { at: performance.now(), usage: usageOf(Deno.pid) };
        if (settings.onlySubscriptions) stop.abort();
      }
      return fetch(input, init);
    },
    result(): Omit<Backfilled, "subscriptions" | "peakBytesAtEnd"> {
      const first = sentAt[0]!;
      const { at, usage } = end!;
      return {
        requests: sentAt.length,
        sendingSeconds: (sentAt.at(-1)! - first) / 1000,
        seconds: (at - first) / 1000,
        cpuMs: usage.cpuMs - start.cpuMs,
        peakBytes: usage.peakBytes,
      };
    },
  };
}

async function run(settings: BackfillerSettings): Promise<Backfilled> {
  const { figures } = await builtInSettings();
  const stop = new AbortController();
  const watch = createWatch(settings, stop);
  const clock = systemClock();
  const client = createStripeClient({
    key: SIMULATOR_KEY,
    base: settings.url,
    fetch: watch.fetch,
    clock,
    random: Math.random,
    limits: settings.limits,
  });
  const store = createMemoryStore({
    name: "default",
    account: "acct_bench",
    displayName: "Bench",
    livemode: false,
    defaultCurrency: "usd",
    timeZone: "UTC",
    preset: figures.preset,
    options: figures.options,
  });
  const ledger = createLedger(store);
  const context = {
    client,
    clock,
    store,
    ledger,
    signal: stop.signal,
    workersMax: 32,
    order: createFetchOrder(),
    onFault: () => {},
  };
  await backfill(context).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  const subscriptions = [...store.tally.byStatus().values()].reduce((a, b) => a + b, 0);
  const { peakBytes: peakBytesAtEnd } = usageOf(Deno.pid);
  return { ...watch.result(), subscriptions, peakBytesAtEnd };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0]!) as BackfillerSettings)));
}
