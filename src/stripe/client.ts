/**
 * Reads one Stripe account. Every HTTP request, each page of a listing too, passes the resilience
 * layers by itself, because they sit under the SDK at its `fetch` seam.
 *
 * @module
 */
import Stripe from "stripe";
import { API_VERSION } from "./api_version.ts";
import {
  type BreakerName,
  createResilientFetch,
  type ResilienceEvent,
  type ResilientFetchOptions,
} from "../resilience/resilient_fetch.ts";
import type { Clock, FetchLike } from "../resilience/types.ts";
import { checkBase, STRIPE_BASE } from "./base.ts";
import { StripeFault, toFault } from "./fault.ts";
import { list, shape, ShapeError } from "./shape.ts";

export { createStepDetector } from "../resilience/clock_steps.ts";
export type { Clock, FetchLike, ResilienceEvent };
export { checkBase, STRIPE_BASE };

/** The SDK's own timer is put out of reach: waiting for a token must not count (facts.md). */
const SDK_TIMEOUT_MS = 2 ** 31 - 1;

export type Query = Readonly<Record<string, string | number | readonly string[]>>;

export interface StripePage {
  readonly data: readonly unknown[];
  readonly hasMore: boolean;
}

export interface StripeClient {
  /** One page of a list, newest first. @throws {StripeFault} */
  list(path: string, query?: Query): Promise<StripePage>;
  /** One object. @throws {StripeFault} */
  retrieve(path: string, query?: Query): Promise<unknown>;
  /** The breaker of what MRR needs, or of what it does not. */
  breaker(name?: BreakerName): "closed" | "open" | "half_open";
  /** Requests that may be under way at the same time, as its rate and latency are now. */
  slots(): number;
  /** Sends no burst at first: another process may just have sent one to the same account. */
  dropBurst(): void;
  /** HTTP requests sent in all. */
  reads(): number;
  /** Ends what is running and refuses what comes. */
  stop(): void;
}

export interface ClientOptions {
  readonly key: string;
  /** Host of the API, e.g. `https://api.stripe.com`. Plain http only to loopback. */
  readonly base: string;
  /** `acct_…`: read this account of an organisation. */
  readonly account?: string | undefined;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly limits?: Partial<ResilientFetchOptions> | undefined;
  readonly onEvent?: ((event: ResilienceEvent) => void) | undefined;
}

function queryText(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (typeof value === "object") {
      for (const element of value) search.append(`${key}[]`, element);
    } else search.append(key, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}

/** `/v1/invoices/in_1/lines` → `invoices`: what to name in messages. */
function resourceOf(path: string): string {
  return path.split("/")[2] ?? path;
}

/** @throws {StripeFault} where the answer is no list. */
function pageOf(answer: unknown, resource: string): StripePage {
  try {
    const from = shape(answer, resource);
    // An error that Stripe's library does not know as one comes as an answer without data.
    if (!Array.isArray(from.fields.data)) throw new ShapeError("data", "a list", from.fields.data);
    return {
      data: list(from, "data").map(({ value }) => value),
      hasMore: from.fields.has_more === true,
    };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new StripeFault(
      "unavailable",
      resource,
      `Stripe's answer for ${resource} is no list: ${error.message}`,
    );
  }
}

/** Without these there is no MRR; all else is asked for beside them (design.md section 4). */
const MAIN: ReadonlySet<string> = new Set([
  "account",
  "events",
  "prices",
  "subscription_items",
  "subscriptions",
]);

function breakerFor(path: string): BreakerName {
  return MAIN.has(resourceOf(path)) ? "main" : "optional";
}

function breakerOf(input: Request | string | URL): BreakerName {
  return breakerFor(new URL(input instanceof Request ? input.url : input).pathname);
}

function createSdk(options: ClientOptions, url: URL, fetch: FetchLike): Stripe {
  return new Stripe(options.key, {
    apiVersion: API_VERSION,
    httpClient: Stripe.createFetchHttpClient(fetch as typeof globalThis.fetch),
    maxNetworkRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    telemetry: false,
    protocol: url.protocol === "http:" ? "http" : "https",
    host: url.hostname,
    port: url.port || (url.protocol === "http:" ? 80 : 443),
    ...(options.account ? { stripeContext: options.account } : {}),
  });
}

/** @throws {TypeError} for a bad base. */
export function createStripeClient(options: ClientOptions): StripeClient {
  const url = checkBase(options.base);
  const stopping = new AbortController();
  let reads = 0;
  /** The newest failure that each breaker knows of: it says more than that it is open. */
  const failures: Partial<Record<BreakerName, string>> = {};
  const resilient = createResilientFetch({
    ...options.limits,
    breakerOf,
    clock: options.clock,
    random: options.random,
    fetch: (input, init) => {
      reads++;
      return options.fetch(input, init);
    },
    ...(options.onEvent ? { onEvent: options.onEvent } : {}),
  });
  const sdk = createSdk(options, url, (input, init) => {
    const signals = [stopping.signal, ...(init?.signal ? [init.signal] : [])];
    return resilient.fetch(input, { ...init, signal: AbortSignal.any(signals) });
  });

  async function request(path: string, query: Query): Promise<unknown> {
    if (stopping.signal.aborted) {
      throw new StripeFault("stopped", resourceOf(path), "The source is stopped");
    }
    try {
      return await sdk.rawRequest("GET", `${path}${queryText(query)}`);
    } catch (error) {
      if (stopping.signal.aborted) {
        throw new StripeFault("stopped", resourceOf(path), "The source is stopped");
      }
      const of = breakerFor(path);
      const fault = toFault(error, resourceOf(path), url.host, failures[of]);
      if (fault.passing && fault.pausedUntil === null) failures[of] = fault.message;
      throw fault;
    }
  }

  return {
    async list(path, query = {}) {
      return pageOf(await request(path, query), resourceOf(path));
    },
    retrieve: (path, query = {}) => request(path, query),
    breaker: (name) => resilient.breakerState(name).kind,
    slots: () => resilient.limiterStats().limit,
    dropBurst: resilient.dropBurst,
    reads: () => reads,
    stop: () => stopping.abort(),
  };
}
