/**
 * Pages that say one thing: not found, nothing configured, a fault.
 *
 * @module
 */
import type { MessageModel } from "../src/widgets/models.ts";
import { renderMessage } from "../views/message.ts";
import { type Body, HTML } from "./cached.ts";
import { chromeOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";

export async function messagePage(
  deps: AppDeps,
  theme: string | null,
  message: Omit<MessageModel, "chrome">,
): Promise<Body> {
  const chrome = await chromeOf(deps, theme, null, null);
  return {
    body: deps.linked(renderMessage({ ...message, chrome })),
    contentType: HTML,
    status: message.code ?? 200,
  };
}

export function notFoundPage(deps: AppDeps, theme: string | null, path: string): Promise<Body> {
  return messagePage(deps, theme, {
    code: 404,
    alarm: "calm",
    title: "No such page",
    what: `There is nothing at ${path}.`,
    todo: ["Go back to the dashboard, or look for the page in the bar above"],
    actions: [{ text: "To the dashboard", href: "/" }],
  });
}
