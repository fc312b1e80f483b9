/**
 * The answer to whoever may not have what they ask for.
 *
 * @module
 */
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { answer } from "./auth.ts";
import { themeOf } from "./cached.ts";
import type { Refusal, RouteRule } from "./access.ts";
import type { AppDeps } from "./deps.ts";
import { messagePage } from "./message_page.ts";
import { type Access, NOBODY, type Visitor } from "./visitor.ts";

const CHALLENGE = 'Bearer realm="BusinessGlance"';

/** Programs are told in JSON, readers on a page. */
function isForPrograms(request: Request, visitor: Visitor): boolean {
  const { pathname } = new URL(request.url);
  return visitor.kind === "token" || /^Bearer /i.test(request.headers.get("authorization") ?? "") ||
    pathname.startsWith("/api/") || !["GET", "HEAD"].includes(request.method);
}

async function page(deps: AppDeps, request: Request, code: number, title: string, what: string) {
  const { body, contentType } = await messagePage(deps, themeOf(request), {
    code,
    alarm: "warn",
    title,
    what,
    todo: [],
    actions: code === 403 ? [{ text: "To the dashboard", href: "/" }] : [],
  });
  return answer(code, body, contentType);
}

/** Leads to the sign-in page, and from there back. */
function toLogin(request: Request, visitor: Visitor): Response {
  const { pathname, search } = new URL(request.url);
  const to = new URLSearchParams();
  if (pathname !== "/" || search !== "") to.set("next", pathname + search);
  if (visitor.kind === "nobody" && visitor.ended) to.set("ended", "");
  const query = to.size > 0 ? `?${to}` : "";
  return answer(303, "", "text/html; charset=utf-8", [["location", `/login${query}`]]);
}

/** Why somebody who is known may not see a page. */
function reasonOf(rule: RouteRule | null, { may }: Access): string {
  const needs = typeof rule?.who === "object" ? rule.who.needs : [];
  const missing = needs.filter((right) => !may.has(right));
  if (missing.includes("operate")) {
    return "This is for admins. The configuration says who is one.";
  }
  if (missing.length > 0) {
    return `Your role does not include: ${missing.join(", ")}. An admin can give you another one.`;
  }
  return "This shows everything of an account, and some pages of that account are not open to " +
    "you. What your own pages show stays open.";
}

export interface Refused {
  readonly deps: AppDeps;
  readonly request: Request;
  readonly visitor: Visitor;
  readonly rule: RouteRule | null;
}

export function refusalResponse(
  refusal: Exclude<Refusal, null | "not_found">,
  { deps, request, visitor, rule }: Refused,
): Response | Promise<Response> {
  const forPrograms = isForPrograms(request, visitor);
  if (refusal === "insufficient_scope") {
    const scope = `, error="insufficient_scope", scope="${rule?.scope}"`;
    return problemResponse(new Problem(refusal), [["www-authenticate", CHALLENGE + scope]]);
  }
  if (refusal === "forbidden") {
    if (forPrograms) return problemResponse(new Problem("forbidden"));
    return page(deps, request, 403, "Not open to you", reasonOf(rule, deps.access));
  }
  if (forPrograms) {
    return problemResponse(new Problem(refusal), [["www-authenticate", CHALLENGE]]);
  }
  if (deps.live().settings.auth?.mode === "users") return toLogin(request, visitor);
  return page(
    deps,
    request,
    401,
    "Nobody is signed in",
    "The proxy in front signs people in, and it named nobody. Come by its address, or let it " +
      "pass the name on.",
  );
}

/** Who asks is kept where nothing answers now. */
export function unavailable(deps: AppDeps, request: Request): Promise<Response> {
  if (isForPrograms(request, NOBODY)) {
    return Promise.resolve(problemResponse(new Problem("sign_in_unavailable")));
  }
  return page(
    deps,
    request,
    503,
    "Nobody can be recognised just now",
    "The database that keeps sessions does not answer. Who was signed in shortly before goes on.",
  );
}
