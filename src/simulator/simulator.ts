/** A Stripe-compatible server: read only, in process or over HTTP, with faults on request. */
import type Stripe from "stripe";
import { makeAccount, makeBalance } from "./account.ts";
import { ApiError, errorBody } from "./errors.ts";
import {
  connectionError,
  cutBody,
  faultResponse,
  responseHeaders,
  untilAborted,
} from "./fault_answers.ts";
import { createFaults, type FaultOptions, type Faults } from "./faults.ts";
import { createHandler } from "./handler.ts";
import { type Kind, KINDS, type KindTypes, type Resource, type StripeObject } from "./kinds.ts";
import { createShelf, type Entry } from "./shelf.ts";
import type { Collection, Source } from "./source.ts";
import { createStats, type Stats } from "./stats.ts";
import { API_VERSION } from "./version.ts";

/** The only key the simulator takes unless told another one. It opens no real account. */
export const SIMULATOR_KEY = "rk_test_simulator";

export type ObjectLists = { readonly [K in Kind]?: readonly KindTypes[K][] };

export interface SimulatorOptions {
  /** Serves a company; without it the objects below are served. */
  readonly source?: Source;
  readonly account?: Stripe.Account;
  readonly objects?: ObjectLists;
  readonly key?: string;
  /** What the key may not read; can be changed with `setForbidden`. */
  readonly forbidden?: readonly Resource[];
  readonly faults?: FaultOptions;
  /** Milliseconds, for the server's own rate limit. */
  readonly nowMs?: () => number;
  /** Waits for the latency; resolves early, by rejecting, when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Simulator {
  /** Answers like `fetch` (a reset connection rejects with TypeError). */
  readonly fetch: typeof fetch;
  /** Answers a request, or says that its connection is to be reset; `closing` ends what waits. */
  readonly answer: (request: Request, closing?: AbortSignal) => Promise<Response | "reset">;
  readonly setFaults: (options: FaultOptions) => void;
  readonly setForbidden: (resources: readonly Resource[]) => void;
  readonly stats: () => Stats;
  readonly upsert: <K extends Kind>(kind: K, object: KindTypes[K]) => void;
  /** Deletes an object: it leaves lists, and retrieving it gives `deleted: true`. */
  readonly remove: (kind: Kind, id: string) => void;
  /** Appends an event about an object as it is now. Its id is returned. */
  readonly emit: (event: EmittedEvent) => string;
}

export interface EmittedEvent {
  readonly type: Stripe.Event.Type;
  readonly object: unknown;
  readonly previousAttributes?: Readonly<Record<string, unknown>>;
  /** Unix seconds. */
  readonly created: number;
  readonly id?: string;
}

function sleepOnTimer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function sourceOf({ account, objects = {} }: SimulatorOptions): Source {
  const collections = new Map<Kind, Collection>();
  for (const kind of KINDS) {
    const entries = (objects[kind] ?? []) as readonly unknown[] as readonly Entry[];
    collections.set(kind, {
      shelf: createShelf(entries),
      view: (entry) => entry as unknown as StripeObject,
    });
  }
  return {
    account: account ?? makeAccount(),
    balance: makeBalance(),
    collection: (kind) => collections.get(kind)!,
  };
}

/** Serves objects put in by hand beside those of the source: an entry with `object` is itself. */
function withOverlay(source: Source): Source {
  const isObject = (entry: Entry) => "object" in entry;
  const wrapped = new Map<Kind, Collection>();
  return {
    account: source.account,
    get balance() {
      return source.balance;
    },
    collection: (kind) => {
      const inner = source.collection(kind);
      let outer = wrapped.get(kind);
      if (!outer || outer.shelf !== inner.shelf) {
        const { shelf, view, peek = view } = inner;
        const own = (entry: Entry) => entry as unknown as StripeObject;
        outer = {
          shelf,
          view: (entry) => isObject(entry) ? own(entry) : view(entry),
          peek: (entry) => isObject(entry) ? own(entry) : peek(entry),
        };
        wrapped.set(kind, outer);
      }
      return outer;
    },
  };
}

/** Creates a simulator of one Stripe account. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const source = withOverlay(options.source ?? sourceOf(options));
  const nowMs = options.nowMs ?? (() => performance.now());
  const sleep = options.sleep ?? sleepOnTimer;
  const stats = createStats();
  let faults: Faults = createFaults(options.faults ?? {}, nowMs);
  let forbidden: ReadonlySet<Resource> = new Set(options.forbidden ?? []);
  const handle = createHandler({
    source,
    key: options.key ?? SIMULATOR_KEY,
    forbidden: () => forbidden,
  });
  let emitted = 0;

  function reply(request: Request, requestId: string): Response {
    const headers = responseHeaders(requestId);
    try {
      return new Response(JSON.stringify(handle(request)), { headers });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return new Response(errorBody(error, requestId), { status: error.status, headers });
    }
  }

  async function answerCounted(
    request: Request,
    number: number,
    closing: AbortSignal | undefined,
  ): Promise<Response | "reset"> {
    const requestId = `req_${String(number).padStart(14, "0")}`;
    const { latencyMs, next } = faults;
    const fault = next(number, request);
    if (fault?.kind === "hang") {
      return await untilAborted(
        closing ? AbortSignal.any([request.signal, closing]) : request.signal,
      );
    }
    if (latencyMs > 0) await sleep(latencyMs, closing ?? request.signal);
    if (fault?.kind === "reset") return "reset";
    if (!fault) return reply(request, requestId);
    if (fault.kind !== "cut") {
      return faultResponse(fault, requestId, () => reply(request, requestId));
    }
    const whole = reply(request, requestId);
    return new Response(cutBody(await whole.text()), whole);
  }

  async function answer(request: Request, closing?: AbortSignal): Promise<Response | "reset"> {
    const counted = stats.begin(request);
    let status = 0;
    try {
      const response = await answerCounted(request, counted.number, closing);
      if (response !== "reset") status = response.status;
      return response;
    } finally {
      counted.end(status);
    }
  }

  return {
    answer,
    async fetch(input: RequestInfo | URL, init?: RequestInit) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const response = await answer(request);
      if (response === "reset") throw connectionError("error sending request: connection reset");
      return response;
    },
    setFaults: (next) => faults = createFaults(next, nowMs),
    setForbidden: (resources) => forbidden = new Set(resources),
    stats: stats.read,
    upsert: (kind, object) => source.collection(kind).shelf.put(object as unknown as Entry),
    remove: (kind, id) => source.collection(kind).shelf.remove(id),
    emit(event) {
      const id = event.id ?? `evt_emitted${String(++emitted).padStart(8, "0")}`;
      source.collection("events").shelf.put(eventObject(event, id) as unknown as Entry);
      return id;
    },
  };
}

function eventObject({ type, object, previousAttributes, created }: EmittedEvent, id: string) {
  return {
    id,
    object: "event",
    api_version: API_VERSION,
    created,
    data: {
      // A snapshot: what happens to the object later does not change the event.
      object: structuredClone(object),
      ...(previousAttributes ? { previous_attributes: structuredClone(previousAttributes) } : {}),
    },
    livemode: false,
    pending_webhooks: 0,
    request: { id: null, idempotency_key: null },
    type,
  };
}
