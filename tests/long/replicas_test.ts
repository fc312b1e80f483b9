/**
 * Campaigns: programs over one PostgreSQL. Each event is delivered three times at random ones while
 * one is killed, and one is killed by SIGKILL again and again. Short by default; `--full` delivers
 * 5,000 events to two and to three programs, and kills 200 times.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/resilience/clock.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import type { Program } from "../support/program.ts";
import { until } from "../support/until.ts";
import { bridgeOf, deliver, FULL, holds, now, startFleet } from "./fleet.ts";

const EVENTS = FULL ? 5_000 : 150;
const KILLS = FULL ? 200 : 2;
const REPLICAS = 3;
const DELIVERIES = 3;
/** Events under way at the same time. */
const AT_ONCE = 16;
/** A lease of 15 s, a look every 3 s, and what starting and reading take. */
const TAKEOVER_SECONDS_MAX = 30;

const cluster = await clusterForFile({ durable: true });

/** What the database has of the events that were sent. */
async function inboxOf(url: string) {
  await using database = await openPostgres(addressOf(url), { clock: systemClock() });
  const source = await database.source("default", "test");
  await until(async () => (await source.inbox()).open.length === 0, 120);
  return await source.inbox();
}

const heldBy = (programs: readonly Program[]) => Promise.all(programs.map(holds));

for (const replicas of [2, 3]) {
  postgresTest(
    cluster,
    `${replicas} programs, ${EVENTS} events delivered ${DELIVERIES} times, one killed: once each`,
    async ({ create }) => {
      const url = await create();
      const startedAt = performance.now();
      await using fleet = await startFleet({ DATABASE_URL: url }, { seed: 12, customers: 300 });
      const { company, tap } = fleet;
      const programs: Program[] = [];
      for (let index = 0; index < replicas; index++) programs.push(await fleet.start());
      await fleet.settled(programs);
      const sent = new Set<string>();
      let killed = false;
      while (sent.size < EVENTS) {
        const events: { readonly id?: unknown }[] = [];
        while (events.length < AT_ONCE) {
          company.step(now());
          events.push(...tap());
        }
        for (const event of events) sent.add(String(event.id));
        const delivering = events.map((event) => deliver(programs, event, DELIVERIES));
        if (!killed && sent.size >= EVENTS / 2) {
          killed = true;
          // The one that asks Stripe.
          const victim = (await heldBy(programs)).indexOf(true);
          const [program] = programs.splice(victim, 1);
          await program!.kill();
        }
        await Promise.all(delivering);
      }
      await fleet.settled(programs);
      const inbox = await inboxOf(url);
      assert.equal(inbox.open.length, 0);
      assert.ok(inbox.total >= sent.size, `${inbox.total} of ${sent.size} events are there`);
      // A single process that reads the account now shows the same.
      const alone = await fleet.start({});
      await fleet.settled([...programs, alone]);
      for (const program of programs) await bridgeOf(program);
      console.log(
        `${replicas} programs: ${sent.size} events × ${DELIVERIES}, ${inbox.total} kept, ` +
          `${Math.round((performance.now() - startedAt) / 1000)} s`,
      );
    },
  );
}

postgresTest(
  cluster,
  `${KILLS} kills of one of ${REPLICAS} programs: no acknowledged event is lost, figures exact`,
  async ({ create }) => {
    const url = await create();
    const startedAt = performance.now();
    await using fleet = await startFleet({ DATABASE_URL: url }, { seed: 11, customers: 100 });
    const { company, tap } = fleet;
    const programs: Program[] = [];
    for (let index = 0; index < REPLICAS; index++) programs.push(await fleet.start());
    await fleet.settled(programs);
    const sent = new Set<string>();
    let holder = 0;
    let longest = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const held = await heldBy(programs);
      assert.ok(held.filter(Boolean).length <= 1, "at most one holds the lease");
      // One of five meets the one that asks Stripe: the lease then has to run out.
      const victim = kill % 5 === 0 && held.includes(true)
        ? held.indexOf(true)
        : Math.floor(Math.random() * REPLICAS);
      if (held[victim]) holder++;
      const others = programs.filter((_, index) => index !== victim);
      const killAt = Math.floor(Math.random() * 8);
      let killedAt = 0;
      for (let step = 0; step < 8; step++) {
        company.step(now());
        const events = tap();
        for (const event of events) sent.add(String(event.id));
        const delivering = events.map((event) => deliver(programs, event, DELIVERIES));
        if (step === killAt) {
          killedAt = performance.now();
          await programs[victim]!.kill();
          programs[victim] = others[0]!;
        }
        await Promise.all(delivering);
      }
      await until(async () => (await heldBy(others)).includes(true), 60);
      const seconds = (performance.now() - killedAt) / 1000;
      longest = Math.max(longest, held[victim] ? seconds : 0);
      assert.ok(seconds < TAKEOVER_SECONDS_MAX, `the lease moved after ${seconds} s`);
      programs[victim] = await fleet.start();
    }
    assert.ok(holder > 0, "the holder was among the killed");
    await fleet.settled(programs);
    const { total } = await inboxOf(url);
    assert.ok(total >= sent.size, "every acknowledged event is there");
    console.log(
      `${KILLS} kills, ${holder} of the holder, the lease moved within ${longest.toFixed(1)} s; ` +
        `${sent.size} events × ${DELIVERIES}; ` +
        `${Math.round((performance.now() - startedAt) / 1000)} s`,
    );
    for (const program of programs) assert.equal(await program.terminate(), 0);
  },
);
