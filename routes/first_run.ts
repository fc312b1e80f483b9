/**
 * The page for those who have no account connected yet: a key, one command, or the demo.
 *
 * @module
 */
import { createKeyUrl } from "../src/stripe/key.ts";
import type { Body } from "./cached.ts";
import type { AppDeps } from "./deps.ts";
import { messagePage } from "./message_page.ts";
import { DENO_TASK } from "./start_command.ts";

/** `title` is the page's heading; the demo offers no way to itself. */
export function firstRunPage(
  deps: AppDeps,
  theme: string | null,
  title: string,
): Promise<Body> {
  const runner = deps.runner ?? DENO_TASK;
  return messagePage(deps, theme, {
    code: null,
    alarm: "calm",
    title,
    what: "The dashboard only reads. It needs a restricted key with read permissions.",
    todo: [
      "Create the key: the button below has the permissions filled in",
      "Say who may see it: users in a glance.yml, as the README has it (a test key needs none)",
      "Start with the command above, the key in its place",
      ...(deps.demo ? [] : [`Or look around first, without a key: ${runner} demo`]),
    ],
    excerpt: `STRIPE_SECRET_KEY=rk_live_… ${runner} start`,
    actions: [
      { text: "Create a read-only key", href: createKeyUrl("live") },
      { text: "Create a test key", href: createKeyUrl("test") },
    ],
  });
}
