/**
 * The theme picker: a cookie names the visitor's choice among the configured presets.
 *
 * @module
 */
import type { Hono } from "hono";
import type { AppDeps } from "./deps.ts";
import { basePathOf } from "./base_path.ts";
import { sameOrigin } from "./same_origin.ts";

const YEAR_SECONDS = 365 * 86_400;

export function themeRoutes(app: Hono, deps: AppDeps): void {
  app.post("/api/set-theme/:key", (c) => {
    if (!sameOrigin(c, deps)) {
      return c.text("This form was not sent by a page of this server", 403);
    }
    const key = c.req.param("key");
    const { server, theme: { presets } } = deps.live().settings;
    const path = basePathOf(server) || "/";
    if (key !== "default" && !Object.hasOwn(presets, key)) return c.text("No such theme", 404);
    const age = key === "default" ? 0 : YEAR_SECONDS;
    c.header("set-cookie", `theme=${key}; Path=${path}; Max-Age=${age}; SameSite=Lax; HttpOnly`);
    return c.redirect("/", 303);
  });
}
