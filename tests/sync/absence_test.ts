/**
 * Nobody looked for a while: what happened then is dated by its events, or by invoices where Stripe
 * has no events any more (metrics.md B.6), as if everything were read for the first time.
 */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { withCauses } from "../../src/metrics/causes.ts";
import { format } from "../../src/metrics/rational.ts";
import { type Company, createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { createLogger } from "../../src/observability/log.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import {
  booksOf,
  checkToday,
  DAY,
  figuresOf,
  follow,
  type Followed,
  makeInfo,
  NOW,
} from "./harness.ts";
import { moneyState } from "./money_state.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

/** What a subscription was worth from when to when, from `since` on. */
function pastOf(store: SourceStore, id: string, since: number) {
  return store.segments(id).filter(({ to }) => to === null || to > since).map((segment) => ({
    from: Math.max(segment.from, since),
    to: segment.to,
    exact: format(segment.exact),
    currency: segment.currency,
    lines: segment.lines.map(({ item, price, quantity, exact }) =>
      `${item} ${price} ${quantity} ${format(exact)}`
    ).sort(),
    inferred: segment.quality === "inferred",
  }));
}

function causesOf(store: SourceStore, id: string, since: number) {
  const sub = store.standing(id)!.sub;
  return withCauses(sub, store.segments(id)).flatMap(({ to, cause }) =>
    cause && to !== null && to > since ? [`${to} ${cause}`] : []
  );
}

/** Movements of each day, by currency. */
function daysOf(store: SourceStore, since: number, until: number) {
  const { movements, calendar } = store;
  return movements.currencies().flatMap((currency) => {
    const rows: unknown[] = [];
    for (let day = calendar.dayOf(since); day <= calendar.dayOf(until); day++) {
      rows.push([currency, day, movements.period(currency, day, day + 1)]);
    }
    return rows;
  });
}

/** Lets a company live until `to`, something happening every few hours. */
function live(company: Company, from: number, to: number, hours = 6): void {
  for (let at = from; at < to; at += hours * 3600) company.step(at);
  company.advance(to);
}

async function settled({ store, until, poll }: Followed): Promise<void> {
  await until(
    () => store.status.historyDone && store.status.staleSince === null && store.status.paymentsRead,
    7200,
  );
  await poll();
}

/** That one who was away knows what one who has just come reads. */
function compare(returned: SourceStore, fresh: SourceStore, since: number, now: number): void {
  assert.deepEqual(figuresOf(returned), figuresOf(fresh));
  for (const { sub: { id } } of fresh.standings()) {
    const [here, there] = [pastOf(returned, id, since), pastOf(fresh, id, since)];
    if (there.some(({ inferred }) => inferred)) continue;
    assert.deepEqual(here, there, id);
    assert.deepEqual(causesOf(returned, id, since), causesOf(fresh, id, since), id);
  }
  checkToday(returned, now);
}

for (const days of [3, 10, 35, 40]) {
  Deno.test(`after ${days} days away over SQLite everything is as a fresh start reads it`, async () => {
    const folder = Deno.makeTempDirSync();
    const company = createCompany({ now: NOW, seed: 11, customers: 150 });
    const simulator = () => createSimulator({ source: company.source });
    const path = `${folder}/glance.db`;
    const open = (from: string, now: number) =>
      openStore(ACCOUNT, makeInfo(), openSqlite(from), LOG, now);
    let leftAt = 0;
    {
      await using followed = follow({ simulator: simulator(), opened: open(path, NOW) });
      await settled(followed);
      for (let step = 0; step < 10; step++) {
        company.step(followed.seconds());
        await followed.poll();
      }
      leftAt = followed.seconds();
      // As `kill -9` leaves it.
      for (const end of ["", "-wal"]) {
        Deno.copyFileSync(path + end, `${folder}/killed.db${end}`);
      }
    }
    const now = leftAt + days * DAY;
    live(company, leftAt + 3600, now);
    await using returned = follow({
      simulator: simulator(),
      start: now,
      opened: open(`${folder}/killed.db`, now),
    });
    await settled(returned);
    await using fresh = follow({ simulator: simulator(), start: now });
    await settled(fresh);
    assert.deepEqual(figuresOf(returned.store), booksOf(company.books(company.now())));
    compare(returned.store, fresh.store, leftAt, now);
  });
}
