/**
 * Campaign: PostgreSQL goes away under load and comes back. Short by default; `--full` stops it for
 * 60 seconds.
 */
import assert from "node:assert/strict";
import { clusterForFile, postgresTest, startPostgres } from "../support/postgres.ts";
import type { Program } from "../support/program.ts";
import { until } from "../support/until.ts";
import { deliver, FULL, get, now, startFleet, tryDeliver } from "./fleet.ts";

const OUTAGE_MS = FULL ? 60_000 : 4_000;
const RECOVERY_SECONDS_MAX = 30;
/** Milliseconds between two rounds of load. */
const PAUSE_MS = 100;

const cluster = await clusterForFile();

async function statusOf(program: Program, path: string): Promise<number> {
  const response = await get(program, path);
  await response.body?.cancel();
  return response.status;
}

postgresTest(
  cluster,
  `PostgreSQL away for ${OUTAGE_MS / 1000} s under load: nothing acknowledged is missing`,
  async () => {
    await using own = (await startPostgres({ durable: true }))!;
    const { create, crash, start } = own;
    await using fleet = await startFleet(
      { DATABASE_URL: await create() },
      { seed: 21, customers: 200 },
    );
    const { company, tap } = fleet;
    const programs: Program[] = [await fleet.start(), await fleet.start()];
    await fleet.settled(programs);
    const refused: unknown[] = [];
    let taken = 0;

    async function load(until: number): Promise<void> {
      while (performance.now() < until) {
        company.step(now());
        for (const event of tap()) {
          if (await tryDeliver(programs[taken % 2]!, event)) taken++;
          else refused.push(event);
        }
        for (const program of programs) {
          assert.equal(await statusOf(program, "/"), 200, "pages go on");
          assert.equal(await statusOf(program, "/health/ready"), 200, "and are to be asked");
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }

    await load(performance.now() + 2_000);
    assert.equal(refused.length, 0);
    const before = taken;
    await crash();
    await load(performance.now() + OUTAGE_MS);
    assert.ok(refused.length > 0 && taken === before, "none is acknowledged without the database");
    assert.equal(await statusOf(programs[0]!, "/health"), 503);
    await start();
    const back = performance.now();
    const healthy = async (program: Program) => await statusOf(program, "/health") === 200;
    await until(async () => (await Promise.all(programs.map(healthy))).every(Boolean), 60);
    // What was refused comes again, as from Stripe.
    for (const event of refused) await deliver(programs, event, 1);
    await fleet.settled(programs);
    const seconds = (performance.now() - back) / 1000;
    assert.ok(seconds < RECOVERY_SECONDS_MAX, `recovered after ${seconds} s`);
    console.log(
      `away ${OUTAGE_MS / 1000} s: ${refused.length} events refused and sent again, ` +
        `${before} before; the same figures everywhere ${seconds.toFixed(1)} s after the start`,
    );
  },
);
