/**
 * The whole HTTP interface: what is cached is answered at once, the rest by its route.
 *
 * @module
 */
import { Hono } from "hono";
import { createApiTokens } from "../src/security/api_tokens.ts";
import type { Awaitable } from "../src/security/recent.ts";
import { createSessions } from "../src/security/sessions.ts";
import { createThrottle } from "../src/security/throttle.ts";
import { nameOf, refusalOf, routeNameOf, type RouteRule, ruleOf } from "./access.ts";
import { Problem } from "./api/problem.ts";
import { apiRoutes, openApiRoutes, problemResponse } from "./api/routes.ts";
import { auditRoutes } from "./audit.ts";
import { authRoutes, sessionCookie, type SignInOptions } from "./auth.ts";
import { type BodyLimits, readBody } from "./body.ts";
import { cacheKey, themeOf } from "./cached.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { definitionsRoutes } from "./definitions_page.ts";
import { demoRoutes } from "./demo.ts";
import type { AppDeps, RequestEnv, ServerDeps } from "./deps.ts";
import { explainRoutes } from "./explain.ts";
import { moneyExplainRoutes } from "./explain_money.ts";
import { refusalResponse, unavailable } from "./guard.ts";
import { HSTS, NO_STORE_HEADERS, SECURITY_HEADERS } from "./headers.ts";
import { isOurHost, wrongHost } from "./hosts.ts";
import { createIdentify } from "./identify.ts";
import { messagePage, notFoundPage } from "./message_page.ts";
import { type PageCache, respond } from "./page_cache.ts";
import { pathOf } from "./path.ts";
import { addressOf, isSecure } from "./peer.ts";
import { probeRoutes } from "./probes.ts";
import { reconcileRoutes } from "./reconcile.ts";
import { sourcesRoutes } from "./sources_page.ts";
import { streamRoutes } from "./stream.ts";
import { themeRoutes } from "./theme.ts";
import {
  type Access,
  accessOf,
  nameOf as visitorName,
  NOBODY,
  seenBy,
  type Visitor,
} from "./visitor.ts";
import { webhookStatusRoutes } from "./webhook_status.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Answers one request; `remoteAddress` is the address of the connection. */
export type Handler = (request: Request, remoteAddress: string) => Response | Promise<Response>;

function withHeaders(body: string, status: number, contentType: string): Response {
  const headers = NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, { status, headers: [["content-type", contentType], ...headers] });
}

/** The same, of what the reader may see alone. */
function limited(deps: AppDeps, what: "pages" | "accounts"): AppDeps {
  return { ...deps, live: () => seenBy(deps.access, deps.live(), what) };
}

/** No route has this path. */
const NOWHERE = "//";

/** The routes for those who see the same. */
export function createRouter(whole: AppDeps, auth: SignInOptions): Hono {
  const app = new Hono({
    // What is not in the table of routes is not reached, whatever is registered here.
    getPath(request) {
      const path = pathOf(request.url);
      return path !== null && ruleOf(request.method, path) ? path : NOWHERE;
    },
  });
  const ofPages = limited(whole, "pages");
  const ofAccounts = limited(whole, "accounts");
  authRoutes(app, ofPages, auth);
  probeRoutes(app, whole);
  webhookRoutes(app, whole);
  reconcileRoutes(app, whole);
  webhookStatusRoutes(app, ofAccounts);
  streamRoutes(app, ofPages);
  apiRoutes(app, ofAccounts);
  openApiRoutes(app, ofPages);
  moneyExplainRoutes(app, ofAccounts);
  explainRoutes(app, ofAccounts);
  definitionsRoutes(app, ofAccounts);
  demoRoutes(app, ofPages);
  themeRoutes(app, ofPages);
  sourcesRoutes(app, ofAccounts);
  auditRoutes(app, ofPages);
  dashboardRoutes(app, ofPages);
  app.notFound(async (c) => {
    const { pathname } = new URL(c.req.url);
    if (pathname.startsWith("/api/")) {
      const path = pathOf(c.req.url);
      const isKnown = path !== null && ["GET", "POST"].some((method) => ruleOf(method, path));
      return problemResponse(new Problem(isKnown ? "method_not_allowed" : "not_found"));
    }
    const { body, contentType } = await notFoundPage(ofPages, themeOf(c.req.raw), pathname);
    return withHeaders(body, 404, contentType);
  });
  app.onError(async (error, c) => {
    const { pathname } = new URL(c.req.url);
    whole.log.error("request failed", { path: routeNameOf(c.req.raw), error });
    if (pathname.startsWith("/api/")) return problemResponse(new Problem("internal"));
    const { body, contentType } = await messagePage(ofPages, themeOf(c.req.raw), {
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

/** The cache of those who see the same: nobody else's entry is under their keys. */
function cacheOf(cache: PageCache, { key }: Access): PageCache {
  return {
    ...cache,
    get: (address) => cache.get(`${key} ${address}`),
    set: (address, entry) => cache.set(`${key} ${address}`, entry),
  };
}

/** What those who see the same are served from. */
interface Counter {
  readonly deps: AppDeps;
  readonly router: Hono;
}

/** Sets of pages that are open to somebody, in use and from before a reload. */
const COUNTERS_MAX = 100;

/** Methods that only read. */
const READING = new Set(["GET", "HEAD"]);

/** A form or a command is shorter. */
const SENT: BodyLimits = { bytesMax: 65_536, patienceMs: 30_000 };

type Rule = RouteRule | null;

/** A request with all that it carries; webhooks are read where they are verified. */
async function received(request: Request, rule: Rule): Promise<Request | Response> {
  if (READING.has(request.method) || rule === null || isWebhook(rule)) return request;
  const body = await readBody(request, SENT);
  if (typeof body === "string") return problemResponse(new Problem(body));
  const { method, headers, url } = request;
  return new Request(url, { method, headers, body });
}

/** Probes come by the address of a container, and what is signed shows by that whose it is. */
function isForAnyHost(rule: Rule): boolean {
  return rule?.who === "signed" || rule?.who === "health" || rule !== null && PROBES.has(rule.path);
}

const PROBES = new Set([
  "/health/live",
  "/health/ready",
  "/api/healthz",
  "/metrics",
  "/api/metrics",
]);

const isWebhook = ({ who, path }: RouteRule) => who === "signed" && path.includes("stripe");

/** The handler of all requests. */
export function createApp(given: ServerDeps): Handler {
  const { metrics, log } = given;
  const settings = () => given.live().settings;
  const sessions = createSessions(given.accessStore.sessions, given.now);
  const throttle = createThrottle({ keeper: given.accessStore.failures, now: given.now });
  const tokens = createApiTokens({
    keeper: given.accessStore.tokens,
    configured: () => settings().auth?.tokens ?? [],
    now: given.now,
    onFirstUse: ({ name }) => void given.audit.record({ action: "token_used", subject: name }),
    onError: (error) => log.warn("the use of a token could not be noted", { error }),
  });
  const identify = createIdentify({ settings, sessions, tokens });
  const counters = new Map<string, Counter>();

  function counterOf(access: Access): Counter {
    let counter = counters.get(access.key);
    if (!counter) {
      const whole: AppDeps = { ...given, access, cache: cacheOf(given.cache, access) };
      const router = createRouter(whole, { sessions, throttle });
      counter = { deps: limited(whole, "pages"), router };
      if (counters.size >= COUNTERS_MAX) counters.clear();
      counters.set(access.key, counter);
    }
    return counter;
  }

  function note(request: Request, route: string, status: number, startedAt: number): void {
    const ms = given.now() - startedAt;
    metrics.recordHttp(route, request.method, status, ms / 1000);
    log.debug("request", { operation: route, method: request.method, status, duration: ms });
  }

  async function routed({ deps, router }: Counter, given: Request, env: RequestEnv, rule: Rule) {
    const { visitor, direct } = env;
    const request = await received(given, rule);
    if (request instanceof Response) return request;
    const response = await router.fetch(request, env);
    for (const [name, value] of SECURITY_HEADERS) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    const session = visitor.kind === "user" ? visitor.session : null;
    if (session && sessions.isDue(session) && !response.headers.has("set-cookie")) {
      const { token } = await sessions.renew(session);
      response.headers.append(...sessionCookie(token, { request, direct, deps }));
    }
    return response;
  }

  /** An answer and the name of its route; at once where it is at hand. */
  function respondTo(request: Request, env: RequestEnv): Awaitable<readonly [Response, string]> {
    const { visitor } = env;
    const path = pathOf(request.url);
    const rule = path === null ? null : ruleOf(request.method, path);
    const name = rule ? nameOf(rule) : "other";
    const live = given.live();
    const access = accessOf(visitor, live.settings);
    const counter = counterOf(access);
    if (!isOurHost(request.url, live.settings.server) && !isForAnyHost(rule)) {
      return [wrongHost(request.url), name];
    }
    const refusal = refusalOf(rule, visitor, {
      healthPublic: live.settings.healthPublic,
      hasAccounts: rule?.who === "accounts" && seenBy(access, live, "accounts").sources.size > 0,
    });
    if (refusal !== null && refusal !== "not_found") {
      const refused = refusalResponse(refusal, { deps: counter.deps, request, visitor, rule });
      return refused instanceof Promise
        ? refused.then((made) => [made, name] as const)
        : [refused, name];
    }
    const entry = rule !== null && READING.has(request.method)
      ? counter.deps.cache.get(cacheKey(request))
      : undefined;
    const session = visitor.kind === "user" ? visitor.session : null;
    if (entry && !(session && sessions.isDue(session))) {
      return [respond(entry, request), entry.route];
    }
    return routed(counter, request, env, rule).then((made) => [made, name] as const);
  }

  /** Downloads are recorded: those of a token once a day, as it comes again and again. */
  const exportedOn = new Map<string, number>();
  function noteExport(request: Request, { visitor, direct }: RequestEnv, route: string): void {
    const user = visitorName(visitor);
    if (visitor.kind === "token") {
      const day = Math.floor(given.now() / 86_400_000);
      if (exportedOn.get(`${user} ${route}`) === day) return;
      exportedOn.set(`${user} ${route}`, day);
    }
    const address = addressOf(request, direct, settings().server);
    void given.audit.record({ action: "exported", user, address, subject: route });
  }

  async function unidentified(request: Request, error: unknown): Promise<Response> {
    log.error("who asks could not be found out", { error });
    const { deps } = counterOf(accessOf(NOBODY, settings()));
    return await unavailable(deps, request);
  }

  return function handle(request, direct) {
    const startedAt = given.now();
    function finish([response, route]: readonly [Response, string], env: RequestEnv): Response {
      note(request, route, response.status, startedAt);
      if (isSecure(request, env.direct, settings().server)) response.headers.set(...HSTS);
      if (
        route.startsWith("/api/v1/") && response.ok &&
        response.headers.get("content-type")?.startsWith("text/csv")
      ) noteExport(request, env, route);
      return response;
    }
    function serve(visitor: Visitor): Awaitable<Response> {
      const env: RequestEnv = { visitor, direct };
      const made = respondTo(request, env);
      return made instanceof Promise ? made.then((one) => finish(one, env)) : finish(made, env);
    }
    const visitor = identify(request, direct);
    if (!(visitor instanceof Promise)) return serve(visitor);
    return visitor.then(serve, (error) => unidentified(request, error));
  };
}
