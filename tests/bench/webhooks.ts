/**
 * Webhooks: how many a second become durable, how soon an open page is told, and what open pages
 * hold.
 *
 * @module
 */
import { type Child, freePort, jsonLine, mebibytes, startDeno, startProgram } from "./child.ts";
import type { SimulatorSettings } from "./programs/simulator.ts";
import type { StreamsOptions, StreamTimes } from "./programs/streams.ts";
import type { SenderOptions, Sent } from "./programs/webhook_sender.ts";
import { ratioText, type Row, type Section } from "./results.ts";

const SECRET = "whsec_bench";
export const EVENTS = 20_000;
const FORGED = 10_000;
const CONNECTIONS = 64;
const STREAMS = 1_000;
const WEBHOOKS = 20;
const SUBSCRIPTIONS = 20;
const MIB = 1024 * 1024;
const READY_MS = 30_000;

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface World extends AsyncDisposable {
  readonly url: string;
  readonly server: Child;
  readonly subscriptions: readonly string[];
}

/** Asks until the account is read. */
async function ready(url: string): Promise<void> {
  const giveUpAt = performance.now() + READY_MS;
  while (performance.now() < giveUpAt) {
    try {
      const { data: [source] } = await (await fetch(`${url}/api/v1/sources`)).json();
      if (source?.phase === "live" && source.progress === null) return;
    } catch {
      // It does not listen yet.
    }
    await pause(50);
  }
  throw new Error(`The dashboard was not ready within ${READY_MS} ms`);
}

async function idsOf(simulator: string): Promise<string[]> {
  const response = await fetch(`${simulator}/v1/subscriptions?limit=${SUBSCRIPTIONS}`, {
    headers: { authorization: "Bearer rk_test_simulator" },
  });
  const { data } = await response.json();
  return data.map(({ id }: { id: string }) => id);
}

/**
 * A dashboard and a simulator, each in a process of its own.
 *
 * @param database The variables that choose the store, given a folder of its own.
 */
export async function startWorld(
  database: (folder: string) => Readonly<Record<string, string>> = (folder) => ({
    DATABASE_PATH: `${folder}/glance.db`,
  }),
): Promise<World> {
  const settings: SimulatorSettings = { customers: 200, now: Math.floor(Date.now() / 1000) };
  const simulator = startProgram("simulator", settings);
  const { url: base } = await jsonLine<{ url: string }>(simulator);
  const folder = await Deno.makeTempDir();
  const port = freePort();
  const server = startDeno(["run", "-A", "--no-check", MAIN, "serve"], {
    PORT: String(port),
    HOST: "127.0.0.1",
    STRIPE_SECRET_KEY: "rk_test_simulator",
    STRIPE_API_BASE: base,
    STRIPE_WEBHOOK_SECRET: SECRET,
    ...database(folder),
    LOG_LEVEL: "error",
  });
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  return {
    url,
    server,
    subscriptions: await idsOf(base),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export async function send(url: string, given: Partial<SenderOptions>): Promise<Sent> {
  const options: SenderOptions = {
    url,
    secret: SECRET,
    events: EVENTS,
    connections: CONNECTIONS,
    forged: false,
    subscriptions: ["sub_1"],
    ...given,
  };
  await using sender = startProgram("webhook_sender", options);
  return await jsonLine<Sent>(sender);
}

export async function bareIntake(): Promise<Sent> {
  await using bare = startProgram("bare_intake");
  const { url } = await jsonLine<{ url: string }>(bare);
  return await send(url, {});
}

interface Streamed extends StreamTimes {
  /** What the server held more than before. */
  readonly bytes: number;
}

async function streamed({ url, server, subscriptions }: World, streams: number): Promise<Streamed> {
  const before = server.usage().rssBytes;
  const options: StreamsOptions = {
    url,
    secret: SECRET,
    streams,
    webhooks: WEBHOOKS,
    subscriptions,
  };
  await using pages = startProgram("streams", options);
  const times = await jsonLine<StreamTimes>(pages);
  return { ...times, bytes: server.usage().rssBytes - before };
}

function row(what: string, figure: string, target = "", met: boolean | null = null): Row {
  return { what, figure, ratio: "", target, met };
}

const ms = (value: number) => `${value.toFixed(1)} ms`;

export async function webhooks(): Promise<Section> {
  const bare = await bareIntake();
  await using world = await startWorld();
  const { url, server, subscriptions } = world;
  const intake = `${url}/webhooks/stripe`;
  const one = await streamed(world, 1);
  const many = await streamed(world, STREAMS);
  // Once before, so that the heap has its size.
  await send(intake, { events: FORGED, forged: true, subscriptions });
  const beforeForged = server.usage().rssBytes;
  const forged = await send(intake, { events: FORGED, forged: true, subscriptions });
  const grown = server.usage().rssBytes - beforeForged;
  const durable = await send(intake, { subscriptions });
  const accepted = durable.statuses["200"] ?? 0;
  return {
    title: "webhooks, from the request to the open page",
    about: `Signed events of 2.7 KB over ${CONNECTIONS} connections into SQLite with ` +
      "synchronous=FULL; the ratio is against a bare Deno.serve that reads the body and stores " +
      `nothing. Then ${WEBHOOKS} webhooks, each with a refetch from the simulator, to streams ` +
      "that one process reads; the time is from sending the webhook to reading the message.",
    rows: [
      {
        what: `webhooks accepted durably, ${accepted} of ${EVENTS}`,
        figure: `${durable.perSecond.toFixed(0)}/s, p50 ${ms(durable.p50Ms)}, p99 ${
          ms(durable.p99Ms)
        }`,
        ratio: ratioText(durable.perSecond / bare.perSecond),
        target: "≥ 3,000/s",
        met: durable.perSecond >= 3_000 && accepted === EVENTS,
      },
      row("the bare server", `${bare.perSecond.toFixed(0)}/s`),
      {
        what: `${FORGED} forged webhooks, ${forged.statuses["400"] ?? 0} refused`,
        figure: `${forged.perSecond.toFixed(0)}/s, memory ${grown < 0 ? "" : "+"}${
          mebibytes(grown)
        }`,
        ratio: ratioText(forged.perSecond / bare.perSecond),
        target: "none accepted, < 20 MB",
        met: forged.statuses["400"] === FORGED && grown < 20 * MIB,
      },
      row("webhook to 1 open stream", `p50 ${ms(one.p50Ms)}, p99 ${ms(one.p99Ms)}`),
      row(
        `webhook to ${STREAMS} open streams`,
        `p50 ${ms(many.p50Ms)}, p99 ${ms(many.p99Ms)}`,
        "p99 < 50 ms",
        many.p99Ms < 50,
      ),
      row(
        `memory of ${STREAMS} open streams`,
        mebibytes(many.bytes),
        "≤ 70 MB",
        many.bytes <= 70 * MIB,
      ),
    ],
  };
}
