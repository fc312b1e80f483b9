/**
 * Puts into the audit log who reads figures by other means than pages: the JSON interface,
 * downloads.
 *
 * @module
 */
import type { RequestEnv, ServerDeps } from "./deps.ts";
import { createFirstOfDay } from "./first_of_day.ts";
import { addressOf } from "./peer.ts";
import { nameOf } from "./visitor.ts";

/** Answers that are kept as a file; any other is read by a program. */
const FILES = ["text/csv", "text/plain"];

export function createDownloads({ audit, live, now }: Pick<ServerDeps, "audit" | "live" | "now">) {
  const isFirst = createFirstOfDay(now);

  return {
    /**
     * Notes an answer of the interface. CSV and exports: of a reader each; of a token, which comes
     * again, the first of a day and route. JSON: the first of a day for each token and user.
     */
    note(request: Request, response: Response, { visitor, direct }: RequestEnv, route: string) {
      if (!response.ok && response.status !== 304) return;
      const type = response.headers.get("content-type") ?? "";
      const isFile = FILES.some((file) => type.startsWith(file));
      const user = nameOf(visitor);
      if (isFile ? visitor.kind === "token" && !isFirst(`${user} ${route}`) : !isFirst(`${user}`)) {
        return;
      }
      const address = addressOf(request, direct, live().settings.server);
      const action = isFile ? "exported" : "interface_read";
      void audit.record({ action, user, address, subject: route });
    },
  };
}
