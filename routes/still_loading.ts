/**
 * What is asked for before every stored fact was read: it waits a while for the rest, then is told
 * to come again. The pages' own figures are answered from the opening before.
 *
 * @module
 */
import { StillLoadingError } from "../src/store/opening.ts";
import { formatInteger } from "../src/widgets/format.ts";
import { Problem } from "./api/problem.ts";
import { problemResponse } from "./api/routes.ts";
import { themeOf } from "./cached.ts";
import type { AppDeps } from "./deps.ts";
import { NO_STORE_HEADERS } from "./headers.ts";
import { messagePage } from "./message_page.ts";

/** Milliseconds that a request waits: most accounts are read by then. */
const PATIENCE_MS = 2_000;
const AGAIN_SECONDS = 2;

/** Whether everything was read in time. */
async function isLoaded({ loading }: AppDeps): Promise<boolean> {
  if (!loading) return false;
  const loaded = loading.loaded().then(() => true, () => false);
  return await Promise.race([loaded, loading.wait(PATIENCE_MS).then(() => false)]);
}

async function comeAgain(deps: AppDeps, request: Request): Promise<Response> {
  const read = deps.loading?.read() ?? 0;
  const progress = `${formatInteger(read)} stored facts are read so far`;
  const again = String(AGAIN_SECONDS);
  if (new URL(request.url).pathname.startsWith("/api/")) {
    const problem = new Problem(
      "not_ready",
      undefined,
      `The program has just started: ${progress}`,
    );
    return problemResponse(problem, [["retry-after", again]]);
  }
  const { body, contentType } = await messagePage(deps, themeOf(request), {
    code: 503,
    alarm: "calm",
    title: "Reading what is stored",
    what: `The program has just started and reads the subscriptions that it keeps: ${progress}. ` +
      "Webhooks are taken in meanwhile.",
    todo: ["This page comes by itself in a moment"],
    actions: [{ text: "Try again", href: "" }],
  });
  return new Response(body, {
    status: 503,
    headers: [
      ["content-type", contentType],
      ...NO_STORE_HEADERS.map(([name, value]): [string, string] => [name, value]),
      ["retry-after", again],
      // Browsers follow this without a script.
      ["refresh", again],
    ],
  });
}

/** Answers, if need be once everything is read. */
export async function onceLoaded(
  deps: AppDeps,
  request: Request,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof StillLoadingError)) throw error;
  }
  return await isLoaded(deps) ? await answer() : await comeAgain(deps, request);
}
