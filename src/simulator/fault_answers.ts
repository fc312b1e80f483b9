/** The answers that faults give. */
import { ApiError, errorBody, tooManyRequests } from "./errors.ts";
import type { Fault } from "./faults.ts";
import { API_VERSION } from "./version.ts";

/** Never resolves; rejects when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** What a broken connection fails with. Without a stack: a server would log it at every fault. */
export function connectionError(message: string): TypeError {
  const error = new TypeError(message);
  error.stack = `TypeError: ${message}`;
  return error;
}

/** A body that stops half-way with an error, as a cut connection does. */
export function cutBody(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text.slice(0, Math.floor(text.length / 2)));
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) {
        return controller.error(connectionError("connection closed before message completed"));
      }
      sent = true;
      controller.enqueue(bytes);
    },
  });
}

/** The headers of every answer. */
export function responseHeaders(requestId: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "request-id": requestId,
    "stripe-version": API_VERSION,
  };
}

/** The answer of a fault that has one. */
export function faultResponse(fault: Fault, requestId: string, answer: () => Response): Response {
  const headers = responseHeaders(requestId);
  switch (fault.kind) {
    case "rate_limited":
      return new Response(errorBody(tooManyRequests(), requestId), {
        status: 429,
        headers: {
          ...headers,
          "stripe-rate-limited-reason": "global-rate",
          ...(fault.retryAfterSeconds === undefined
            ? {}
            : { "retry-after": String(fault.retryAfterSeconds) }),
        },
      });
    case "server_error": {
      const error = new ApiError(500, "An unknown error occurred");
      return new Response(errorBody(error, requestId), { status: 500, headers });
    }
    case "bad_gateway":
      return new Response("<html><head><title>502 Bad Gateway</title></head></html>", {
        status: 502,
        headers: { "content-type": "text/html" },
      });
    default:
      return answer();
  }
}
