/**
 * BusinessGlance: the figures of a subscription business on Stripe, exact and explained.
 *
 * The composition root. What is built, and by what:
 *
 * - `src/cli/commands.ts` reads the command line;
 * - `src/cli/serve.ts` loads the configuration and runs the server until it is stopped;
 * - `src/cli/server.ts` builds log, metrics, health, cache and routes around the sources;
 * - `src/cli/sources.ts` starts a client, a store and a synchronisation for each account.
 *
 * @module
 */
import { runCommand } from "./src/cli/commands.ts";

if (import.meta.main) {
  const code = await runCommand(Deno.args);
  if (code !== 0) Deno.exit(code);
}
