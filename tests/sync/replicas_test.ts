/** Many replicas over one PostgreSQL are one: one asks Stripe, all show the same. */
import assert from "node:assert/strict";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { encodeFact } from "../../src/store/codec.ts";
import { MONEY_KINDS } from "../../src/store/money.ts";
import { readEvent } from "../../src/sync/event.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { type StartedReplica, startReplica } from "../support/replicas.ts";
import { booksOf, figuresOf } from "./harness.ts";
import { moneyState } from "./money_state.ts";

const cluster = await clusterForFile();
const test = (name: string, run: () => Promise<void>) => postgresTest(cluster, name, run);
const now = () => Math.floor(Date.now() / 1000);

/** A company that lives in real time, and replicas that show it. */
async function started(count: number) {
  const company = createCompany({ now: now(), seed: 7, customers: 60 });
  const simulator = createSimulator({ source: company.source });
  const url = await cluster!.create();
  const replicas: StartedReplica[] = [];
  for (let index = 0; index < count; index++) replicas.push(await startReplica({ simulator, url }));
  const books = () => booksOf(company.books(company.now()));
  const agrees = (replica: StartedReplica) =>
    JSON.stringify(figuresOf(replica.store())) === JSON.stringify(books());
  return {
    company,
    simulator,
    url,
    replicas,
    live: () => {
      for (let step = 0; step < 10; step++) company.step(now());
    },
    /** Until every given replica shows what the books say. */
    settled: (of = replicas) => until(() => of.every(agrees)),
    async [Symbol.asyncDispose]() {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
    },
  };
}

const holdersOf = (replicas: readonly StartedReplica[]) => replicas.filter((one) => one.holds());

test("of three replicas one asks Stripe, and all show its figures and status", async () => {
  await using all = await started(3);
  const { replicas, live, settled } = all;
  await settled();
  await until(() => replicas.every((one) => one.store().status.historyDone));
  for (let round = 0; round < 3; round++) {
    live();
    await settled();
  }
  assert.equal(holdersOf(replicas).length, 1);
  assert.equal(replicas.filter((one) => one.requests() > 0).length, 1);
  const [holder] = holdersOf(replicas);
  await until(() =>
    replicas.every(({ store }) =>
      store().status.phase === "live" && store().status.asOf === holder!.store().status.asOf
    )
  );
  const { calendar } = holder!.store();
  const today = calendar.dayOf(now());
  const bridges = replicas.map((one) => one.store().movements.period("usd", today - 60, today + 1));
  assert.deepEqual(bridges[1], bridges[0]);
  assert.deepEqual(bridges[2], bridges[0]);
  const closed = replicas.map((one) => one.store().closedMonths.saved());
  assert.deepEqual(closed[1], closed[0]);
  assert.deepEqual(closed[2], closed[0]);
});

test("payments, cash, payouts, schedules and the forecast are the same on every replica", async () => {
  await using all = await started(3);
  const { replicas, live, settled, company, simulator } = all;
  const shown = ({ store }: StartedReplica) =>
    JSON.stringify([
      moneyState(store(), now()),
      store().renewalDays(now()).map((row) => encodeFact(row)).sort(),
    ]);
  const alike = (of: readonly StartedReplica[]) => new Set(of.map(shown)).size === 1;
  await until(() => replicas.every(({ store }) => store().money.balanceCheck !== null));
  await settled();
  for (let round = 0; round < 2; round++) {
    live();
    await settled();
  }
  await until(() => alike(replicas));
  const { money } = replicas.find((one) => !one.holds())!.store();
  assert.ok([...money.payouts()].length > 0 && [...money.payments.facts()].length > 0);

  const [first] = holdersOf(replicas);
  const others = replicas.filter((one) => one !== first);
  const listed = () => simulator.stats().byPath["/v1/payouts"]?.[200] ?? 0;
  const before = listed();
  await first!.sources.stop();
  await until(() => holdersOf(others).length === 1);
  live();
  company.advance(now());
  await settled(others);
  await until(() => alike(others));
  assert.ok(listed() - before <= 1, "one probe, no listing");
  // What a replica that begins now is told is what the others have followed.
  const late = await startReplica({ simulator, url: all.url });
  replicas.push(late);
  await until(() => alike([...others, late]));
});

test("an older program beside a newer one neither loses nor stops what only the newer knows", async () => {
  const company = createCompany({ now: now(), seed: 8, customers: 80 });
  const simulator = createSimulator({ source: company.source });
  const url = await cluster!.create();
  const newer = await startReplica({ simulator, url });
  await until(() => newer.store().money.balanceCheck !== null);
  const older = await startReplica({
    simulator,
    url,
    unknown: [...MONEY_KINDS, "invoice_reading"],
  });
  const agrees = (one: StartedReplica) =>
    JSON.stringify(figuresOf(one.store())) ===
      JSON.stringify(booksOf(company.books(company.now())));
  await until(() => agrees(older));
  // The newer one ends: the older keeps the source, and settles events that say of the money.
  await newer[Symbol.asyncDispose]();
  await until(() => older.holds());
  for (let step = 0; step < 200; step++) company.step(now());
  await until(() => agrees(older));
  await until(() => older.store().inbox.waiting().length === 0);
  await using next = await startReplica({ simulator, url });
  await older[Symbol.asyncDispose]();
  await until(() => next.holds() && agrees(next));
  await using fresh = await startReplica({ simulator, url: await cluster!.create() });
  await until(() => fresh.store().money.balanceCheck !== null && agrees(fresh));
  const shown = ({ store }: StartedReplica) => JSON.stringify(moneyState(store(), now()));
  await until(() => shown(next) === shown(fresh));
});

test("the limit of requests is the account's, also while one replica follows another", async () => {
  const company = createCompany({ now: now(), seed: 3, customers: 400 });
  const inner = createSimulator({ source: company.source });
  const sentAt: number[] = [];
  const simulator: typeof inner = {
    ...inner,
    fetch(input, init) {
      sentAt.push(performance.now());
      return inner.fetch(input, init);
    },
  };
  const [capacity, refillPerSecond] = [30, 20];
  const limits = { bucket: { capacity, refillPerSecond } };
  const url = await cluster!.create();
  const first = await startReplica({ simulator, url, limits });
  await using second = await startReplica({ simulator, url, limits });
  await until(() => sentAt.length > capacity);
  await first[Symbol.asyncDispose]();
  await until(() => second.holds());
  const sofar = sentAt.length;
  await until(() => sentAt.length > sofar + 40);
  // No window of t seconds has more than the burst and what flows in meanwhile.
  for (let from = 0; from < sentAt.length; from++) {
    for (let to = from; to < sentAt.length; to++) {
      const allowed = capacity + refillPerSecond * (sentAt[to]! - sentAt[from]!) / 1000 + 2;
      assert.ok(to - from + 1 <= allowed, `${to - from + 1} requests where ${allowed} are allowed`);
    }
  }
});

test("a holder that is paused is replaced; when it goes on, it follows", async () => {
  await using all = await started(3);
  const { replicas, live, settled } = all;
  await settled();
  const [first] = holdersOf(replicas);
  const others = replicas.filter((one) => one !== first);
  first!.freeze();
  live();
  await until(() => holdersOf(others).length === 1);
  await settled(others);
  first!.thaw();
  await until(() => !first!.holds());
  live();
  await settled();
  assert.equal(holdersOf(replicas).length, 1);
});

test("a holder that ends hands over at once, and the next goes on from the last event", async () => {
  await using all = await started(2);
  const { replicas, live, settled, simulator } = all;
  await settled();
  await until(() => replicas.every((one) => one.store().status.historyDone));
  const [first] = holdersOf(replicas);
  const other = replicas.find((one) => one !== first)!;
  const listed = () => simulator.stats().byPath["/v1/subscriptions"]?.[200] ?? 0;
  const before = listed();
  const endedAt = performance.now();
  await first!.sources.stop();
  await until(() => other.holds());
  const took = performance.now() - endedAt;
  live();
  await settled([other]);
  assert.ok(took < 1500, `before the lease runs out: ${took} ms`);
  assert.equal(listed() - before, 1, "one probe, no listing");
});

test("an event that any replica takes in has its effect once, everywhere", async () => {
  await using all = await started(2);
  const { replicas, company, settled } = all;
  await settled();
  const [holder] = holdersOf(replicas);
  const other = replicas.find((one) => one !== holder)!;
  const tap = createEventTap(company.source);
  tap();
  all.live();
  const events = tap().map((event) => readEvent(event));
  const news = await Promise.all(
    [...events, ...events].map((event) =>
      other.store().inbox.receive(event, "webhook", Date.now())
    ),
  );
  assert.ok(news.filter(Boolean).length <= events.length, "each is new once at most");
  await settled();
  const settledOf = ({ store }: StartedReplica) =>
    store().inbox.recent().filter(({ state }) => state === "done" || state === "ignored")
      .map(({ event }) => event.id);
  await until(() => replicas.every((one) => events.every(({ id }) => settledOf(one).includes(id))));
  for (const one of replicas) assert.equal(new Set(settledOf(one)).size, settledOf(one).length);
});

test("whichever replica is asked to compare, the holder does, and all tell the result", async () => {
  await using all = await started(2);
  const { replicas, settled } = all;
  await settled();
  await until(() => replicas.every((one) => one.store().status.phase === "live"));
  const follower = replicas.find((one) => !one.holds())!;
  assert.equal(await follower.sources.compare("default"), null);
  await until(() => replicas.every(({ store }) => store().status.compared?.differed === 0));
  assert.equal(follower.requests(), 0);
});
