/**
 * Reading objects whose shape may not be what Stripe documents.
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";
import { ShapeError } from "../stripe/shape.ts";

/** What `read` gives, or `null` where the object is not understood; that is noted. */
export function noteUnreadable<T>(
  store: SourceStore,
  kind: string,
  value: unknown,
  read: () => T,
): T | null {
  const id = (value as { id?: unknown } | null)?.id;
  const name = typeof id === "string" ? id : `${kind} without an id`;
  try {
    const result = read();
    store.clearUnreadable(name);
    return result;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    store.setUnreadable({ kind, id: name, problem: error.message });
    return null;
  }
}
