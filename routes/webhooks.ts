/**
 * Where Stripe's webhooks come in: read up to a size, verified, durable, and only then answered.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import type { IntakeResult, Refusal } from "../src/sync/intake.ts";
import type { AppDeps } from "./deps.ts";

/** Bytes of a body at most (design.md section 5); Stripe's own are far below. */
export const BODY_MAX = 1024 * 1024;

/** The whole body, or `null` once it is longer than allowed; no more than that is read. */
async function readBody(request: Request): Promise<Uint8Array | null> {
  const told = request.headers.get("content-length");
  if (told !== null && Number(told) > BODY_MAX) {
    await request.body?.cancel();
    return null;
  }
  // The server holds a sender to the length that it told; reading at once is many times cheaper.
  if (told !== null) return await request.bytes();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > BODY_MAX) return null;
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0]!;
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

const STATUSES: Partial<Record<Refusal, 404 | 413>> = {
  source_unknown: 404,
  body_too_large: 413,
};

function note({ metrics, log, now }: AppDeps, source: string | null, result: IntakeResult): void {
  const { webhooks } = metrics;
  switch (result.kind) {
    case "accepted":
      return webhooks.recordAccepted(
        result.isNew,
        Math.max(0, now() / 1000 - result.event.created),
      );
    case "refused":
      webhooks.countRefused(result.reason);
      return log.warn("webhook refused", { reason: result.reason, source: source ?? undefined });
    case "unavailable":
      webhooks.countRefused("store_unavailable");
      return log.error("webhook could not be stored, so Stripe sends it again", {
        error: result.error,
      });
  }
}

async function take(c: Context, deps: AppDeps): Promise<Response> {
  const source = c.req.param("source") ?? null;
  const body = await readBody(c.req.raw);
  const signature = c.req.header("stripe-signature") ?? null;
  const result: IntakeResult = body === null
    ? { kind: "refused", reason: "body_too_large" }
    : await deps.webhooks.receive(source, body, signature);
  note(deps, source, result);
  c.header("cache-control", "no-store");
  switch (result.kind) {
    case "accepted":
      return c.json({ received: true });
    case "refused":
      return c.json({ error: result.reason }, STATUSES[result.reason] ?? 400);
    case "unavailable":
      return c.json({ error: "store_unavailable" }, 503);
  }
}

export function webhookRoutes(app: Hono, deps: AppDeps): void {
  for (const path of ["/webhooks/stripe", "/webhooks/stripe/:source", "/api/stripe/webhook"]) {
    app.post(path, (c) => take(c, deps));
  }
}
