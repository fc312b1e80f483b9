/** Events that come by webhook: badly ordered, twice, never; and what cannot be applied. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import {
  createCompany,
  createDice,
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { WEBHOOK_TYPES } from "../../src/stripe/webhook_types.ts";
import { readEvent } from "../../src/sync/event.ts";
import { createFetchOrder } from "../../src/sync/fetch_order.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { eventBody, type SentEvent } from "../support/webhooks.ts";
import { createPostman } from "./deliveries.ts";
import { booksOf, checkToday, DAY, figuresOf, follow, makeInfo, mrrOf, NOW } from "./harness.ts";

const FULL = Deno.env.get("LONG_TESTS_FULL") !== undefined;
const HISTORIES = FULL ? 1_000 : 4;
const SHUFFLES = FULL ? 20 : 2;
/** Looks at the events come late, so that what is seen came by webhook. */
const POLL_SECONDS = 600;
const OLD = NOW - 50 * DAY;

function sub(id: string, amount = 1000) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  const lines = [makeItem({ id: `si_${id}`, price })];
  return makeSubscription({ id, created: OLD, customer: `cus_${id}`, lines });
}

async function liveOn(...ids: readonly string[]) {
  const simulator = createSimulator({ objects: { subscriptions: ids.map((id) => sub(id)) } });
  const followed = follow({ simulator, pollSeconds: POLL_SECONDS });
  await followed.live();
  async function send(event: SentEvent): Promise<void> {
    const body = eventBody({ created: followed.seconds(), ...event });
    await followed.store.inbox.receive(
      readEvent(JSON.parse(body)),
      "webhook",
      followed.clock.now(),
    );
    await followed.clock.settle();
  }
  const update = (id: string) => send({ type: "customer.subscription.updated", object: sub(id) });
  return Object.assign(followed, { simulator, send, update });
}

Deno.test("a webhook is applied at once, long before the next look at the events", async () => {
  await using source = await liveOn("a");
  source.simulator.upsert("subscriptions", sub("a", 3000));
  await source.update("a");
  assert.equal(mrrOf(source.store), "3000");
  assert.equal(source.store.inbox.recent()[0]!.state, "done");
});

async function checkHistory(history: number, shuffle: number): Promise<void> {
  const company = createCompany({ now: NOW, seed: 100 + history, customers: 60, months: 6 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator, pollSeconds: 120 });
  await followed.live();
  const postman = createPostman(company, followed);
  const dice = createDice(history, shuffle);
  for (let round = 0; round < 5; round++) {
    // Several things in one second, told in any order.
    for (let step = 0; step < 6; step++) company.step(followed.seconds());
    await postman.deliver(dice);
    await followed.clock.advance(7_000);
  }
  for (let look = 0; look < 2; look++) {
    company.advance(followed.seconds());
    await followed.poll();
  }
  const where = `history ${history}, shuffle ${shuffle}`;
  assert.deepEqual(figuresOf(followed.store), booksOf(company.books(company.now())), where);
  checkToday(followed.store, followed.seconds());
  assert.equal(followed.store.inbox.waiting().length, 0, where);
}

Deno.test(`${HISTORIES} histories, ${SHUFFLES} shuffles each, a third doubled, a tenth lost: the truth`, async () => {
  for (let history = 0; history < HISTORIES; history++) {
    for (let shuffle = 0; shuffle < SHUFFLES; shuffle++) await checkHistory(history, shuffle);
  }
});

Deno.test("every type that an endpoint is to send is understood and settled", async () => {
  await using source = await liveOn("a");
  for (const type of WEBHOOK_TYPES) {
    const ids = { customer: "cus_a", subscription: "a", invoice: "in_1" };
    await source.send({
      type,
      object: { id: type.startsWith("customer.sub") ? "a" : "x_1", ...ids },
    });
  }
  await source.clock.advance(5_000);
  const states = source.store.inbox.recent().map(({ event, state }) => [event.type, state]);
  assert.equal(states.length, WEBHOOK_TYPES.length);
  // What no figure needs yet is known and passed over.
  const ignored = states.filter(([, state]) => state === "ignored").map(([type]) => type).sort();
  assert.deepEqual(ignored, [
    "credit_note.created",
    "credit_note.updated",
    "credit_note.voided",
    "tax_rate.updated",
  ]);
  assert.deepEqual(states.filter(([, state]) => state !== "done" && state !== "ignored"), []);
  assert.equal(mrrOf(source.store), "1000");
});

Deno.test("an event from an older API version is as good, since its object is fetched", async () => {
  await using source = await liveOn("a");
  source.simulator.upsert("subscriptions", sub("a", 3000));
  await source.send({
    type: "customer.subscription.updated",
    apiVersion: "2019-12-03",
    object: { id: "a", plan: { amount: 9 }, discount: null },
  });
  assert.equal(mrrOf(source.store), "3000");
});

Deno.test("an object that Stripe cannot give is set aside after its tries and blocks no other", async () => {
  await using source = await liveOn("a", "b");
  const b = "/v1/subscriptions/b";
  source.simulator.setFaults({
    script: (_, { url }) => url.includes(b) ? { kind: "server_error" } : null,
  });
  source.simulator.upsert("subscriptions", sub("a", 3000));
  await source.update("b");
  await source.update("a");
  await source.until(() => mrrOf(source.store) === "4000", 60);
  // Others go on being told of; "b" is tried beside them until it is given up.
  await source.until(() => source.store.inbox.setAside().length === 1, 3 * 3600);
  const [row] = source.store.inbox.setAside();
  assert.equal(row!.tries, 6);
  assert.match(row!.error!, /^Stripe is not answering/);
  assert.ok(source.events.some(({ kind }) => kind === "set_aside"));
  source.simulator.setFaults({});
  source.simulator.upsert("subscriptions", sub("b", 5000));
  assert.equal(source.store.inbox.retry(row!.event.id), true);
  await source.until(() => mrrOf(source.store) === "8000", 60);
});

Deno.test("what Stripe cannot tell of one subscription's items holds up no other", async () => {
  await using source = await liveOn("a", "b");
  const lines = Array.from(
    { length: 12 },
    (_, index) =>
      makeItem({ id: `si_${index}`, price: makePrice({ id: `price_${index}`, unit_amount: 100 }) }),
  );
  const many = makeSubscription({ id: "b", created: OLD, customer: "cus_b", lines });
  source.simulator.setFaults({
    script: (_, { url }) =>
      url.includes("/v1/subscription_items") ? { kind: "server_error" } : null,
  });
  source.simulator.upsert("subscriptions", many);
  source.simulator.upsert("subscriptions", sub("a", 3000));
  await Promise.all([source.update("b"), source.update("a")]);
  await source.until(() => source.store.standing("a")!.sub.items[0]!.price.id === "price_3000", 60);
  await source.until(() => source.store.inbox.setAside().length === 1, 3 * 3600);
  source.simulator.setFaults({});
  const [row] = source.store.inbox.setAside();
  assert.equal(source.store.inbox.retry(row!.event.id), true);
  await source.until(() => mrrOf(source.store) === "4200", 60);
});

Deno.test("while Stripe is away nothing is given up; then everything is applied", async () => {
  await using source = await liveOn("a", "b");
  source.simulator.upsert("subscriptions", sub("a", 3000));
  source.simulator.setFaults({ rate: 1, kinds: ["server_error"], seed: 1 });
  await source.update("a");
  await source.clock.advance(2 * 3_600_000);
  assert.equal(source.store.inbox.setAside().length, 0);
  assert.ok(source.store.status.staleSince !== null);
  source.simulator.setFaults({});
  await source.until(() => mrrOf(source.store) === "4000", 700);
  await source.until(() => source.store.status.staleSince === null, 700);
});

Deno.test("a slow answer never undoes a newer one", () => {
  const order = createFetchOrder();
  const slow = order.begin();
  const fast = order.begin();
  assert.equal(fast.claim("subscription a"), true);
  fast.end();
  assert.equal(slow.claim("subscription a"), false);
  assert.equal(slow.isLate("subscription a"), true);
  assert.equal(slow.claim("subscription b"), true);
  slow.end();
  assert.equal(order.size(), 0);
});

Deno.test("a webhook that the mirror missed is found by the nightly comparison, counted and repaired", async () => {
  await using source = await liveOn("a", "b");
  // Changed without an event: as if both webhook and list of events had lost it.
  source.simulator.upsert("subscriptions", sub("a", 3000));
  source.simulator.upsert("subscriptions", sub("c", 500));
  await source.until(() => mrrOf(source.store) === "4500", 2 * DAY);
  assert.equal(source.store.status.drift, 2);
  const compared = source.events.filter((event) => event.kind === "compared");
  assert.deepEqual(compared.map(({ drifted }) => [...drifted].sort()), [["a", "c"]]);
});

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

Deno.test("what was accepted before a crash is applied after the restart", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/glance.db`;
  const simulator = createSimulator({ objects: { subscriptions: [sub("a")] } });
  {
    using database = openSqlite(path);
    await using followed = follow({
      simulator,
      opened: openStore(ACCOUNT, makeInfo(), database, LOG, NOW),
    });
    await followed.live();
  }
  simulator.upsert("subscriptions", sub("a", 3000));
  {
    using database = openSqlite(path);
    const { store } = openStore(ACCOUNT, makeInfo(), database, LOG, NOW);
    const event = { type: "customer.subscription.updated", object: sub("a"), created: NOW + 60 };
    const read = readEvent(JSON.parse(eventBody(event)));
    assert.equal(await store.inbox.receive(read, "webhook", NOW * 1000), true);
    assert.equal(await store.inbox.receive(read, "webhook", NOW * 1000), false);
    // The process is killed here: nothing was applied.
  }
  using database = openSqlite(path);
  await using followed = follow({
    simulator,
    start: NOW + 120,
    opened: openStore(ACCOUNT, makeInfo(), database, LOG, NOW + 120),
  });
  await followed.until(() => mrrOf(followed.store) === "3000");
  assert.deepEqual(followed.store.inbox.recent().map(({ state }) => state), ["done"]);
  const journal = database.journal("default", "test");
  assert.deepEqual(journal.openEvents(), []);
  Deno.removeSync(folder, { recursive: true });
});

for (
  const [name, seconds] of [["2 hours", 7200], ["4 days", 4 * DAY], ["31 days", 31 * DAY]] as const
) {
  Deno.test(`after ${name} without a webhook or an answer the figures are those of a full reading`, async () => {
    const company = createCompany({ now: NOW, seed: 9, customers: 120 });
    const simulator = createSimulator({ source: company.source });
    const folder = Deno.makeTempDirSync();
    const path = `${folder}/glance.db`;
    {
      using database = openSqlite(path);
      const opened = openStore(ACCOUNT, makeInfo(), database, LOG, NOW);
      await using followed = follow({ simulator, opened });
      await followed.until(() => followed.store.status.historyDone);
    }
    const later = NOW + 600 + seconds;
    for (let step = 1; step <= 40; step++) {
      company.step(NOW + 600 + Math.floor(step * seconds / 41));
    }
    company.advance(later);
    using database = openSqlite(path);
    const opened = openStore(ACCOUNT, makeInfo(), database, LOG, later);
    await using back = follow({ simulator, start: later, opened });
    await back.until(() => back.store.status.staleSince === null);
    company.advance(back.seconds());
    await back.poll();
    await using fresh = follow({ simulator, start: back.seconds() });
    await fresh.live();
    assert.deepEqual(figuresOf(back.store), figuresOf(fresh.store));
    assert.deepEqual(figuresOf(back.store), booksOf(company.books(company.now())));
    Deno.removeSync(folder, { recursive: true });
  });
}
