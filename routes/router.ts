/**
 * The routes for those who see the same.
 *
 * @module
 */
import { Hono } from "hono";
import { StillLoadingError } from "../src/store/opening.ts";
import { routeNameOf, ruleOf } from "./access.ts";
import { Problem } from "./api/problem.ts";
import { apiRoutes, openApiRoutes, problemResponse } from "./api/routes.ts";
import { auditRoutes } from "./audit.ts";
import { answer, type AuthOptions, authRoutes } from "./auth.ts";
import { themeOf } from "./cached.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { definitionsRoutes } from "./definitions_page.ts";
import { demoRoutes } from "./demo.ts";
import type { AppDeps } from "./deps.ts";
import { explainRoutes } from "./explain.ts";
import { moneyExplainRoutes } from "./explain_money.ts";
import { messagePage, notFoundPage } from "./message_page.ts";
import { pathOf } from "./path.ts";
import { probeRoutes } from "./probes.ts";
import { reconcileRoutes } from "./reconcile.ts";
import { securityTxtRoutes } from "./security_txt.ts";
import { sourcesRoutes } from "./sources_page.ts";
import { streamRoutes } from "./stream.ts";
import { themeRoutes } from "./theme.ts";
import { seenBy } from "./visitor.ts";
import { webhookStatusRoutes } from "./webhook_status.ts";
import { webhookRoutes } from "./webhooks.ts";

/** The same, of what the reader may see alone. */
export function limited(deps: AppDeps, what: "pages" | "accounts"): AppDeps {
  return { ...deps, live: () => seenBy(deps.access, deps.live(), what) };
}

/** What a route may be asked with; HEAD wherever GET. */
const METHODS = ["GET", "HEAD", "POST"] as const;

/** No route has this path. */
const NOWHERE = "//";

/** The routes for those who see the same. */
export function createRouter(whole: AppDeps, auth: AuthOptions): Hono {
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
  securityTxtRoutes(app, whole);
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
      const allowed = path === null ? [] : METHODS.filter((method) => ruleOf(method, path));
      if (allowed.length === 0) return problemResponse(new Problem("not_found"));
      return problemResponse(new Problem("method_not_allowed"), [["allow", allowed.join(", ")]]);
    }
    const { body, contentType } = await notFoundPage(ofPages, themeOf(c.req.raw), pathname);
    return answer(404, body, contentType);
  });
  app.onError(async (error, c) => {
    // It is answered when the rest is read.
    if (error instanceof StillLoadingError) throw error;
    const { pathname } = new URL(c.req.url);
    whole.limitedLog.error("request failed", { path: routeNameOf(c.req.raw), error });
    if (pathname.startsWith("/api/")) return problemResponse(new Problem("internal"));
    const { body, contentType } = await messagePage(ofPages, themeOf(c.req.raw), {
      code: 500,
      alarm: "broken",
      title: "Something went wrong here",
      what: "The page could not be made. The log says what happened; the figures are not at fault.",
      todo: ["Try again", "If it stays so, look at the log and report it"],
      actions: [{ text: "To the dashboard", href: "/" }],
    });
    return answer(500, body, contentType);
  });
  return app;
}
