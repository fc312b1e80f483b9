/**
 * The entry point on Deno Deploy. Instances come and go and share no disk, so what is kept is in
 * PostgreSQL; one that is asked to end has done so within four seconds; a cron wakes one every ten
 * minutes, as none runs while nobody looks. Without an account and a database it is the demo.
 *
 * Needs `--allow-all`, which is what Deno Deploy runs with.
 *
 * @module
 */
import { systemClock } from "../../src/resilience/clock.ts";
import { endWithin } from "./end_within.ts";
import { isConfigured, lookAtStripe, RECONCILE } from "./instance.ts";

/** SIGKILL comes five seconds after SIGINT. */
const STOP_MS = 3_800;

endWithin(STOP_MS);
// Deno Deploy itself says where to listen; whatever that is, it is not loopback alone.
if (!Deno.env.get("HOST")) Deno.env.set("HOST", "0.0.0.0");
// Runtimes before Deno 2.7 have no `Temporal`; the modules behind it use it when they load.
if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
const { demo, serve } = await import("../../src/cli/serve.ts");
const { ConfigError } = await import("../../config/load.ts");

const serving = Promise.withResolvers<import("../../src/cli/server.ts").Server>();
if (isConfigured((name) => Deno.env.get(name))) {
  // At the top level, where Deno Deploy looks for it; elsewhere it takes `--unstable-cron`.
  const { cron } = Deno as {
    cron?: (name: string, when: string, run: () => Promise<void>) => void;
  };
  cron?.(
    "reconcile",
    RECONCILE,
    async () => lookAtStripe((await serving.promise).views, systemClock()),
  );
  serve(undefined, serving.resolve).catch(fail);
} else {
  // What listens first gets the platform's address, so the simulator must not listen at all.
  demo(true).catch(fail);
}

function fail(error: unknown): void {
  console.error(error instanceof ConfigError || error instanceof TypeError ? error.message : error);
  Deno.exit(1);
}
