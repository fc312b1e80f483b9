/**
 * Health, metrics, assets and the manifest.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { EXPOSITION_TYPE } from "../src/observability/exposition.ts";
import { isLoopback } from "../src/security/address.ts";
import type { Tally } from "../src/metrics/tally.ts";
import type { Scope } from "../src/security/api_token.ts";
import { equalBytes } from "../src/security/password.ts";
import { StillLoadingError } from "../src/store/opening.ts";
import { renderManifest } from "../views/manifest.ts";
import { basePathOf, underBasePath } from "./base_path.ts";
import { cached, JSON_TYPE } from "./cached.ts";
import { chromeOf } from "./chrome.ts";
import { type AppDeps, envOf } from "./deps.ts";
import { IMMUTABLE_HEADERS, NO_STORE_HEADERS } from "./headers.ts";
import { isOurHost } from "./hosts.ts";
import { createEntry, type Entry, respond } from "./page_cache.ts";

function plain(status: number, body: string, contentType: string): Response {
  const headers = NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, { status, headers: [["content-type", contentType], ...headers] });
}

function statusOnly(ok: boolean): Response {
  return plain(ok ? 200 : 503, ok ? "ok\n" : "unavailable\n", "text/plain; charset=utf-8");
}

/** Ready while pages can be served: not before the first load, not while stopping. */
function isReady(deps: AppDeps): boolean {
  if (deps.stopping()) return false;
  const views = [...deps.live().sources.values()];
  return views.some(({ status, tally }) =>
    (status.asOf !== null || status.phase === "backfill") && isThere(tally)
  ) || views.length === 0;
}

/** Whether figures are there, from the facts or from the opening before they are read. */
function isThere(tally: Tally): boolean {
  try {
    tally.active();
    return true;
  } catch (error) {
    if (error instanceof StillLoadingError) return false;
    throw error;
  }
}

/** Where every name is answered, none is known to be ours but those of this machine. */
const NO_HOSTS: ReadonlySet<string> = new Set();

/** Headers that a proxy adds: with one of them a request is not from this machine. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"];

/**
 * Whether a request comes from this machine itself: not through a proxy on it, and not by a name
 * that somebody else points at it, as a page of theirs in a browser here would (DNS rebinding).
 */
function isLocal(deps: AppDeps, c: Context): boolean {
  const { proxied, hosts } = deps.live().settings.server;
  const { direct: address } = envOf(c);
  return !proxied && isLoopback(address) && isOurHost(c.req.url, { hosts: hosts ?? NO_HOSTS }) &&
    FORWARDED.every((name) => c.req.header(name) === undefined);
}

function sameText(given: string, expected: string): boolean {
  const encoder = new TextEncoder();
  return equalBytes(encoder.encode(given), encoder.encode(expected));
}

/** Whether a request bears METRICS_TOKEN. */
function bearsToken(deps: AppDeps, c: Context): boolean {
  const { token } = deps.live().settings.metrics;
  const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
  return given !== undefined && token !== null && sameText(given, token.reveal());
}

function hasScope(c: Context, scope: Scope): boolean {
  const { visitor } = envOf(c);
  return visitor.kind === "token" && visitor.scopes.includes(scope);
}

function mayReadMetrics(deps: AppDeps, c: Context): boolean {
  return deps.live().settings.metrics.public || isLocal(deps, c) ||
    hasScope(c, "read:metrics") || bearsToken(deps, c);
}

/** In place of the figures, which are told under names of ours alone. */
const UNDER_ANOTHER_NAME =
  "# Figures are left out as this server does not answer under this name: server.allowed-hosts\n";

/** Metrics may be for everyone, or for this machine; revenue is for whoever may see it. */
function mayReadFigures(deps: AppDeps, c: Context): boolean {
  const maySee = deps.access.may.has("see figures");
  const isOpen = envOf(c).visitor.kind === "anyone";
  return maySee && (isOpen ? isLocal(deps, c) : hasScope(c, "read:metrics")) || bearsToken(deps, c);
}

async function metricsAnswer(deps: AppDeps, c: Context): Promise<Response> {
  if (!deps.live().settings.metrics.enabled) {
    return plain(404, "Metrics are switched off: METRICS_ENABLED\n", "text/plain; charset=utf-8");
  }
  if (!mayReadMetrics(deps, c)) {
    const text = "Metrics are for this machine or for a bearer token (METRICS_TOKEN)\n";
    return plain(403, text, "text/plain; charset=utf-8");
  }
  const { metrics: { business }, server } = deps.live().settings;
  const figures = !business || !mayReadFigures(deps, c)
    ? ""
    : isOurHost(c.req.url, server)
    ? await deps.business.text()
    : UNDER_ANOTHER_NAME;
  return plain(200, await deps.metrics.registry.text() + figures, EXPOSITION_TYPE);
}

async function healthAnswer(deps: AppDeps): Promise<Response> {
  const report = await deps.health.report();
  return plain(report.status === "unhealthy" ? 503 : 200, JSON.stringify(report), JSON_TYPE);
}

/** Background of the manifest where the configuration names none. */
const BACKGROUND = "#101214";

export function probeRoutes(app: Hono, deps: AppDeps): void {
  app.get("/health/live", () => statusOnly(true));
  app.get("/health/ready", () => statusOnly(isReady(deps)));
  // The original's alias.
  app.get("/api/healthz", () => statusOnly(true));
  for (const path of ["/health", "/api/health"]) app.get(path, () => healthAnswer(deps));
  for (const path of ["/metrics", "/api/metrics"]) app.get(path, (c) => metricsAnswer(deps, c));

  const entries = new Map<string, Promise<Entry>>();
  app.get("/assets/:name", (c) => {
    const href = `/assets/${c.req.param("name")}`;
    const asset = deps.asset(href);
    if (!asset) return deps.assetFile(c.req.param("name"));
    let entry = entries.get(href);
    if (!entry) {
      const { contentType } = asset;
      entry = createEntry(asset.body, {
        route: "/assets/",
        contentType,
        headers: IMMUTABLE_HEADERS,
      });
      entries.set(href, entry);
    }
    return entry.then((made) => respond(made, c.req.raw));
  });

  app.get("/manifest.json", (c) =>
    cached(deps, c.req.raw, "/manifest.json", async () => {
      const { branding, server } = deps.live().settings;
      const base = basePathOf(server);
      const chrome = await chromeOf(deps, null, null, null);
      return {
        body: renderManifest(branding, {
          backgroundColor: branding.appBackgroundColor ?? BACKGROUND,
          iconHref: underBasePath(
            branding.appIconHref ?? chrome.branding.faviconHref ?? deps.assets().favicon.href,
            base,
          ),
          startHref: `${base}/`,
        }),
        contentType: "application/manifest+json",
      };
    }));
}
