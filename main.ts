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
if (import.meta.main) {
  // Runtimes before Deno 2.7 have no `Temporal`; the modules behind it use it when they load.
  if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
  const { runCommand } = await import("./src/cli/commands.ts");
  const code = await runCommand(Deno.args);
  if (code !== 0) Deno.exit(code);
}
