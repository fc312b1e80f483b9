/**
 * Puts downloads of figures into the audit log.
 *
 * @module
 */
import type { RequestEnv, ServerDeps } from "./deps.ts";
import { addressOf } from "./peer.ts";
import { nameOf } from "./visitor.ts";

const DAY_MS = 86_400_000;
/** What is read on a page or by a program that shows it is JSON. */
const FILES = ["text/csv", "text/plain"];

export function createDownloads({ audit, live, now }: Pick<ServerDeps, "audit" | "live" | "now">) {
  /** The last day by token and route. */
  const noted = new Map<string, number>();

  return {
    /** Notes an answer that is CSV or an export: of a reader each, of a token, which comes again, once a day. */
    note(request: Request, response: Response, { visitor, direct }: RequestEnv, route: string) {
      const type = response.headers.get("content-type") ?? "";
      if (!FILES.some((file) => type.startsWith(file)) || !response.ok) return;
      const user = nameOf(visitor);
      if (visitor.kind === "token") {
        const day = Math.floor(now() / DAY_MS);
        if (noted.get(`${user} ${route}`) === day) return;
        noted.set(`${user} ${route}`, day);
      }
      const address = addressOf(request, direct, live().settings.server);
      void audit.record({ action: "exported", user, address, subject: route });
    },
  };
}
