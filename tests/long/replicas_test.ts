/**
 * Campaign: programs over one PostgreSQL, each event delivered three times at random ones, and one
 * of them killed by SIGKILL again and again. Short by default; `--full` kills 200 times.
 */
import assert from "node:assert/strict";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { serveSimulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

const FULL = Boolean(Deno.env.get("LONG_TESTS_FULL"));
const KILLS = FULL ? 200 : 2;
const STEPS = FULL ? 25 : 12;
const REPLICAS = 3;
/** A lease of 15 s, a look every 3 s, and what starting and reading take. */
const TAKEOVER_SECONDS_MAX = 30;

const cluster = await clusterForFile({ durable: true });
const now = () => Math.floor(Date.now() / 1000);
const pick = <T>(from: readonly T[]) => from[Math.floor(Math.random() * from.length)]!;

async function get(program: Program, path: string): Promise<Response> {
  return await fetch(new URL(path, program.url));
}

async function holds(program: Program): Promise<boolean> {
  const text = await (await get(program, "/metrics")).text();
  return /^glance_lease_held\{[^}]*\} 1$/m.test(text);
}

interface Revenue {
  readonly currencies: Readonly<Record<string, { readonly mrrExact: string }>>;
}

async function shown(program: Program): Promise<Record<string, string>> {
  const { currencies }: Revenue = await (await get(program, "/api/v1/revenue")).json();
  return Object.fromEntries(
    Object.entries(currencies).map(([currency, { mrrExact }]) => [currency, mrrExact]).sort(),
  );
}

/** Delivers until one has said that it has it, as Stripe would. */
async function deliver(programs: readonly Program[], event: unknown): Promise<void> {
  for (let given = 0; given < 3;) {
    try {
      const [status] = await sendWebhook(
        `${pick(programs).url}webhooks/stripe`,
        JSON.stringify(event),
      );
      if (status === 200) given++;
    } catch {
      // That one was killed.
    }
  }
}

postgresTest(
  cluster,
  `${KILLS} kills of one of ${REPLICAS} programs: each acknowledged event once, figures exact`,
  async ({ create }) => {
    const company = createCompany({ now: now(), seed: 11, customers: 100 });
    const simulator = createSimulator({ source: company.source });
    const server = serveSimulator(simulator);
    const tap = createEventTap(company.source);
    tap();
    const url = await create();
    const start = () =>
      startProgram("serve", {
        STRIPE_SECRET_KEY: SIMULATOR_KEY,
        STRIPE_API_BASE: server.url,
        STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
        DATABASE_URL: url,
        PORT: "0",
      });
    const programs: Program[] = [];
    await using _ended = {
      async [Symbol.asyncDispose]() {
        for (const program of new Set(programs)) await program[Symbol.asyncDispose]();
        await server.close();
      },
    };
    for (let index = 0; index < REPLICAS; index++) programs.push(await start());
    const sent = new Set<string>();
    const books = () =>
      Object.fromEntries(
        Object.entries(company.books(company.now()).mrr)
          .map(([currency, { exact }]) => [currency, exact]).sort(),
      );
    const agree = async (program: Program) =>
      JSON.stringify(await shown(program)) === JSON.stringify(books());
    await until(async () => (await Promise.all(programs.map(agree))).every(Boolean), 60);
    let holder = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Half of the kills meet the one that asks Stripe.
      const held = await Promise.all(programs.map(holds));
      assert.ok(held.filter(Boolean).length <= 1, "at most one holds the lease");
      const victim = kill % 2 === 0 && held.includes(true)
        ? held.indexOf(true)
        : Math.floor(Math.random() * REPLICAS);
      if (held[victim]) holder++;
      const killAt = Math.floor(Math.random() * STEPS);
      const others = programs.filter((_, index) => index !== victim);
      let killedAt = 0;
      for (let step = 0; step < STEPS; step++) {
        company.step(now());
        const events = tap();
        for (const event of events) sent.add(String(event.id));
        const delivering = events.map((event) => deliver(programs, event));
        if (step === killAt) {
          killedAt = performance.now();
          await programs[victim]!.kill();
          programs[victim] = others[0]!;
        }
        await Promise.all(delivering);
      }
      await until(async () => (await Promise.all(others.map(holds))).includes(true), 60);
      const seconds = (performance.now() - killedAt) / 1000;
      assert.ok(seconds < TAKEOVER_SECONDS_MAX, `the lease moved after ${seconds} s`);
      programs[victim] = await start();
    }
    assert.ok(holder > 0, "the holder was among the killed");
    await until(async () => (await Promise.all(programs.map(agree))).every(Boolean), 120);
    await using database = await openPostgres(addressOf(url), { clock: systemClock() });
    const source = await database.source("default", "test");
    await until(async () => (await source.inbox()).open.length === 0, 60);
    assert.ok((await source.inbox()).total >= sent.size, "every acknowledged event is there");
    for (const program of programs) assert.equal(await program.terminate(), 0);
  },
);
