/** What of the money is not known to be as Stripe has it says so, until it has been looked at. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { envelope } from "../../routes/api/envelope.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createCompany, createSimulator, type Simulator } from "../../src/simulator/mod.ts";
import { MONEY_RESOURCES, type SourceView } from "../../src/store/port.ts";
import { encodeFact } from "../../src/store/codec.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { follow, type Followed, makeInfo, NOW } from "./harness.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });
const opened = (database: SqliteDatabase, now: number) =>
  openStore(ACCOUNT, makeInfo(), database, LOG, now);

const isRead = ({ store }: Followed) =>
  store.status.paymentsRead && store.money.cashReading.done && store.status.historyDone;

const paymentsOf = ({ money }: SourceView) =>
  [...money.payments.facts()].map((fact) => encodeFact(fact)).sort();

const PAYMENTS = ["invoices"] as const;
const said = (store: SourceView) => {
  const { state, reasons } = envelope(store, [], PAYMENTS);
  return [state, ...reasons.filter((code) => code.startsWith("payments_"))].join(" ");
};

Deno.test("after a return payments are incomplete until what happened meanwhile is read, then as a new reading has them", async () => {
  const folder = Deno.makeTempDirSync();
  using _folder = { [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
  const path = `${folder}/glance.db`;
  const company = createCompany({ now: NOW, seed: 9, customers: 80 });
  let at = NOW;
  {
    using database = openSqlite(path);
    const simulator = createSimulator({ source: company.source });
    await using followed = follow({ simulator, start: NOW, opened: opened(database, NOW) });
    await followed.until(() => isRead(followed));
    await followed.until(() => followed.store.status.behind.length === 0);
    assert.equal(said(followed.store), "fresh");
    at = followed.seconds();
  }
  const later = at + 3 * 3600;
  for (let step = 0; step < 40; step++) company.step(at + 60 + step * 240);
  company.advance(later);
  using database = openSqlite(path);
  const simulator = createSimulator({ source: company.source });
  const again = opened(database, later);
  assert.deepEqual(again.store.status.behind, MONEY_RESOURCES, "before Stripe was asked");
  assert.equal(said(again.store), "incomplete payments_behind");
  const before = paymentsOf(again.store);
  await using followed = follow({ simulator, start: later, opened: again });
  const { store } = followed;
  const seen: string[] = [];
  await followed.until(() => {
    if (store.status.staleSince === null && store.status.phase === "live") seen.push(said(store));
    return !store.status.behind.includes("invoices");
  });
  assert.ok(seen.includes("incomplete payments_behind"), "subscriptions were there first");
  const after = paymentsOf(store);
  assert.notDeepEqual(after, before, "something happened");
  await using anew = follow({
    simulator: createSimulator({ source: company.source }),
    start: later,
  });
  await anew.until(() => isRead(anew));
  assert.deepEqual(after, paymentsOf(anew.store));
  await followed.until(() => store.status.behind.length === 0);
  assert.equal(said(store), "fresh");
});

const LISTS = /^\/v1\/(balance_transactions|payouts|disputes|subscription_schedules)$/;

/** Answers whether a list of the money may be read at all, and its pages once it is let go. */
function held(simulator: Simulator) {
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  const fetch: Simulator["fetch"] = async (input, init) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    if (LISTS.test(pathname) && searchParams.get("limit") !== "1") await letGo;
    return await simulator.fetch(input, init);
  };
  return { simulator: { ...simulator, fetch }, release };
}

Deno.test("cash, payouts, disputes and schedules are incomplete while they are read for the first time", async () => {
  const company = createCompany({ now: NOW, seed: 3, customers: 40 });
  const { simulator, release } = held(createSimulator({ source: company.source }));
  await using followed = follow({ simulator });
  const { store } = followed;
  const resources = MONEY_RESOURCES.filter((each) => each !== "invoices");
  const codes = () =>
    envelope(store, [], resources).reasons.filter((code) => /_unread$/.test(code));
  await followed.until(() => store.status.asOf !== null);
  const unread = codes();
  assert.deepEqual(unread, [
    "cash_unread",
    "payouts_unread",
    "disputes_unread",
    "schedules_unread",
  ]);
  assert.equal(envelope(store, [], resources).state, "incomplete");
  release();
  await followed.until(() => isRead(followed) && store.status.behind.length === 0);
  assert.deepEqual([envelope(store, [], resources).state, codes()], ["fresh", []]);
});

Deno.test("what the key may not read is no reading that goes on: its figure says so itself", async () => {
  const company = createCompany({ now: NOW, seed: 3, customers: 40 });
  const forbidden = ["balance_transactions"] as const;
  const simulator = createSimulator({ source: company.source, forbidden });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.status.historyDone && store.status.behind.length === 0);
  assert.deepEqual(envelope(store, [], forbidden).reasons, []);
});
