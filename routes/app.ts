/**
 * The whole HTTP interface: what is cached is answered at once, the rest by its route.
 *
 * @module
 */
import { Hono } from "hono";
import { apiRoutes, problemResponse } from "./api/routes.ts";
import { Problem } from "./api/problem.ts";
import { type Auth, createAuth } from "./auth.ts";
import { cacheKey, themeOf } from "./cached.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { definitionsRoutes } from "./definitions_page.ts";
import { demoRoutes } from "./demo.ts";
import type { AppDeps } from "./deps.ts";
import { explainRoutes } from "./explain.ts";
import { moneyExplainRoutes } from "./explain_money.ts";
import { NO_STORE_HEADERS, SECURITY_HEADERS } from "./headers.ts";
import { messagePage, notFoundPage } from "./message_page.ts";
import { respond } from "./page_cache.ts";
import { probeRoutes } from "./probes.ts";
import { reconcileRoutes } from "./reconcile.ts";
import { sourcesRoutes } from "./sources_page.ts";
import { streamRoutes } from "./stream.ts";
import { themeRoutes } from "./theme.ts";
import { webhookStatusRoutes } from "./webhook_status.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Answers one request; `remoteAddress` is the address of the connection. */
export type Handler = (request: Request, remoteAddress: string) => Response | Promise<Response>;

/** A name for a route in the metrics: a pattern, never a path. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/widgets\//, "/api/widgets/{id}"],
  [/^\/api\/pages\//, "/api/pages/{slug}/content/"],
  [/^\/api\/set-theme\//, "/api/set-theme/{key}"],
  [/^\/explain\/subscription\//, "/explain/subscription/{id}"],
  [/^\/explain\//, "/explain/{figure}"],
  [/^\/assets\//, "/assets/"],
  [
    /^\/api\/v1\/(sources|revenue|revenue\/history|movements|events|customers|customers\/monthly|cohorts|failed-payments|trials|cash|renewals|forecast|subscriptions|definitions)$/,
    "",
  ],
  [
    /^\/(health(\/live|\/ready)?|metrics|manifest\.json|definitions|sources|connect|demo\/break)$/,
    "",
  ],
  [/^\/webhooks\/(status|retry)$/, ""],
  [/^\/(login|logout|api\/authenticate)$/, ""],
  [/^\/webhooks\/stripe(\/[^/]+)?$/, "/webhooks/stripe"],
  [
    /^\/api\/(healthz|health|metrics|openapi\.json|stream|stripe\/webhook|stripe\/webhook\/events)$/,
    "",
  ],
  [/^\/[a-z0-9-]*$/, "/{page}"],
];

function patternOf(path: string): string {
  for (const [pattern, name] of PATTERNS) if (pattern.test(path)) return name || path;
  return "other";
}

function withHeaders(body: string, status: number, contentType: string): Response {
  const headers = NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, { status, headers: [["content-type", contentType], ...headers] });
}

function createRouter(deps: AppDeps, auth: Auth): Hono {
  // Not strict: `/api/pages/x/content` and the same with a slash are one address.
  const app = new Hono({ strict: false });
  auth.routes(app);
  probeRoutes(app, deps);
  webhookRoutes(app, deps);
  webhookStatusRoutes(app, deps);
  reconcileRoutes(app, deps);
  streamRoutes(app, deps);
  apiRoutes(app, deps);
  moneyExplainRoutes(app, deps);
  explainRoutes(app, deps);
  definitionsRoutes(app, deps);
  demoRoutes(app, deps);
  themeRoutes(app, deps);
  sourcesRoutes(app, deps);
  dashboardRoutes(app, deps);
  app.notFound(async (c) => {
    const { pathname } = new URL(c.req.url);
    if (pathname.startsWith("/api/")) return problemResponse(new Problem("not_found"));
    const { body, contentType } = await notFoundPage(deps, themeOf(c.req.raw), pathname);
    return withHeaders(body, 404, contentType);
  });
  app.onError(async (error, c) => {
    const { pathname } = new URL(c.req.url);
    deps.log.error("request failed", { path: patternOf(pathname), error });
    if (pathname.startsWith("/api/")) return problemResponse(new Problem("internal"));
    const { body, contentType } = await messagePage(deps, themeOf(c.req.raw), {
      code: 500,
      alarm: "broken",
      title: "Something went wrong here",
      what: "The page could not be made. The log says what happened; the figures are not at fault.",
      todo: ["Try again", "If it stays so, look at the log and report it"],
      actions: [{ text: "To the dashboard", href: "/" }],
    });
    return withHeaders(body, 500, contentType);
  });
  return app;
}

/** Methods that only read. */
const READING = new Set(["GET", "HEAD"]);

/** The handler of all requests. */
export function createApp(deps: AppDeps): Handler {
  const auth = createAuth(deps);
  const router = createRouter(deps, auth);
  const { cache, metrics, log } = deps;

  function note(request: Request, route: string, status: number, startedAt: number): void {
    const ms = deps.now() - startedAt;
    metrics.recordHttp(route, request.method, status, ms / 1000);
    log.debug("request", { operation: route, method: request.method, status, duration: ms });
  }

  async function routed(
    request: Request,
    remoteAddress: string,
    startedAt: number,
  ): Promise<Response> {
    const response = await router.fetch(request, { remoteAddress });
    const path = new URL(request.url).pathname;
    for (const [name, value] of SECURITY_HEADERS) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    note(request, patternOf(path), response.status, startedAt);
    return response;
  }

  return function handle(request, remoteAddress) {
    const startedAt = deps.now();
    const refused = auth.refuse(request);
    if (refused) {
      note(request, patternOf(new URL(request.url).pathname), refused.status, startedAt);
      return refused;
    }
    const entry = READING.has(request.method) ? cache.get(cacheKey(request)) : undefined;
    if (!entry) return routed(request, remoteAddress, startedAt);
    const response = respond(entry, request);
    note(request, entry.route, response.status, startedAt);
    return response;
  };
}
