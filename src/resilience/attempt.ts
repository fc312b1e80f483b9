/**
 * One attempt: the request and its whole body, within a time-out.
 *
 * @module
 */
import { linkSignal, orAborted, signalOf } from "./abort.ts";
import { AttemptError, type AttemptErrorKind } from "./errors.ts";
import { checkNumber } from "./options.ts";
import type { Clock, Decorator } from "./types.ts";

/** How an attempt ended, for events. */
export type AttemptResult =
  | { readonly status: number }
  | { readonly error: AttemptErrorKind | "aborted" };

export interface AttemptOptions {
  readonly clock: Clock;
  /** Milliseconds from sending to the last byte of the body; 20,000. */
  readonly timeoutMs?: number;
  /** Bytes of a body (after decompression) that are read at most; 64 MiB. */
  readonly bodyBytesMax?: number;
  /** Told of every attempt that was sent; must not throw. */
  readonly onResult?: (
    input: Request | string | URL,
    result: AttemptResult,
    durationMs: number,
  ) => void;
}

/** Bytes that a body is given first; most pages of Stripe's are larger. */
const FIRST_BYTES = 64 * 1024;
/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * Answers with a response whose body is already here, so that a cut or hung body fails like a cut
 * connection and can be tried again. Rejects with `AttemptError`, or the reason of the caller's
 * signal.
 *
 * @throws {RangeError} for an option out of range
 */
export function withAttempt(options: AttemptOptions): Decorator {
  const { clock, timeoutMs = 20_000, bodyBytesMax = 64 * 1024 * 1024, onResult } = options;
  checkNumber("limit attempts", "timeoutMs", timeoutMs, { above: 0 });
  checkNumber("limit attempts", "bodyBytesMax", bodyBytesMax, { min: 1 });

  return (next) =>
    async function attemptFetch(input, init = {}) {
      const { deadline: _, onStart, ...plain } = init;
      const caller = signalOf(input, init);
      caller?.throwIfAborted();
      onStart?.();
      const begun = clock.steady();
      const link = linkSignal(caller);
      const timer = new AbortController();
      clock.sleep(timeoutMs, timer.signal).then(
        () => link.abort(new AttemptError("timeout", `No whole answer within ${timeoutMs} ms`)),
        () => {}, // answered in time
      );
      const report = (result: AttemptResult) => onResult?.(input, result, clock.steady() - begun);
      let answer: Response | undefined;
      try {
        answer = await orAborted(
          // A redirect would carry the key to another host.
          next(input, { ...plain, redirect: "error", signal: link.signal }),
          link.signal,
        );
        const body = await readBody(answer, bodyBytesMax, link.signal);
        report({ status: answer.status });
        return buffered(answer, body);
      } catch (cause) {
        const error = link.signal.aborted ? link.signal.reason : toAttemptError(cause, answer);
        report({ error: error instanceof AttemptError ? error.kind : "aborted" });
        throw error;
      } finally {
        timer.abort();
        link.dispose();
      }
    };
}

function toAttemptError(cause: unknown, answer: Response | undefined): AttemptError {
  if (cause instanceof AttemptError) return cause;
  return answer
    ? new AttemptError("cut_body", "The answer broke off", { cause })
    : new AttemptError("network", "The connection failed", { cause });
}

async function readBody(
  response: Response,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.body) return new Uint8Array();
  const reader = response.body.getReader();
  // One buffer that grows: of a bomb, a list of its small chunks takes ten times their bytes.
  let whole = new Uint8Array(FIRST_BYTES);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) break;
      const next = length + value.byteLength;
      if (next > bytesMax) {
        throw new AttemptError("oversized_body", `The answer is larger than ${bytesMax} bytes`);
      }
      if (next > whole.byteLength) {
        const larger = new Uint8Array(Math.max(next, whole.byteLength * 2));
        larger.set(whole.subarray(0, length));
        whole = larger;
      }
      whole.set(value, length);
      length = next;
    }
  } catch (error) {
    reader.cancel(error).catch(() => {}); // it may be broken already
    throw error;
  }
  return whole.subarray(0, length);
}

function buffered(response: Response, body: Uint8Array<ArrayBuffer>): Response {
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // They described the bytes on the wire.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(BODILESS.has(status) ? null : body, { status, statusText, headers });
}
