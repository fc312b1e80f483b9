/**
 * Who may see the figures: users of the configuration, users whom a proxy in front has signed in,
 * or everyone, where that is written out.
 *
 * @module
 */
import type { Scope } from "../src/security/api_token.ts";
import { parseHash } from "../src/security/password.ts";
import type { Role } from "../src/security/rights.ts";
import { durationSeconds } from "../src/widgets/config.ts";
import type { AuthConfig } from "./auth_schema.ts";
import type { Path, Report } from "./report.ts";
import type { ServerSettings, Settings } from "./settings.ts";

export interface UserSettings {
  readonly hash: string;
  readonly role: Role;
}

/** A token of the configuration. */
export interface TokenSettings {
  readonly name: string;
  /** `sha256:…` */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Unix milliseconds. */
  readonly expires: number;
}

export type AuthMode =
  | { readonly mode: "users"; readonly users: ReadonlyMap<string, UserSettings> }
  | {
    readonly mode: "proxy";
    readonly header: string;
    readonly groupsHeader: string | null;
    readonly admins: ReadonlySet<string>;
    readonly adminGroups: ReadonlySet<string>;
  }
  | { readonly mode: "none" };

/** `null` where nothing is written: nobody is asked to sign in. */
export type AuthSettings =
  | AuthMode & {
    readonly tokens: readonly TokenSettings[];
    readonly auditDays: number;
    /** Days after which a session ends although it is used. */
    readonly sessionDays: number;
  }
  | null;

/** How long the audit log is kept unless it is said. */
export const AUDIT_DAYS = 365;
/** How long a session lasts at most unless it is said. */
export const SESSION_DAYS = 90;
/** What has to be written where everyone is to see everything. */
export const UNDERSTOOD = "everyone who reaches this address sees revenue";

const KEYS = {
  users: ["users"],
  proxy: ["header", "groups-header", "admins", "admin-groups"],
  none: ["i-understand"],
} as const;

function usersOf(users: NonNullable<AuthConfig["users"]>, report: Report): AuthMode {
  const found = new Map<string, UserSettings>();
  const alone = Object.keys(users).length === 1;
  for (const [name, { "password-hash": hash, role }] of Object.entries(users)) {
    try {
      parseHash(hash);
    } catch (error) {
      report(["auth", "users", name, "password-hash"], (error as TypeError).message);
    }
    found.set(name, { hash, role: role ?? (alone ? "admin" : "viewer") });
  }
  if (!alone && ![...found.values()].some(({ role }) => role === "admin")) {
    report(["auth", "users"], "has several users and no admin: write role: admin under one");
  }
  return { mode: "users", users: found };
}

function proxyOf(config: AuthConfig, server: ServerSettings, report: Report): AuthMode {
  if (config.header === undefined) {
    report(["auth", "mode"], "needs the header that names the user: add header: X-Forwarded-User");
  }
  if (!server.proxied || !server.trustsByName) {
    report(
      ["auth", "mode"],
      "believes a header, so it needs the proxy's addresses: add server: {proxied: true, " +
        "trusted-proxies: [10.0.0.2]}",
    );
  }
  if (config["admin-groups"] && config["groups-header"] === undefined) {
    report(["auth", "admin-groups"], "needs the header that names groups: add groups-header");
  }
  return {
    mode: "proxy",
    header: config.header ?? "",
    groupsHeader: config["groups-header"] ?? null,
    admins: new Set(config.admins),
    adminGroups: new Set(config["admin-groups"]),
  };
}

function modeOf(config: AuthConfig, server: ServerSettings, report: Report): AuthMode {
  const mode = config.mode ?? "users";
  for (const [other, keys] of Object.entries(KEYS)) {
    if (other === mode) continue;
    for (const key of keys) {
      if (config[key] !== undefined) report(["auth", key], `is for mode ${other}: remove it`);
    }
  }
  if (mode === "proxy") return proxyOf(config, server, report);
  if (mode === "none") {
    if (config["i-understand"] !== UNDERSTOOD) {
      report(["auth", "mode"], `lets everyone in: write i-understand: ${UNDERSTOOD}`);
    }
    return { mode };
  }
  if (!config.users) report(["auth"], "names no users: add users, or another mode");
  return usersOf(config.users ?? {}, report);
}

function tokensOf({ tokens = [] }: AuthConfig, report: Report): TokenSettings[] {
  const names = new Set<string>();
  return tokens.map(({ name, hash, scopes, expires }, index) => {
    if (names.has(name)) report(["auth", "tokens", index, "name"], "is another token's too");
    names.add(name);
    return { name, hash, scopes, expires: Date.parse(`${expires}T00:00:00Z`) };
  });
}

export function authOf(
  config: AuthConfig | undefined,
  server: ServerSettings,
  report: Report,
): AuthSettings {
  if (!config) return null;
  const days = (text: string | undefined, fallback: number) =>
    text === undefined ? fallback : durationSeconds(text) / 86_400;
  return {
    ...modeOf(config, server, report),
    tokens: tokensOf(config, report),
    auditDays: days(config["audit-retention"], AUDIT_DAYS),
    sessionDays: days(config["session-lifetime"], SESSION_DAYS),
  };
}

/** Pages may be limited to users who can be told apart. */
export function checkPageUsers({ pages, auth }: Settings, report: Report): void {
  pages.forEach(({ users }, index) => {
    if (!users) return;
    const at: Path = ["pages", index, "users"];
    if (auth === null || auth.mode === "none") {
      return report(at, "limits the page, and nobody signs in: configure auth");
    }
    if (auth.mode === "proxy") return;
    for (const [nth, name] of [...users].entries()) {
      if (!auth.users.has(name)) report([...at, nth], "is no user under auth.users");
    }
  });
}

/**
 * Revenue of a live account is shown to nobody by accident (design.md section 6): one of three
 * things must be written before it is served.
 */
export function checkExposure({ auth, accounts }: Settings, report: Report): void {
  if (auth !== null || !accounts.some(({ mode }) => mode === "live")) return;
  report(
    ["auth"],
    "is missing, and a live key is configured. Write one of these into glance.yml:\n" +
      '  auth: {users: {you: {password-hash: "…"}}}   the hash: glance password:hash\n' +
      "  auth: {mode: proxy, header: X-Forwarded-User}   where a proxy signs people in\n" +
      `  auth: {mode: none, i-understand: ${UNDERSTOOD}}`,
  );
}
