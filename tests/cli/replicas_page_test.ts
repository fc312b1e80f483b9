/** What one replica writes reaches the open pages of another. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/resilience/clock.ts";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { readEvent } from "../../src/sync/event.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { figuresOf } from "../sync/harness.ts";

const SECONDS_MAX = 1;
const now = () => Math.floor(Date.now() / 1000);

const cluster = await clusterForFile();

/** Reads a stream of events message by message. */
async function* messagesOf(response: Response): AsyncIterable<string> {
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop()!;
    yield* parts.filter((part) => part.includes("data:"));
  }
}

postgresTest(
  cluster,
  "a change that one replica writes is told to an open page of another within a second",
  async ({ create }) => {
    const company = createCompany({ now: now(), seed: 4, customers: 60 });
    const simulator = createSimulator({ source: company.source });
    const url = await create();
    const clock = systemClock();
    await using holding = await openPostgres(addressOf(url), { clock });
    await using following = await openPostgres(addressOf(url), { clock });
    // Nobody looks at the events meanwhile: what is told comes of what is written.
    const options = { simulator, pollSeconds: 3_600 };
    await using first = await startDashboard({ ...options, database: holding });
    await until(() => first.server.views.get("default")!.status.historyDone);
    await using second = await startDashboard({ ...options, database: following });
    const storeOf = ({ server }: Dashboard) => server.views.get("default") as SourceStore;
    const shownBy = (dashboard: Dashboard) => JSON.stringify(figuresOf(storeOf(dashboard)));
    await until(() => shownBy(first) === shownBy(second));
    const tap = createEventTap(company.source);
    tap();
    const page = new AbortController();
    const response = await fetch(`${second.url}/api/stream`, { signal: page.signal });
    const messages = messagesOf(response)[Symbol.asyncIterator]();
    for (let round = 0; round < 5; round++) {
      const before = shownBy(first);
      while (shownBy(first) === before) {
        company.step(now());
        const { inbox } = storeOf(first);
        for (const event of tap()) await inbox.receive(readEvent(event), "webhook", Date.now());
        await until(() => inbox.waiting().length === 0);
      }
      const writtenAt = performance.now();
      while (shownBy(second) !== shownBy(first)) await messages.next();
      const seconds = (performance.now() - writtenAt) / 1000;
      assert.ok(seconds < SECONDS_MAX, `told after ${seconds} s`);
    }
    page.abort();
    await messages.next().catch(() => {});
  },
);
