/**
 * Signing in and out.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { SESSION_MS, type Sessions } from "../src/security/sessions.ts";
import { renderFailedTries, renderLogin } from "../views/login.ts";
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { HTML, themeOf } from "./cached.ts";
import { chromeOf } from "./chrome.ts";
import { type AppDeps, envOf } from "./deps.ts";
import { NO_STORE_HEADERS } from "./headers.ts";
import { basePathOf } from "./base_path.ts";
import { cookieName } from "./identify.ts";
import { addressOf, isSecure } from "./peer.ts";
import { sameOrigin } from "./same_origin.ts";
import type { SignIn, SignInFailure } from "./sign_in.ts";

/** A name, a password and an address of ours are shorter. */
const BODY_MAX = 8_192;
const MAX_AGE = SESSION_MS / 1000;

/** An address of this server to go on to; anything else leads to the dashboard. */
function nextOf(given: string | null): string {
  return given && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : "/";
}

/** An answer that is never kept. */
export function answer(
  status: number,
  body: string,
  contentType: string,
  more: readonly [string, string][] = [],
): Response {
  const headers = NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, {
    status,
    headers: [["content-type", contentType], ...headers, ...more],
  });
}

const CLEAR_ALL: [string, string] = ["clear-site-data", '"cache", "cookies", "storage"'];

/** The cookie of a session; one of no token ends it. */
export function sessionCookie(
  token: string,
  { request, direct, deps }: {
    readonly request: Request;
    readonly direct: string;
    readonly deps: Pick<AppDeps, "live">;
  },
): [string, string] {
  const { server } = deps.live().settings;
  const secure = isSecure(request, direct, server);
  const base = basePathOf(server);
  const rest = `Path=${base || "/"}; HttpOnly; SameSite=Lax; Max-Age=${token === "" ? 0 : MAX_AGE}`;
  return ["set-cookie", `${cookieName(secure, base)}=${token}; ${rest}${secure ? "; Secure" : ""}`];
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

export interface AuthOptions {
  readonly sessions: Sessions;
  readonly signIn: SignIn;
}

export function authRoutes(app: Hono, deps: AppDeps, options: AuthOptions): void {
  const { sessions } = options;
  const { audit } = deps;

  async function loginPage(
    request: Request,
    next: string,
    { problem = null, note = null }: { problem?: string | null; note?: string | null },
    status = 200,
    more: readonly [string, string][] = [],
  ) {
    const chrome = await chromeOf(deps, themeOf(request), null, null);
    const body = renderLogin({ chrome: { ...chrome, nav: [] }, next, problem, note });
    return answer(status, deps.linked(body), HTML, more);
  }

  /** Shown once, in the place of the page that is gone on to. */
  async function failedTriesPage(
    request: Request,
    next: string,
    count: number,
    at: number,
    cookie: [string, string],
  ) {
    const chrome = await chromeOf(deps, themeOf(request), null, null);
    const time = `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const body = renderFailedTries({ chrome: { ...chrome, nav: [] }, next, count, time });
    return answer(200, deps.linked(body), HTML, [cookie]);
  }

  function fail(request: Request, { next }: Given, { code, text, wait }: SignInFailure) {
    const more: [string, string][] = wait === undefined ? [] : [["retry-after", String(wait)]];
    const refused = problemResponse(new Problem(code, undefined, text), more);
    const type = request.headers.get("content-type") ?? "";
    return type.startsWith("application/json")
      ? refused
      : loginPage(request, next, { problem: text }, refused.status, more);
  }

  async function authenticate(c: Context): Promise<Response> {
    const request = c.req.raw;
    const { settings } = deps.live();
    if (settings.auth?.mode !== "users" || !sameOrigin(c, deps)) {
      return problemResponse(new Problem("not_found"));
    }
    let given: Given;
    try {
      given = await readGiven(request);
    } catch {
      return problemResponse(new Problem("parameter_invalid", "body"));
    }
    const { direct } = envOf(c);
    const checked = await options.signIn(given, addressOf(request, direct, settings.server));
    if ("code" in checked) return fail(request, given, checked);
    const { session, failed } = checked;
    const { visitor } = envOf(c);
    // Its cookie is replaced, so nobody could end it any more.
    if (visitor.kind === "user" && visitor.session) await sessions.end(visitor.session);
    const cookie = sessionCookie(session.token, { request, direct, deps });
    const type = request.headers.get("content-type") ?? "";
    if (type.startsWith("application/json")) {
      const { count, at } = failed;
      const lastFailedAt = at === null ? null : new Date(at).toISOString();
      const body = JSON.stringify({ user: session.user, failedTries: count, lastFailedAt });
      return answer(200, body, "application/json", [cookie]);
    }
    return failed.at === null
      ? answer(303, "", HTML, [cookie, ["location", given.next]])
      : failedTriesPage(request, given.next, failed.count, failed.at, cookie);
  }

  async function signOut(c: Context): Promise<Response> {
    const request = c.req.raw;
    if (!sameOrigin(c, deps)) return answer(403, "Not from a page of this server", "text/plain");
    const { visitor, direct } = envOf(c);
    if (visitor.kind === "user" && visitor.session) {
      await sessions.end(visitor.session);
      const address = addressOf(request, direct, deps.live().settings.server);
      void audit.record({ action: "signed_out", user: visitor.name, address });
    }
    // Under a path of its own the dashboard shares its host with others, whose data are theirs.
    const isAlone = basePathOf(deps.live().settings.server) === "";
    return answer(303, "", HTML, [
      sessionCookie("", { request, direct, deps }),
      ...(isAlone ? [CLEAR_ALL] : []),
      ["location", "/login?out"],
    ]);
  }

  app.get("/login", (c) => {
    const next = nextOf(c.req.query("next") ?? null);
    const isKnown = envOf(c).visitor.kind === "user";
    if (deps.live().settings.auth?.mode !== "users" || isKnown) return c.redirect(next, 303);
    const note = c.req.query("ended") !== undefined
      ? "Your session has ended. Sign in to go on where you were."
      : c.req.query("out") !== undefined
      ? "You are signed out."
      : null;
    return loginPage(c.req.raw, next, { note });
  });
  app.post("/api/authenticate", authenticate);
  app.post("/logout", signOut);
}
