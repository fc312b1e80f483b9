/**
 * The whole HTTP interface: what is cached is answered at once, the rest by its route.
 *
 * @module
 */
import { SESSION_DAYS } from "../config/auth.ts";
import { createLimitedLog } from "../src/observability/limited_log.ts";
import { createApiTokens } from "../src/security/api_tokens.ts";
import type { Awaitable } from "../src/security/recent.ts";
import { createSessions } from "../src/security/sessions.ts";
import { createThrottle } from "../src/security/throttle.ts";
import { isOfAccounts, refusalOf, routeNameOf, type RouteRule, ruleOf } from "./access.ts";
import { type AccessRouter, createAccessRouters } from "./access_routers.ts";
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { sessionCookie } from "./auth.ts";
import { type BodyLimits, readBody } from "./body.ts";
import { addressesUnderBasePath, basePathOf, withoutBasePath } from "./base_path.ts";
import { cacheKey } from "./cached.ts";
import type { RequestEnv, ServerDeps } from "./deps.ts";
import { createDownloads } from "./downloads.ts";
import { createFirstOfDay } from "./first_of_day.ts";
import { refusalResponse, unavailable } from "./guard.ts";
import { HSTS, SECURITY_HEADERS } from "./headers.ts";
import { isOurHost, wrongHost } from "./hosts.ts";
import { createIdentify } from "./identify.ts";
import { respond } from "./page_cache.ts";
import { pathOf } from "./path.ts";
import { addressOf, isSecure } from "./peer.ts";
import { createSignIn, passwordHashes } from "./sign_in.ts";
import { onceLoaded } from "./still_loading.ts";
import { unhandled } from "./unhandled.ts";
import { accessOf, NOBODY, seenBy, type Visitor } from "./visitor.ts";

/** Answers one request; `remoteAddress` is the address of the connection. */
export type Handler = (request: Request, remoteAddress: string) => Response | Promise<Response>;

const DAY_MS = 86_400_000;

/** Methods that only read. */
const READING = new Set(["GET", "HEAD"]);

/** A form or a command is shorter. */
const SENT: BodyLimits = { bytesMax: 65_536, patienceMs: 30_000 };

type Rule = RouteRule | null;

interface Started {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The address of the connection. */
  readonly direct: string;
}

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
  const { metrics, log, tracing } = given;
  const limitedLog = createLimitedLog({ log, now: given.now });
  const settings = () => given.live().settings;
  const sessions = createSessions(
    given.accessStore.sessions,
    given.now,
    () => (settings().auth?.sessionDays ?? SESSION_DAYS) * DAY_MS,
  );
  const throttle = createThrottle({
    keeper: given.accessStore.failures,
    now: given.now,
    secret: () => passwordHashes(settings().auth),
  });
  const tokens = createApiTokens({
    keeper: given.accessStore.tokens,
    configured: () => settings().auth?.tokens ?? [],
    now: given.now,
    onFirstUse: ({ name }) => void given.audit.record({ action: "token_used", subject: name }),
    onError: (error) => log.warn("the use of a token could not be noted", { error }),
  });
  const signIn = createSignIn({ ...given, sessions, throttle });
  const identify = createIdentify({ settings, sessions, tokens });
  const downloads = createDownloads(given);
  const routerOf = createAccessRouters({ ...given, limitedLog }, { sessions, signIn });

  function note(request: Request, route: string, status: number, startedAt: number): void {
    const ms = given.now() - startedAt;
    tracing?.nameRequest(request.method, route);
    metrics.recordHttp(route, request.method, status, ms / 1000);
    limitedLog.flush();
    log.debug("request", { operation: route, method: request.method, status, duration: ms });
  }

  async function routed(
    { deps, router }: AccessRouter,
    given: Request,
    env: RequestEnv,
    rule: Rule,
  ) {
    const { visitor, direct } = env;
    const request = await received(given, rule);
    if (request instanceof Response) return request;
    const response = await onceLoaded(deps, request, () => router.fetch(request, env));
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
    const name = rule?.name ?? "other";
    const live = given.live();
    const access = accessOf(visitor, live.settings);
    if (!isOurHost(request.url, live.settings.server) && !isForAnyHost(rule)) {
      return [wrongHost(request.url), name];
    }
    const router = routerOf(access);
    const refusal = refusalOf(rule, visitor, {
      access,
      healthPublic: live.settings.healthPublic,
      hasAccounts: isOfAccounts(rule) && seenBy(access, live, "accounts").sources.size > 0,
    });
    if (refusal !== null && refusal !== "not_found") {
      const refused = refusalResponse(refusal, { deps: router.deps, request, visitor, rule });
      return refused instanceof Promise
        ? refused.then((made) => [made, name] as const)
        : [refused, name];
    }
    const entry = rule !== null && READING.has(request.method)
      ? router.deps.cache.get(cacheKey(request))
      : undefined;
    const session = visitor.kind === "user" ? visitor.session : null;
    if (entry && !(session && sessions.isDue(session))) {
      return [respond(entry, request), entry.route];
    }
    return routed(router, request, env, rule).then((made) => [made, name] as const);
  }

  const isFirst = createFirstOfDay(given.now);
  /** A proxy signs users in unseen: the first request of a day stands for it. */
  function noteProxySignIn(visitor: Visitor, request: Request, direct: string): void {
    if (visitor.kind !== "user" || visitor.session !== null || !isFirst(visitor.name)) return;
    const address = addressOf(request, direct, settings().server);
    void given.audit.record({ action: "signed_in_by_proxy", user: visitor.name, address });
  }

  async function unidentified(request: Request, error: unknown): Promise<Response> {
    limitedLog.error("visitor could not be identified", { error });
    const { deps } = routerOf(accessOf(NOBODY, settings()));
    return await unavailable(deps, request);
  }

  function finish(
    request: Request,
    [response, route]: readonly [Response, string],
    { startedAt, direct }: Started,
  ): Response {
    const { server } = settings();
    const base = basePathOf(server);
    note(request, route, response.status, startedAt);
    if (base !== "") addressesUnderBasePath(response.headers, base);
    if (isSecure(request, direct, server)) response.headers.set(...HSTS);
    return response;
  }

  /** Of any request, also of one that broke what reads its address. */
  function failed(request: Request, error: unknown, started: Started): Response {
    const path = routeNameOf(request);
    limitedLog.error("request failed", { path, error });
    return finish(request, [unhandled(request), path], started);
  }

  function handled(sent: Request, started: Started): Awaitable<Response> {
    const { direct } = started;
    const base = basePathOf(settings().server);
    const isPage = settings().pages.some(({ slug }) => `/${slug}` === base);
    // Where a page has the name of the path, only the proxy can tell one from the other.
    const request = isPage ? sent : withoutBasePath(sent, base);
    function serve(visitor: Visitor): Awaitable<Response> {
      noteProxySignIn(visitor, request, direct);
      const env: RequestEnv = { visitor, direct };
      const served = (made: readonly [Response, string]) => {
        const response = finish(request, made, started);
        if (made[1].startsWith("/api/v1/")) downloads.note(request, response, env, made[1]);
        return response;
      };
      const made = respondTo(request, env);
      return made instanceof Promise ? made.then(served) : served(made);
    }
    const visitor = identify(request, direct);
    if (!(visitor instanceof Promise)) return serve(visitor);
    const unknown = async (error: unknown) =>
      finish(request, [await unidentified(request, error), routeNameOf(request)], started);
    return visitor.then(serve, unknown);
  }

  return function handle(request, direct) {
    const started: Started = { startedAt: given.now(), direct };
    try {
      const made = handled(request, started);
      if (!(made instanceof Promise)) return made;
      return made.catch((error) => failed(request, error, started));
    } catch (error) {
      return failed(request, error, started);
    }
  };
}
