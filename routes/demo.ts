/**
 * The demo's own addresses: "Break Stripe" and "Connect yours".
 *
 * @module
 */
import type { Hono } from "hono";
import { createKeyUrl } from "../src/stripe/key.ts";
import { cached, themeOf } from "./cached.ts";
import type { AppDeps } from "./deps.ts";
import { messagePage } from "./message_page.ts";
import { sameOrigin } from "./same_origin.ts";

export function demoRoutes(app: Hono, deps: AppDeps): void {
  const { demo } = deps;
  app.get(
    "/connect",
    (c) =>
      cached(deps, c.req.raw, "/connect", () =>
        messagePage(deps, themeOf(c.req.raw), {
          code: null,
          alarm: "calm",
          title: "Connect your account",
          what: "The dashboard only reads. It needs a restricted key with read permissions.",
          todo: [
            "Create the key: the link below has the permissions filled in",
            "Put it in the environment as STRIPE_SECRET_KEY",
            "Say who may see it: users in a glance.yml, as the README has it (a test key needs none)",
            "Start: deno task start",
          ],
          excerpt: "STRIPE_SECRET_KEY=rk_live_… deno task start",
          actions: [
            { text: "Create the key at Stripe", href: createKeyUrl("live") },
            { text: "Create a test key", href: createKeyUrl("test") },
          ],
        })),
  );
  if (!demo) return;
  app.post("/demo/break", (c) => {
    if (!sameOrigin(c, deps)) return c.text("This form was not sent by this page", 403);
    demo.breakStripe();
    return c.redirect("/", 303);
  });
}
