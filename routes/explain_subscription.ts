/**
 * One subscription, step by step.
 *
 * @module
 */
import type { Hono } from "hono";
import type { SourceView } from "../src/store/port.ts";
import { queryText, readQuery } from "../src/widgets/query.ts";
import { subscriptionModel } from "../src/widgets/subscription.ts";
import { renderSubscription } from "../views/subscription.ts";
import { cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf } from "./chrome.ts";
import { hasLabels, labelledCustomer } from "./customer_names.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import type { AppDeps } from "./deps.ts";
import { issueText, reasonText } from "./explain_texts.ts";
import { notFoundPage } from "./message_page.ts";

/** The source that `source=` names, or the first one. */
export function sourceOf(deps: AppDeps, search: URLSearchParams): SourceView | undefined {
  const { sources } = deps.live();
  const name = search.get("source");
  return name === null ? sources.values().next().value : sources.get(name);
}

export function subscriptionRoutes(app: Hono, deps: AppDeps): void {
  app.get(
    "/explain/subscription/:id",
    (c) =>
      cached(deps, c.req.raw, "/explain/subscription/{id}", async () => {
        const url = new URL(c.req.url);
        const view = sourceOf(deps, url.searchParams);
        const standing = view?.standing(c.req.param("id"));
        if (!view || !standing) return notFoundPage(deps, themeOf(c.req.raw), url.pathname);
        const context = contextOf(deps, view, readQuery(url.searchParams));
        const chrome = await chromeOf(deps, themeOf(c.req.raw), null, null);
        const parts = subscriptionModel(context, standing);
        const model = {
          ...parts,
          chrome,
          issues: standing.issues.map(issueText),
          ...(standing.reason ? { reason: reasonText(standing.reason) } : {}),
          customer: await labelledCustomer(deps, view.info.name, {
            text: standing.sub.customer,
            href: dashboardUrl(view, "customers", standing.sub.customer),
          }),
          dashboard: {
            text: "Open in Stripe",
            href: dashboardUrl(view, "subscriptions", standing.sub.id),
          },
          back: { text: "All of MRR", href: `/explain/mrr${queryText(context.query)}` },
        };
        const passing = hasLabels(deps, view.info.name);
        return { body: renderSubscription(model), contentType: HTML, passing };
      }),
  );
}
