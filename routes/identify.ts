/**
 * Who asks: by the session of a cookie, by a bearer token, or by what a trusted proxy says.
 *
 * @module
 */
import type { AuthSettings } from "../config/auth.ts";
import type { Settings } from "../config/settings.ts";
import type { createApiTokens } from "../src/security/api_tokens.ts";
import { parseHash } from "../src/security/password.ts";
import type { Awaitable } from "../src/security/recent.ts";
import type { Session, Sessions } from "../src/security/sessions.ts";
import { basePathOf } from "./base_path.ts";
import { isProxy, isSecure } from "./peer.ts";
import { ANYONE, NOBODY, type Visitor } from "./visitor.ts";

export interface IdentifyOptions {
  readonly settings: () => Settings;
  readonly sessions: Sessions;
  readonly tokens: ReturnType<typeof createApiTokens>;
}

/** Says who asks; `direct` is the address of the connection. */
export type Identify = (request: Request, direct: string) => Awaitable<Visitor>;

type ProxyAuth = Extract<AuthSettings, { readonly mode: "proxy" }>;
type UsersAuth = Extract<AuthSettings, { readonly mode: "users" }>;

const ENDED: Visitor = { kind: "nobody", ended: true };
const STAMPS_MAX = 1_000;
/** Two values, as of a header that was sent twice, have a space between them and are no name. */
const NAME = /^[\x21-\x7e]{1,200}$/;

/**
 * `__Host-` cookies can be set by this host over TLS alone, and are of its root; under a path of
 * its own (`base`) the dashboard has one of that path. Loopback has no TLS.
 */
export function cookieName(isSecureRequest: boolean, base: string): string {
  if (!isSecureRequest) return "session_token";
  return base === "" ? "__Host-session" : "__Secure-session";
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Another password has another salt, and ends the sessions of the one before. */
export function stampOf(hash: string): string {
  return Array.from(parseHash(hash).salt, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function namedByProxy(request: Request, auth: ProxyAuth): Visitor {
  const name = request.headers.get(auth.header) ?? "";
  if (!NAME.test(name)) return NOBODY;
  const groups = auth.groupsHeader === null
    ? []
    : (request.headers.get(auth.groupsHeader) ?? "").split(",").map((group) => group.trim());
  const isAdmin = auth.admins.has(name) || groups.some((group) => auth.adminGroups.has(group));
  return { kind: "user", name, role: isAdmin ? "admin" : "viewer", session: null };
}

export function createIdentify({ settings, sessions, tokens }: IdentifyOptions): Identify {
  function byToken(text: string): Awaitable<Visitor> {
    const found = tokens.find(text);
    const visitor = (token: Awaited<typeof found>): Visitor =>
      token ? { kind: "token", name: token.name, scopes: token.scopes } : NOBODY;
    return found instanceof Promise ? found.then(visitor) : visitor(found);
  }

  const stamps = new Map<string, string>();
  function knownStampOf(hash: string): string {
    const known = stamps.get(hash) ?? stampOf(hash);
    if (stamps.size < STAMPS_MAX) stamps.set(hash, known);
    return known;
  }

  function userOf(session: Session | undefined, { users }: UsersAuth): Visitor {
    const user = session && users.get(session.user);
    // Taken out of the configuration, or given another password since.
    if (!session || !user || session.stamp !== knownStampOf(user.hash)) return ENDED;
    return { kind: "user", name: session.user, role: user.role, session };
  }

  return function identify(request, direct) {
    const { auth, server } = settings();
    if (auth === null || auth.mode === "none") return ANYONE;
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return byToken(bearer);
    if (auth.mode === "proxy") {
      return isProxy(direct, server) ? namedByProxy(request, auth) : NOBODY;
    }
    const cookie = cookieOf(
      request,
      cookieName(isSecure(request, direct, server), basePathOf(server)),
    );
    if (!cookie) return NOBODY;
    const found = sessions.find(cookie);
    return found instanceof Promise
      ? found.then((session) => userOf(session, auth))
      : userOf(found, auth);
  };
}
