/**
 * Starts without its database: listens at once, answers that it is not ready, and tries again.
 *
 * @module
 */
import { createHealth } from "../observability/health.ts";
import type { Logger } from "../observability/log.ts";
import { UnreachableError } from "../store/journal.ts";
import type { Clock } from "../stripe/client.ts";
import { VERSION } from "./version.ts";

const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;
const RETRY_AFTER_SECONDS = "5";

const SENTENCE = "The database cannot be reached: the log says why";

/** Every answer but that the process lives is 503: Stripe sends its webhooks again. */
function answers(clock: Clock) {
  const { report } = createHealth({
    version: VERSION,
    clock,
    checks: { database: () => ({ status: "unhealthy", message: SENTENCE }) },
  });
  return async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (/\/(health\/live|api\/healthz)$/.test(pathname)) return new Response("ok\n");
    const headers = { "cache-control": "no-store", "retry-after": RETRY_AFTER_SECONDS };
    if (/\/health$/.test(pathname)) {
      const json = { ...headers, "content-type": "application/json" };
      return new Response(JSON.stringify(await report()), { status: 503, headers: json });
    }
    const text = `${SENTENCE}. This page reloads by itself.\n`;
    const page = {
      ...headers,
      refresh: RETRY_AFTER_SECONDS,
      "content-type": "text/plain; charset=utf-8",
    };
    return new Response(text, { status: 503, headers: page });
  };
}

export interface AwaitOptions<T> {
  readonly open: () => Promise<T>;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

export interface Awaited<T> {
  readonly database: T;
  /** The port that was listened on meanwhile, which is free again. */
  readonly port: number;
}

/**
 * Opens the database; while it cannot be reached, tries again with growing pauses.
 *
 * @returns `null` when the wait was ended.
 * @throws {StorageError} for what no other try mends, such as a wrong password.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export async function awaitDatabase<T>(options: AwaitOptions<T>): Promise<Awaited<T> | null> {
  const { open, host, port, clock, log, signal } = options;
  const ending = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr> | null = null;
  let said = "";
  try {
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS_MAX)) {
      try {
        return { database: await open(), port: server?.addr.port ?? port };
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        server ??= Deno.serve(
          { hostname: host, port, signal: ending.signal, onListen: () => {} },
          answers(clock),
        );
        if (error.message !== said) {
          const url = `http://${server.addr.hostname}:${server.addr.port}/`;
          log.error("waiting for the database", { problem: error.message, url });
        }
        said = error.message;
      }
      await clock.sleep(wait, signal).catch(() => {});
    }
    return null;
  } finally {
    // At once, as a connection that says nothing would hold the port.
    ending.abort();
    await server?.finished;
  }
}
