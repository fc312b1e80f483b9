/**
 * The same program over each store: webhooks that become durable a second, and its pages.
 *
 * @module
 */
import { startPostgres } from "../support/postgres.ts";
import { loadClient } from "./load.ts";
import { ratioText, type Row, type Section } from "./results.ts";
import { bareIntake, EVENTS, send, startWorld } from "./webhooks.ts";

const SECONDS = 5;
const CONNECTIONS = 64;
const WEBHOOKS_MIN = 3_000;

interface Measured {
  readonly accepted: number;
  readonly webhooksPerSecond: number;
  readonly webhookP99Ms: number;
  readonly pagesPerSecond: number;
  readonly pageP99Ms: number;
}

async function measure(database: Readonly<Record<string, string>> | null): Promise<Measured> {
  await using world = await startWorld((folder) =>
    database ?? { DATABASE_PATH: `${folder}/glance.db` }
  );
  const client = await loadClient();
  const pages = await client.run({ url: world.url, connections: CONNECTIONS, seconds: SECONDS });
  const { subscriptions } = world;
  const sent = await send(`${world.url}/webhooks/stripe`, { subscriptions });
  return {
    accepted: sent.statuses["200"] ?? 0,
    webhooksPerSecond: sent.perSecond,
    webhookP99Ms: sent.p99Ms,
    pagesPerSecond: pages.perSecond,
    pageP99Ms: pages.p99Ms,
  };
}

function rowsOf(name: string, measured: Measured, memory: Measured, bare: number): Row[] {
  const { accepted, webhooksPerSecond, webhookP99Ms, pagesPerSecond, pageP99Ms } = measured;
  return [{
    what: `${name}: webhooks taken in, ${accepted} of ${EVENTS}`,
    figure: `${webhooksPerSecond.toFixed(0)}/s, p99 ${webhookP99Ms.toFixed(1)} ms`,
    ratio: ratioText(webhooksPerSecond / bare),
    target: name === "SQLite" ? `≥ ${WEBHOOKS_MIN}/s` : "",
    met: name === "SQLite" ? webhooksPerSecond >= WEBHOOKS_MIN : null,
  }, {
    what: `${name}: the dashboard over ${CONNECTIONS} connections`,
    figure: `${pagesPerSecond.toFixed(0)}/s, p99 ${pageP99Ms.toFixed(1)} ms`,
    ratio: ratioText(pagesPerSecond / memory.pagesPerSecond),
    target: "",
    met: null,
  }];
}

export async function stores(): Promise<Section> {
  await using cluster = await startPostgres({ durable: true });
  if (!cluster) throw new Error("PostgreSQL is not installed (apt-get install postgresql)");
  const bare = (await bareIntake()).perSecond;
  const memory = await measure({});
  const sqlite = await measure(null);
  const postgres = await measure({ DATABASE_URL: await cluster.create() });
  return {
    title: "webhooks and pages over each store",
    about: "One program over each store, with fsync on in SQLite and in PostgreSQL. The ratio of " +
      "webhooks is against a bare Deno.serve that reads the body and stores nothing, that of " +
      "pages against memory.",
    rows: [
      ...rowsOf("memory", memory, memory, bare),
      ...rowsOf("SQLite", sqlite, memory, bare),
      ...rowsOf("PostgreSQL", postgres, memory, bare),
    ],
  };
}
