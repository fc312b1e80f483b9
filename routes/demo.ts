/**
 * The demo's own addresses: "Break Stripe" and "Connect yours".
 *
 * @module
 */
import type { Hono } from "hono";
import { cached, themeOf } from "./cached.ts";
import type { AppDeps } from "./deps.ts";
import { firstRunPage } from "./first_run.ts";
import { sameOrigin } from "./same_origin.ts";

export function demoRoutes(app: Hono, deps: AppDeps): void {
  const { demo } = deps;
  app.get(
    "/connect",
    (c) =>
      cached(
        deps,
        c.req.raw,
        "/connect",
        () => firstRunPage(deps, themeOf(c.req.raw), "Connect your account"),
      ),
  );
  if (!demo) return;
  app.post("/demo/break", (c) => {
    if (!sameOrigin(c, deps)) return c.text("This form was not sent by this page", 403);
    demo.breakStripe();
    return c.redirect("/", 303);
  });
}
