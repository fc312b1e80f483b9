/**
 * The last events and what became of them, as page and JSON, and another try for what was set
 * aside.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { WEBHOOK_API_VERSION } from "../src/stripe/webhook_types.ts";
import type { SourceView } from "../src/store/port.ts";
import { countText } from "../src/widgets/context.ts";
import {
  isInboxState,
  stateChoices,
  type WebhookCircumstances,
  type WebhookFilter,
  webhookNotes,
  webhookRow,
  webhookRows,
} from "../src/widgets/webhooks.ts";
import { renderWebhooks } from "../views/webhooks.ts";
import { readForm } from "./body.ts";
import { HTML, themeOf } from "./cached.ts";
import { chromeOf, secondsNow } from "./chrome.ts";
import { type AppDeps, envOf } from "./deps.ts";
import { addressOf } from "./peer.ts";
import { sameOrigin } from "./same_origin.ts";
import { nameOf } from "./visitor.ts";

/** What is known of a source's webhooks besides its inbox. */
export function circumstancesOf(deps: AppDeps, { info }: SourceView): WebhookCircumstances {
  const account = deps.live().settings.accounts.find(({ name }) => name === info.name);
  return {
    configured: (account?.webhookSecrets?.length ?? 0) > 0,
    apiVersion: WEBHOOK_API_VERSION,
    refusal: deps.webhooks.refusal(info.name),
  };
}

/** Longest type that is filtered by. */
const TYPE_MAX = 100;

function filterOf(c: Context): WebhookFilter {
  const state = c.req.query("state") ?? "";
  return {
    state: isInboxState(state) ? state : null,
    type: (c.req.query("type") ?? "").slice(0, TYPE_MAX),
  };
}

const time = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();

/** The original's shape (`total_events`, `recent_events`), with what it lacked. */
function json(deps: AppDeps, filter: WebhookFilter) {
  const views = [...deps.live().sources.values()];
  const now = deps.now();
  return {
    total_events: views.reduce((sum, { inbox }) => sum + inbox.total(), 0),
    waiting: views.reduce((sum, { inbox }) => sum + inbox.waiting().length, 0),
    set_aside: views.reduce((sum, { inbox }) => sum + inbox.setAside().length, 0),
    recent_events: webhookRows(views, filter).map((row) => ({
      id: row.event.id,
      type: row.event.type,
      source: row.view.info.name,
      created: time(row.event.created * 1000),
      received: time(row.receivedAt),
      processed: time(row.settledAt),
      success: row.state === "waiting" ? null : row.state !== "set_aside",
      error: row.error,
      state: row.state,
      via: row.via,
      tries: row.tries,
      age_seconds: Math.max(0, Math.round(now / 1000 - row.event.created)),
      changed: row.event.previous,
    })),
  };
}

async function page(c: Context, deps: AppDeps): Promise<string> {
  const filter = filterOf(c);
  const views = [...deps.live().sources.values()];
  const now = secondsNow(deps);
  const total = views.reduce((sum, { inbox }) => sum + inbox.total(), 0);
  const waiting = views.reduce((sum, { inbox }) => sum + inbox.waiting().length, 0);
  const wait = waiting === 0 ? "" : `; ${waiting} ${waiting === 1 ? "waits" : "wait"}`;
  const html = renderWebhooks({
    chrome: await chromeOf(deps, themeOf(c.req.raw), null, null),
    summary: `${
      countText(total, "event")
    } kept${wait}. The newest 100 and all that were set aside.`,
    notes: views.flatMap((view) => webhookNotes(view, circumstancesOf(deps, view), now)),
    states: stateChoices(filter),
    state: filter.state ?? "",
    type: filter.type,
    rows: webhookRows(views, filter).map((row) => {
      const shown = webhookRow(row, now);
      return { ...shown, canRetry: shown.canRetry && deps.access.may.has("operate") };
    }),
    severalSources: views.length > 1,
  });
  return deps.linked(html);
}

export function webhookStatusRoutes(app: Hono, deps: AppDeps): void {
  app.get("/webhooks/status", async (c) => {
    c.header("cache-control", "private, no-cache");
    c.header("vary", "Accept, Cookie, Authorization");
    const accepts = c.req.header("accept") ?? "";
    const wantsJson = c.req.query("format") === "json" || /^application\/json\b/.test(accepts);
    if (wantsJson) return c.json(json(deps, filterOf(c)));
    return c.body(await page(c, deps), 200, { "content-type": HTML });
  });
  // The original's address of the same.
  app.get("/api/stripe/webhook/events", (c) => {
    c.header("cache-control", "private, no-cache");
    return c.json(json(deps, filterOf(c)));
  });
  app.post("/webhooks/retry", async (c) => {
    if (!sameOrigin(c, deps)) return c.text("This form was not sent by this page", 403);
    const form = await readForm(c.req.raw);
    const source = String(form.get("source") ?? "");
    const event = String(form.get("event") ?? "");
    if (!deps.webhooks.retry(source, event)) return c.text("No such event is set aside", 404);
    const { visitor, direct } = envOf(c);
    void deps.audit.record({
      action: "event_retried",
      user: nameOf(visitor),
      address: addressOf(c.req.raw, direct, deps.live().settings.server),
      subject: event,
    });
    return c.redirect("/webhooks/status", 303);
  });
}
