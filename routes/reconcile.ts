/**
 * Comparing a source with Stripe on demand: by the button of its page, and by `glance reconcile`,
 * which signs its request with what only the configuration knows.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { randomHex } from "../src/security/api_token.ts";
import { operatorKey } from "../src/security/operator_key.ts";
import { Secret } from "../src/security/secret.ts";
import type { SourceView } from "../src/store/port.ts";
import { StripeFault } from "../src/stripe/fault.ts";
import { createWebhookVerifier } from "../src/stripe/webhook.ts";
import { readForm } from "./body.ts";
import { type AppDeps, envOf } from "./deps.ts";
import { addressOf } from "./peer.ts";
import { sameOrigin } from "./same_origin.ts";
import { nameOf } from "./visitor.ts";

/** Seconds that an operator's signature holds, before and after. */
const SIGNATURE_SECONDS = 60;

/** Why a source cannot be compared now; `null` when it can. */
function hindrance({ status }: SourceView): string | null {
  if (status.asOf === null) return "The account is still being read for the first time";
  if (status.phase === "stopped") return "The source is stopped";
  return null;
}

function sourceNamed(body: Uint8Array): string | null {
  try {
    const { source } = JSON.parse(new TextDecoder().decode(body)) as { source?: unknown };
    return typeof source === "string" ? source : null;
  } catch {
    return null;
  }
}

/** The operator's command has no user: it is signed with the account's key. */
function noteComparison(c: Context, deps: AppDeps, subject: string): void {
  const { visitor, direct } = envOf(c);
  const address = addressOf(c.req.raw, direct, deps.live().settings.server);
  void deps.audit.record({ action: "compared", user: nameOf(visitor), address, subject });
}

/** The command's request: waits for the result. */
async function command(c: Context, deps: AppDeps): Promise<Response> {
  c.header("cache-control", "no-store");
  if (!c.req.header("content-type")?.startsWith("application/json")) {
    return c.json({ error: "Send application/json" }, 415);
  }
  const body = await c.req.raw.bytes();
  const name = sourceNamed(body);
  const { settings, sources } = deps.live();
  const account = settings.accounts.find((one) => one.name === name);
  // An account that there is not is signed for by nobody, and answers as one that there is.
  const key = operatorKey(account?.key ?? new Secret(randomHex()));
  const verify = createWebhookVerifier([key], () => deps.now() / 1000, SIGNATURE_SECONDS);
  const fault = await verify(body, c.req.header("glance-signature") ?? null);
  if (fault || !account) return c.json({ error: fault ?? "signature_invalid" }, 401);
  const view = sources.get(account.name);
  const hindered = view ? hindrance(view) : "The source is not started yet";
  if (hindered) return c.json({ error: hindered }, 409);
  deps.log.info("comparison with Stripe on request", { source: account.name });
  noteComparison(c, deps, account.name);
  try {
    const compared = await deps.compare(account.name);
    return compared ? c.json(compared) : c.json({ elsewhere: true }, 202);
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error;
    return c.json({ error: error.message }, 502);
  }
}

export function reconcileRoutes(app: Hono, deps: AppDeps): void {
  app.post("/operator/reconcile", (c) => command(c, deps));
  app.post("/sources/compare", async (c) => {
    if (!sameOrigin(c, deps)) return c.text("This form was not sent by this page", 403);
    const name = String((await readForm(c.req.raw)).get("source") ?? "");
    const view = deps.live().sources.get(name);
    if (!view) return c.text("There is no such source", 404);
    const hindered = hindrance(view);
    if (hindered) return c.text(`${hindered}: try again later`, 409);
    deps.log.info("comparison with Stripe on request", { source: name });
    noteComparison(c, deps, name);
    // The page shows what comes of it.
    deps.compare(name).catch((error) => deps.log.warn("comparison failed", { error }));
    return c.redirect("/sources", 303);
  });
}
