/**
 * Every route and who may use it: one table, from which the guard decides. What is not in it is
 * closed to everyone.
 *
 * @module
 */
import type { Scope } from "../src/security/api_token.ts";
import type { Right } from "../src/security/rights.ts";
import { pathOf } from "./path.ts";
import type { Access, Visitor } from "./visitor.ts";

/**
 * What a route shows or changes:
 *
 * - `pages`: the visitor's own pages.
 * - `accounts`: all of an account, so those accounts alone of which the visitor sees every page.
 * - `program`: the program itself.
 */
export type Reach = "pages" | "accounts" | "program";

/**
 * - `open`: everyone; it holds no figure, or guards itself.
 * - `signed`: everyone, as what is sent carries a signature.
 * - `health`: whoever is signed in; everyone with `health.public`.
 * - else those who have every right that it needs.
 */
export type Who = "open" | "signed" | "health" | {
  readonly reach: Reach;
  readonly needs: readonly Right[];
};

export interface RouteRule {
  readonly method: "GET" | "POST";
  /** As the router spells it. */
  readonly path: string;
  /** How metrics and log call it: by a pattern, never by a path. */
  readonly name: string;
  readonly who: Who;
  /** What a token needs; without it no token may. */
  readonly scope?: Scope;
}

type Row = readonly [method: RouteRule["method"], path: string, who: Who, scope?: Scope];

const ofPages = (...needs: readonly Right[]): Who => ({ reach: "pages", needs });
const ofAccounts = (...needs: readonly Right[]): Who => ({ reach: "accounts", needs });
const OPERATE: Who = { reach: "program", needs: ["operate"] };

const FIGURES = ofAccounts("see figures");
const CUSTOMERS = ofAccounts("see figures", "see customers");

const TABLE: readonly Row[] = [
  ["GET", "/login", "open"],
  ["POST", "/api/authenticate", "open"],
  ["POST", "/logout", "open"],
  ["GET", "/manifest.json", "open"],
  ["GET", "/.well-known/security.txt", "open"],
  ["GET", "/assets/:name", "open"],
  ["GET", "/health/live", "open"],
  ["GET", "/health/ready", "open"],
  ["GET", "/api/healthz", "open"],
  // They know their own token, and this machine; a token of ours is asked for its scope there too.
  ["GET", "/metrics", "open", "read:metrics"],
  ["GET", "/api/metrics", "open", "read:metrics"],
  ["POST", "/webhooks/stripe", "signed"],
  ["POST", "/webhooks/stripe/:source", "signed"],
  ["POST", "/api/stripe/webhook", "signed"],
  // They say what the address is for.
  ["GET", "/webhooks/stripe", "open"],
  ["GET", "/webhooks/stripe/:source", "open"],
  ["POST", "/operator/reconcile", "signed"],
  ["GET", "/health", "health", "read:metrics"],
  ["GET", "/api/health", "health", "read:metrics"],
  ["GET", "/:slug{[a-z0-9-]*}", ofPages("see page", "see figures")],
  ["GET", "/connect", ofPages("see page")],
  ["POST", "/api/set-theme/:key", ofPages("see page")],
  ["GET", "/api/stream", ofPages("see page"), "read:dashboard"],
  ["GET", "/api/widgets/:id", ofPages("see page", "see figures"), "read:dashboard"],
  ["GET", "/api/pages/:slug/content", ofPages("see page", "see figures"), "read:dashboard"],
  ["GET", "/api/openapi.json", ofPages("see page"), "read:dashboard"],
  ["GET", "/definitions", FIGURES],
  ["GET", "/sources", FIGURES],
  ["GET", "/explain/subscription/:id", CUSTOMERS],
  // Sums of days and of currencies; the others list customers.
  ...["cash", "fx"].map((path): Row => ["GET", `/explain/${path}`, FIGURES]),
  ...["failed-payments", "known-changes", "renewals", "trials", ":figure"]
    .map((path): Row => ["GET", `/explain/${path}`, CUSTOMERS]),
  ["GET", "/webhooks/status", CUSTOMERS],
  ["GET", "/api/stripe/webhook/events", CUSTOMERS],
  ...[
    "sources",
    "revenue",
    "revenue/history",
    "movements",
    "customers",
    "cohorts",
    "cash",
    "definitions",
  ].map((path): Row => ["GET", `/api/v1/${path}`, FIGURES, "read:dashboard"]),
  ...[
    "events",
    "customers/monthly",
    "failed-payments",
    "trials",
    "renewals",
    "forecast",
    "subscriptions",
  ].map((path): Row => ["GET", `/api/v1/${path}`, CUSTOMERS, "read:dashboard"]),
  ["GET", "/api/v1/export", ofAccounts("see figures", "export"), "read:dashboard"],
  ["GET", "/api/v1/audit", OPERATE],
  ["GET", "/audit", OPERATE],
  ["POST", "/webhooks/retry", OPERATE],
  ["POST", "/sources/compare", OPERATE],
  ["POST", "/demo/break", OPERATE],
];

function nameOf(path: string): string {
  if (path.startsWith("/assets/")) return "/assets/";
  return path.replace(/:slug\{.+\}$/, "{page}").replace(/:(\w+)/g, "{$1}");
}

export const ROUTES: readonly RouteRule[] = TABLE.map(([method, path, who, scope]) => ({
  method,
  path,
  name: nameOf(path),
  who,
  ...(scope ? { scope } : {}),
}));

interface Rules {
  readonly exact: Map<string, RouteRule>;
  readonly patterns: { readonly pattern: RegExp; readonly rule: RouteRule }[];
}

/** A request is looked up in them each time, so what can be is looked up whole. */
const RULES: ReadonlyMap<string, Rules> = new Map(Object.entries<Rules>({
  GET: { exact: new Map(), patterns: [] },
  POST: { exact: new Map(), patterns: [] },
}));
for (const rule of ROUTES) {
  const { exact, patterns } = RULES.get(rule.method)!;
  if (rule.path.includes(":")) {
    const source = rule.path.replace(/:\w+\{(.+)\}$/, "$1").replace(/:\w+/g, "[^/]+");
    patterns.push({ pattern: new RegExp(`^${source}$`), rule });
  } else exact.set(rule.path, rule);
}

/** The rule of a request; `null` where there is no such route. */
export function ruleOf(method: string, path: string): RouteRule | null {
  const rules = RULES.get(method === "HEAD" ? "GET" : method);
  if (!rules) return null;
  return rules.exact.get(path) ??
    rules.patterns.find(({ pattern }) => pattern.test(path))?.rule ?? null;
}

/** The name of a request's route. */
export function routeNameOf({ method, url }: Request): string {
  const path = pathOf(url);
  const rule = path === null ? null : ruleOf(method, path);
  return rule?.name ?? "other";
}

/** Why a visitor may not use a route; `null` where they may. */
export type Refusal = "unauthenticated" | "insufficient_scope" | "forbidden" | "not_found" | null;

export interface Circumstances {
  readonly access: Access;
  readonly healthPublic: boolean;
  /** Whether there is an account that the visitor may see all of. */
  readonly hasAccounts: boolean;
}

/** Whether rights are enough for a route, whatever there is to be seen there. */
function mayUse({ who }: RouteRule, { may }: Access): boolean {
  return typeof who === "string" || who.needs.every((right) => may.has(right));
}

/** Whether rights are enough for the route of a path; for how much of it, the route says. */
export function mayAsk(method: string, path: string, access: Access): boolean {
  const rule = ruleOf(method, path);
  return rule !== null && mayUse(rule, access);
}

/** Whether a link to a path is of use to a visitor: they may go there, and see all of it. */
export function mayFollow(path: string, access: Access): boolean {
  const rule = ruleOf("GET", path);
  if (rule === null || !mayUse(rule, access)) return false;
  return typeof rule.who === "string" || rule.who.reach !== "accounts" || access.pages === null;
}

/** Whether a route shows all of an account. */
export function isOfAccounts(rule: RouteRule | null): boolean {
  return typeof rule?.who === "object" && rule.who.reach === "accounts";
}

export function refusalOf(
  rule: RouteRule | null,
  visitor: Visitor,
  { access, healthPublic, hasAccounts }: Circumstances,
): Refusal {
  if (rule?.who === "open" || rule?.who === "signed") return null;
  if (rule?.who === "health" && healthPublic) return null;
  if (visitor.kind === "nobody") return "unauthenticated";
  if (rule === null) return "not_found";
  if (visitor.kind === "token") {
    if (rule.scope === undefined) return "forbidden";
    if (!visitor.scopes.includes(rule.scope)) return "insufficient_scope";
  }
  if (!mayUse(rule, access)) return "forbidden";
  // Where every page is open, an account that is missing is the route's to say.
  return isOfAccounts(rule) && access.pages !== null && !hasAccounts ? "forbidden" : null;
}
