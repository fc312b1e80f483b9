/**
 * Signing in and out, and the guard before everything else: without a session only the addresses
 * in one list are open (design.md section 6).
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { createSessions, SESSION_MS } from "../src/security/sessions.ts";
import { createThrottle } from "../src/security/throttle.ts";
import { verifyPassword } from "../src/security/password.ts";
import { renderLogin } from "../views/login.ts";
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { HTML, themeOf } from "./cached.ts";
import { chromeOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { NO_STORE_HEADERS } from "./headers.ts";
import { sameOrigin } from "./same_origin.ts";

export interface Auth {
  /** The answer in place of what was asked for; `null` for who may see it. */
  refuse(request: Request): Response | null;
  routes(app: Hono): void;
}

/** What needs no session: each guards itself, or holds no figure. */
const OPEN: ReadonlySet<string> = new Set([
  "/login",
  "/api/authenticate",
  "/manifest.json",
  "/favicon.ico",
  "/health/live",
  "/health/ready",
  "/api/healthz",
  "/metrics",
  "/api/metrics",
]);
const OPEN_BELOW = "/assets/";
/** Taken by their signature. */
const SIGNED = /^\/(webhooks\/stripe(\/[^/]+)?|api\/stripe\/webhook|operator\/reconcile)$/;
/** A name, a password and an address of ours are shorter. */
const BODY_MAX = 8_192;
const MAX_AGE = SESSION_MS / 1000;

function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** An address of this server to go on to; anything else leads to the dashboard. */
function nextOf(given: string | null): string {
  return given && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : "/";
}

function answer(status: number, body: string, contentType: string, more: [string, string][] = []) {
  const headers = NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, {
    status,
    headers: [["content-type", contentType], ...headers, ...more],
  });
}

interface Given {
  readonly username: string;
  readonly password: string;
  readonly next: string;
}

/** @throws {TypeError} for a body that is none of a sign-in. */
async function readGiven(request: Request): Promise<Given> {
  const length = Number(request.headers.get("content-length") ?? NaN);
  if (!(length <= BODY_MAX)) throw new TypeError("too long");
  const text = await request.text();
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    const { username, password } = JSON.parse(text) as Record<string, unknown>;
    return { username: String(username ?? ""), password: String(password ?? ""), next: "/" };
  }
  const form = new URLSearchParams(text);
  return {
    username: form.get("username") ?? "",
    password: form.get("password") ?? "",
    next: nextOf(form.get("next")),
  };
}

export function createAuth(deps: AppDeps): Auth {
  const sessions = createSessions(deps.now);
  const throttle = createThrottle({ now: deps.now });
  const settings = () => deps.live().settings;

  /** Whether the browser reached this server over TLS. */
  function isSecure(request: Request): boolean {
    const proto = settings().server.proxied ? request.headers.get("x-forwarded-proto") : null;
    return (proto ?? new URL(request.url).protocol.slice(0, -1)) === "https";
  }

  const cookieName = (request: Request) => isSecure(request) ? "__Host-session" : "session_token";

  function cookie(request: Request, token: string, maxAge: number): [string, string] {
    const secure = isSecure(request) ? "; Secure" : "";
    const rest = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`;
    return ["set-cookie", `${cookieName(request)}=${token}; ${rest}`];
  }

  function sessionOf(request: Request) {
    const token = cookieOf(request, cookieName(request));
    const session = token ? sessions.find(token) : undefined;
    return session && settings().auth?.users.has(session.user) ? session : undefined;
  }

  /** Who asks: behind a proxy the rightmost address, which the proxy itself has added. */
  function addressOf(c: Context): string {
    const forwarded = settings().server.proxied ? c.req.header("x-forwarded-for") : undefined;
    const direct = (c.env as { remoteAddress?: string } | undefined)?.remoteAddress ?? "";
    return forwarded?.split(",").at(-1)?.trim() || direct;
  }

  async function loginPage(request: Request, next: string, problem: string | null, status: number) {
    const chrome = await chromeOf(deps, themeOf(request), null, null);
    const body = renderLogin({ chrome: { ...chrome, nav: [], logoutHref: null }, next, problem });
    return answer(status, body, HTML);
  }

  async function signIn(c: Context): Promise<Response> {
    const request = c.req.raw;
    const asJson = (request.headers.get("content-type") ?? "").startsWith("application/json");
    const users = settings().auth?.users;
    if (!users || !sameOrigin(request)) return problemResponse(new Problem("not_found"));
    let given: Given;
    try {
      given = await readGiven(request);
    } catch {
      return problemResponse(new Problem("parameter_invalid", "body"));
    }
    const refuse = (status: 401 | 429, problem: string) =>
      asJson
        ? problemResponse(new Problem(status === 401 ? "unauthenticated" : "too_many_tries"))
        : loginPage(request, given.next, problem, status);
    const names = [`user ${given.username}`, `address ${addressOf(c)}`];
    const wait = Math.max(...names.map(throttle.wait));
    if (wait > 0) {
      return refuse(429, `Too many tries: try again in ${Math.ceil(wait / 1000)} seconds`);
    }
    // Counted before it is checked, so that tries at the same time do not slip through.
    names.forEach(throttle.fail);
    const hash = users.get(given.username) ?? null;
    if (!await verifyPassword(given.password, hash)) {
      // What is no user's name may be a password in the wrong field.
      const user = hash === null ? "unknown" : given.username;
      deps.log.warn("sign-in failed", { user, address: addressOf(c) });
      return refuse(401, "This name and password do not belong together");
    }
    names.forEach(throttle.succeed);
    deps.log.info("signed in", { user: given.username, address: addressOf(c) });
    const session = cookie(request, sessions.begin(given.username).token, MAX_AGE);
    return asJson
      ? answer(200, JSON.stringify({ user: given.username }), "application/json", [session])
      : answer(303, "", HTML, [session, ["location", given.next]]);
  }

  function signOut(c: Context): Response {
    const request = c.req.raw;
    if (!sameOrigin(request)) return answer(403, "Not from a page of this server", "text/plain");
    const session = sessionOf(request);
    if (session) {
      sessions.end(session.token);
      deps.log.info("signed out", { user: session.user });
    }
    return answer(303, "", HTML, [
      cookie(request, "", 0),
      ["clear-site-data", '"cache", "cookies", "storage"'],
      ["location", "/login"],
    ]);
  }

  return {
    refuse(request) {
      if (!settings().auth) return null;
      const { pathname, search } = new URL(request.url);
      if (OPEN.has(pathname) || pathname.startsWith(OPEN_BELOW)) return null;
      if (request.method === "POST" && SIGNED.test(pathname)) return null;
      if (settings().healthPublic && /^\/(api\/)?health$/.test(pathname)) return null;
      if (sessionOf(request)) return null;
      if (pathname.startsWith("/api/") || !["GET", "HEAD"].includes(request.method)) {
        return problemResponse(new Problem("unauthenticated"));
      }
      const to = pathname === "/" && search === ""
        ? ""
        : `?next=${encodeURIComponent(pathname + search)}`;
      return answer(303, "", HTML, [["location", `/login${to}`]]);
    },
    routes(app) {
      app.get("/login", (c) => {
        const next = nextOf(c.req.query("next") ?? null);
        if (!settings().auth || sessionOf(c.req.raw)) return c.redirect(next, 303);
        return loginPage(c.req.raw, next, null, 200);
      });
      app.post("/api/authenticate", signIn);
      app.post("/logout", signOut);
      app.use(async (c, then) => {
        await then();
        const session = sessionOf(c.req.raw);
        const renewed = session && sessions.renew(session);
        if (renewed) c.res.headers.append(...cookie(c.req.raw, renewed.token, MAX_AGE));
      });
    },
  };
}
