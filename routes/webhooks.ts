/**
 * Where Stripe's webhooks come in: read up to a size, verified, durable, and only then answered.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { randomHex } from "../src/security/api_token.ts";
import { Secret } from "../src/security/secret.ts";
import {
  createWebhookVerifier,
  type SignatureFault,
  type WebhookVerifier,
} from "../src/stripe/webhook.ts";
import type { IntakeResult, Refusal } from "../src/sync/intake.ts";
import { answer } from "./auth.ts";
import { readBody } from "./body.ts";
import type { AppDeps } from "./deps.ts";

/** Bytes of a body at most (design.md section 5); Stripe's own are far below. */
export const BODY_MAX = 1024 * 1024;
/** Stripe gives up after this, too. */
const PATIENCE_MS = 20_000;

const STATUSES: Partial<Record<Refusal, 408 | 413>> = {
  body_too_large: 413,
  body_too_slow: 408,
};

function note(
  { metrics, log, limitedLog, now }: AppDeps,
  source: string | null,
  result: IntakeResult,
): void {
  const { webhooks } = metrics;
  switch (result.kind) {
    case "accepted":
      return webhooks.recordAccepted(
        result.isNew,
        Math.max(0, now() / 1000 - result.event.created),
      );
    case "not_ours":
      webhooks.countIgnored(result.reason);
      return log.info("webhook is for another account or mode", {
        reason: result.reason,
        source: source ?? undefined,
      });
    case "refused":
      webhooks.countRefused(result.reason);
      return limitedLog.warn("webhook refused", {
        reason: result.reason,
        source: source ?? undefined,
      });
    case "unavailable":
      webhooks.countRefused("store_unavailable");
      return limitedLog.error("webhook could not be stored, so Stripe sends it again", {
        error: result.error,
      });
  }
}

/** Refusals by which an address would tell whether there is an account of its name. */
const TELLING: ReadonlySet<Refusal> = new Set(["source_unknown", "secret_missing"]);

/** The same answer in the same time as where there is such an account, and a secret for it. */
async function untold(
  reason: Refusal,
  source: string | null,
  verify: () => Promise<SignatureFault | null>,
): Promise<Refusal> {
  if (source === null || !TELLING.has(reason)) return reason;
  return await verify() ?? "signature_invalid";
}

async function take(c: Context, deps: AppDeps, decoy: WebhookVerifier): Promise<Response> {
  const source = c.req.param("source") ?? null;
  const body = await readBody(c.req.raw, { bytesMax: BODY_MAX, patienceMs: PATIENCE_MS });
  const signature = c.req.header("stripe-signature") ?? null;
  const result: IntakeResult = typeof body === "string"
    ? { kind: "refused", reason: body }
    : await deps.webhooks.receive(source, body, signature);
  note(deps, source, result);
  c.header("cache-control", "no-store");
  switch (result.kind) {
    case "accepted":
      return c.json({ received: true });
    case "not_ours":
      return c.json({ received: true, ignored: result.reason });
    case "refused": {
      const verify = () => decoy(typeof body === "string" ? new Uint8Array() : body, signature);
      const reason = await untold(result.reason, source, verify);
      return c.json({ error: reason }, STATUSES[reason] ?? 400);
    }
    case "unavailable":
      return c.json({ error: "store_unavailable" }, 503);
  }
}

const FOR_BROWSERS =
  "Stripe sends webhooks to this address by POST. Create an endpoint with this " +
  "address at Stripe: `glance webhook:setup` prints the settings. /webhooks/status shows which " +
  "events came.\n";

export function webhookRoutes(app: Hono, deps: AppDeps): void {
  const decoy = createWebhookVerifier([new Secret(randomHex())], () => deps.now() / 1000);
  for (const path of ["/webhooks/stripe", "/webhooks/stripe/:source", "/api/stripe/webhook"]) {
    app.post(path, (c) => take(c, deps, decoy));
  }
  // The original's address is under /api/, where a method that is not for it is a problem in JSON.
  for (const path of ["/webhooks/stripe", "/webhooks/stripe/:source"]) {
    app.get(
      path,
      () => answer(405, FOR_BROWSERS, "text/plain; charset=utf-8", [["allow", "POST"]]),
    );
  }
}
