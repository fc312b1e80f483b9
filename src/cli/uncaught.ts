/**
 * What no handler caught, in whatever part: it is logged, and the program goes on. One account, one
 * request or one connection that fails in a way nobody thought of ends nothing else.
 *
 * @module
 */
import type { LimitedLog } from "../observability/limited_log.ts";

/** Outlives errors and rejections that nobody handles. Returns what ends that. */
export function outliveUncaught(log: LimitedLog): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("unhandled rejection", { error: event.reason });
  }, { signal });
  addEventListener("error", (event) => {
    event.preventDefault();
    log.error("uncaught error", { error: event.error });
  }, { signal });
  return () => ending.abort();
}
