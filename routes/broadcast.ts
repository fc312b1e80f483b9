/**
 * Tells open pages that something has changed: server-sent events over bare streams, which cost
 * less a connection than helpers do (facts.md, "HTTP speed"). A message names versions and holds no
 * figure; pages then ask for what they show.
 *
 * @module
 */

export interface BroadcasterOptions {
  /** Milliseconds since the epoch, and waiting. */
  readonly clock: {
    now(): number;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  /** The present versions, by source. */
  readonly versions: () => Readonly<Record<string, number>>;
  /** Open pages at most; 5,000. */
  readonly clientsMax?: number;
}

export interface Broadcaster {
  /** Names the present state; a page that was made of it has nothing to catch up with. */
  id(): string;
  /** Notes a change and tells it: at once, or with others a moment later. */
  announce(): void;
  /**
   * An endless answer; `null` when there are too many.
   *
   * @param since The state that the page knows.
   * @param named Whether it may know which sources there are.
   */
  open(since: string | null, named?: boolean): Response | null;
  clients(): number;
  /** Ends every stream, and refuses new ones. */
  close(): void;
}

const CLIENTS_MAX = 5_000;
/** Messages that wait for a slow reader; it then is let go, and comes back to the present state. */
const QUEUE_MAX = 16;
/** Messages in a stretch of milliseconds; what changes beyond them is told at its end, together. */
const MESSAGES_MAX = 4;
const STRETCH_MS = 1_000;
/** A silent connection is taken down by proxies after 30 to 60 seconds. */
const HEARTBEAT_MS = 15_000;
/** After which a browser comes back when its connection was cut. */
const RETRY_MS = 2_000;

const HEADERS: [string, string][] = [
  ["content-type", "text/event-stream; charset=utf-8"],
  ["cache-control", "no-store"],
  // nginx would gather messages otherwise.
  ["x-accel-buffering", "no"],
];

type Client = ReadableStreamDefaultController<Uint8Array>;

/** @throws {RangeError} when `clientsMax` is not at least 1. */
export function createBroadcaster(options: BroadcasterOptions): Broadcaster {
  const { clock, versions, clientsMax = CLIENTS_MAX } = options;
  if (!(clientsMax >= 1)) {
    throw new RangeError(`Cannot broadcast as clientsMax must be >= 1: it is ${clientsMax}`);
  }
  /** Each with whether it is told the names of sources. */
  const clients = new Map<Client, boolean>();
  const closing = new AbortController();
  const encoder = new TextEncoder();
  const boot = Math.floor(clock.now()).toString(36);
  let state = 0;
  /** When the last few messages were sent, oldest first. */
  let toldAt: number[] = [];
  let telling = false;

  const id = () => `${boot}-${state}`;
  const message = (named: boolean) => {
    const data = JSON.stringify({ versions: named ? versions() : {} });
    return encoder.encode(`id: ${id()}\ndata: ${data}\n\n`);
  };

  function drop(client: Client): void {
    clients.delete(client);
    try {
      client.close();
    } catch {
      // Its reader has gone already.
    }
  }

  /** The same bytes to everyone who may know names, and to everyone who may not. */
  function send(named: Uint8Array, unnamed: Uint8Array): void {
    for (const [client, knows] of clients) {
      if ((client.desiredSize ?? 0) <= 0) drop(client);
      else client.enqueue(knows ? named : unnamed);
    }
  }

  async function tell(): Promise<void> {
    telling = true;
    try {
      // What changes in one go is told in one.
      await Promise.resolve();
      const wait = toldAt.length < MESSAGES_MAX ? 0 : toldAt[0]! + STRETCH_MS - clock.now();
      if (wait > 0) await clock.sleep(wait, closing.signal);
      toldAt = [...toldAt, clock.now()].slice(-MESSAGES_MAX);
      telling = false;
      if (clients.size > 0) send(message(true), message(false));
    } catch {
      // It closes.
    }
  }

  async function beat(): Promise<void> {
    const heartbeat = encoder.encode(": heartbeat\n\n");
    try {
      while (true) {
        await clock.sleep(HEARTBEAT_MS, closing.signal);
        send(heartbeat, heartbeat);
      }
    } catch {
      // It closes.
    }
  }
  beat();

  return {
    id,
    announce() {
      state++;
      if (!telling && !closing.signal.aborted) tell();
    },
    open(since, named = true) {
      if (clients.size >= clientsMax || closing.signal.aborted) return null;
      let own: Client;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          own = controller;
          clients.set(own, named);
          controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
          if (since !== id()) controller.enqueue(message(named));
        },
        cancel: () => void clients.delete(own),
      }, { highWaterMark: QUEUE_MAX });
      return new Response(body, { headers: HEADERS });
    },
    clients: () => clients.size,
    close() {
      closing.abort();
      for (const client of [...clients.keys()]) drop(client);
    },
  };
}
