/**
 * Every route and who may use it: one table, from which the guard decides. What is not in it is
 * closed to everyone.
 *
 * @module
 */
import type { Scope } from "../src/security/api_token.ts";
import { pathOf } from "./path.ts";
import type { Visitor } from "./visitor.ts";

/**
 * - `open`: everyone; it holds no figure, or guards itself.
 * - `signed`: everyone, as what is sent carries a signature.
 * - `health`: whoever is signed in; everyone with `health.public`.
 * - `pages`: whoever is signed in; what they are shown is of their own pages.
 * - `accounts`: whoever may see all of an account; only those accounts are in it.
 * - `admins`: admins.
 */
export type Who = "open" | "signed" | "health" | "pages" | "accounts" | "admins";

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
  ["GET", "/:slug{[a-z0-9-]*}", "pages"],
  ["GET", "/connect", "pages"],
  ["POST", "/api/set-theme/:key", "pages"],
  ["GET", "/api/stream", "pages", "read:dashboard"],
  ["GET", "/api/widgets/:id", "pages", "read:dashboard"],
  ["GET", "/api/pages/:slug/content", "pages", "read:dashboard"],
  ["GET", "/api/openapi.json", "pages", "read:dashboard"],
  ["GET", "/definitions", "accounts"],
  ["GET", "/sources", "accounts"],
  ["GET", "/explain/subscription/:id", "accounts"],
  ...["cash", "failed-payments", "fx", "known-changes", "renewals", "trials", ":figure"]
    .map((path): Row => ["GET", `/explain/${path}`, "accounts"]),
  ["GET", "/webhooks/status", "accounts"],
  ["GET", "/api/stripe/webhook/events", "accounts"],
  ...[
    "sources",
    "revenue",
    "revenue/history",
    "movements",
    "events",
    "customers",
    "customers/monthly",
    "cohorts",
    "failed-payments",
    "trials",
    "cash",
    "renewals",
    "forecast",
    "subscriptions",
    "definitions",
    "export",
  ].map((path): Row => ["GET", `/api/v1/${path}`, "accounts", "read:dashboard"]),
  ["GET", "/api/v1/audit", "admins"],
  ["GET", "/audit", "admins"],
  ["POST", "/webhooks/retry", "admins"],
  ["POST", "/sources/compare", "admins"],
  ["POST", "/demo/break", "admins"],
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
const RULES: Readonly<Record<string, Rules>> = {
  GET: { exact: new Map(), patterns: [] },
  POST: { exact: new Map(), patterns: [] },
};
for (const rule of ROUTES) {
  const { exact, patterns } = RULES[rule.method]!;
  if (rule.path.includes(":")) {
    const source = rule.path.replace(/:\w+\{(.+)\}$/, "$1").replace(/:\w+/g, "[^/]+");
    patterns.push({ pattern: new RegExp(`^${source}$`), rule });
  } else exact.set(rule.path, rule);
}

/** The rule of a request; `null` where there is no such route. */
export function ruleOf(method: string, path: string): RouteRule | null {
  const rules = RULES[method === "HEAD" ? "GET" : method];
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
  readonly healthPublic: boolean;
  /** Whether there is an account that the visitor may see all of. */
  readonly hasAccounts: boolean;
}

export function refusalOf(
  rule: RouteRule | null,
  visitor: Visitor,
  { healthPublic, hasAccounts }: Circumstances,
): Refusal {
  if (rule?.who === "open" || rule?.who === "signed") return null;
  if (rule?.who === "health" && healthPublic) return null;
  if (visitor.kind === "nobody") return "unauthenticated";
  if (rule === null) return "not_found";
  if (visitor.kind === "token") {
    if (rule.scope === undefined) return "forbidden";
    return visitor.scopes.includes(rule.scope) ? null : "insufficient_scope";
  }
  if (visitor.kind === "anyone" || visitor.role === "admin") return null;
  if (rule.who === "admins") return "forbidden";
  return rule.who === "accounts" && !hasAccounts ? "forbidden" : null;
}
