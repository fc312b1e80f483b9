/**
 * The sources page.
 *
 * @module
 */
import type { Hono } from "hono";
import { createKeyUrl } from "../src/stripe/key.ts";
import { sourceDetails } from "../src/widgets/sources.ts";
import { renderSources } from "../views/sources.ts";
import { cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, secondsNow } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { circumstancesOf } from "./webhook_status.ts";

export function sourcesRoutes(app: Hono, deps: AppDeps): void {
  app.get("/sources", (c) =>
    cached(deps, c.req.raw, "/sources", async () => {
      const views = [...deps.live().sources.values()];
      const chrome = await chromeOf(deps, themeOf(c.req.raw), null, null);
      const sources = views.map((view) =>
        sourceDetails(
          view,
          secondsNow(deps),
          createKeyUrl(view.info.livemode ? "live" : "test"),
          circumstancesOf(deps, view),
        )
      );
      return {
        body: renderSources({ chrome, sources, mayOperate: deps.access.may.has("operate") }),
        contentType: HTML,
      };
    }));
}
