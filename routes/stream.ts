/**
 * `/api/stream`: what changed, as it changes.
 *
 * @module
 */
import type { Hono } from "hono";
import { mayFollow } from "./access.ts";
import type { AppDeps } from "./deps.ts";

export function streamRoutes(app: Hono, { broadcaster, access }: AppDeps): void {
  app.get("/api/stream", (c) => {
    // A browser that comes back names the last message; a page at first what it was made of.
    const since = c.req.header("last-event-id") ?? c.req.query("since") ?? null;
    // Messages name accounts: who may not see all of them hears only that something changed.
    return broadcaster.open(since, mayFollow("/api/v1/sources", access)) ??
      c.json({ error: "too_many_streams" }, 503);
  });
}
