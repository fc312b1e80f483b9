import assert from "node:assert/strict";
import {
  createCompany,
  createSimulator,
  type Fault,
  FAULT_KINDS,
  type FaultKind,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import type { Phase } from "../../src/store/port.ts";
import { booksOf, checkToday, DAY, figuresOf, follow, mrrOf, NOW } from "./harness.ts";

const SUB = makeSubscription({ id: "sub_a", created: NOW - 50 * DAY });

for (const kind of FAULT_KINDS) {
  Deno.test(`with 30 % of answers ${kind} the figures at the end are exact, and marked incomplete before`, async () => {
    const company = createCompany({ now: NOW, customers: 120, seed: 3 });
    const simulator = createSimulator({
      source: company.source,
      faults: { rate: 0.3, kinds: [kind], seed: 11 },
    });
    await using followed = follow({
      simulator,
      limits: { attemptTimeoutMs: 2000 },
    });
    const { store } = followed;
    const unmarked: unknown[] = [];
    store.subscribe(() => {
      const { asOf, reasons } = store.status;
      if (asOf !== null && reasons.length === 0) unmarked.push(figuresOf(store));
    });
    const complete = () => store.status.asOf !== null && store.status.reasons.length === 0;
    await followed.until(complete, 3600);
    const books = booksOf(company.books(company.now()));
    assert.deepEqual(figuresOf(store), books);
    for (const figures of unmarked) assert.deepEqual(figures, books);
  });
}

Deno.test("events are met in spite of faults, and their failing is shown meanwhile", async () => {
  const company = createCompany({ now: NOW, customers: 120, seed: 4 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.live();
  simulator.setFaults({ rate: 0.3, seed: 5 });
  for (let step = 0; step < 60; step++) {
    company.step(followed.seconds());
    if (step % 5 === 0) await followed.poll();
  }
  simulator.setFaults({ rate: 1, kinds: ["server_error"] });
  await followed.until(() => store.status.staleSince !== null);
  assert.match(store.status.problem!, /^Stripe is not answering \(HTTP 500\)/);
  assert.ok(store.status.staleSince! <= followed.seconds());
  simulator.setFaults({});
  await followed.until(() => store.status.staleSince === null, 600);
  company.advance(followed.seconds());
  await followed.poll();
  assert.equal(store.status.problem, null);
  assert.deepEqual(figuresOf(store), booksOf(company.books(company.now())));
});

Deno.test("a breaker that opens shows in the status, and closes again", async () => {
  const simulator = createSimulator({ objects: { subscriptions: [SUB] } });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.live();
  simulator.setFaults({ rate: 1, kinds: ["server_error"] });
  await followed.until(() => store.status.breaker === "open");
  const { requests } = simulator.stats();
  await followed.clock.advance(30_000);
  assert.equal(simulator.stats().requests, requests, "an open breaker sends nothing");
  assert.match(
    store.status.problem!,
    /^Stripe is not answering \(HTTP 500\)\. Next try in \d+ s$/,
  );
  assert.equal(mrrOf(store), "1000");
  simulator.setFaults({});
  await followed.until(() => store.status.breaker === "closed" && store.status.staleSince === null);
  assert.equal(store.status.problem, null);
});

Deno.test("an answer that never comes makes the figures stale, and ends with its time-out", async () => {
  const simulator = createSimulator({ objects: { subscriptions: [SUB] } });
  await using followed = follow({ simulator, pollSeconds: 2 });
  const { store } = followed;
  await followed.live();
  const hang: Fault = { kind: "hang" };
  simulator.setFaults({ script: () => hang });
  await followed.until(() => store.status.staleSince !== null, 30);
  assert.equal(store.status.problem, "Stripe has not answered for a while");
  assert.ok(store.status.staleSince! <= followed.seconds() - 6);
  simulator.setFaults({});
  await followed.until(() => store.status.staleSince === null);
});

Deno.test("a rejected key is told, asked again sparingly, and works once it is accepted", async () => {
  const real = createSimulator({ objects: { subscriptions: [SUB] } });
  let accepted = false;
  const wrong = createSimulator({ key: "rk_test_another" });
  const simulator = {
    ...real,
    fetch: ((input, init) => (accepted ? real : wrong).fetch(input, init)) as typeof fetch,
  };
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.status.phase === "key_rejected");
  assert.equal(
    store.status.problem,
    "Stripe rejects the key: it may have been rolled, deleted or cut. " +
      "Create a restricted key and put it in place of the old one",
  );
  assert.equal(store.status.asOf, null);
  await followed.clock.advance(10 * 60_000);
  assert.ok(wrong.stats().requests <= 11, String(wrong.stats().requests));
  accepted = true;
  await followed.live();
  assert.equal(mrrOf(store), "1000");
  assert.equal(store.status.problem, null);
});

Deno.test("a key that is rejected later leaves the figures, marked stale", async () => {
  const real = createSimulator({ objects: { subscriptions: [SUB] } });
  const wrong = createSimulator({ key: "rk_test_another" });
  let accepted = true;
  const simulator = {
    ...real,
    fetch: ((input, init) => (accepted ? real : wrong).fetch(input, init)) as typeof fetch,
  };
  await using followed = follow({ simulator, info: { timeZone: "Europe/Berlin" } });
  const { store } = followed;
  await followed.live();
  const figures: string[] = [];
  store.subscribe(() => figures.push(mrrOf(store)));
  accepted = false;
  await followed.until(() => store.status.phase === "key_rejected");
  assert.ok(store.status.staleSince !== null);
  accepted = true;
  await followed.live();
  assert.deepEqual([...new Set(figures)], ["1000"]);
  assert.equal(store.status.staleSince, null);
});

Deno.test("two sources are apart: the fault of one is none of the other's", async () => {
  const first = createSimulator({ objects: { subscriptions: [SUB] } });
  const second = createSimulator({ key: "rk_test_another" });
  await using one = follow({ simulator: first });
  await using two = follow({ simulator: second });
  await one.live();
  await two.until(() => two.store.status.phase === "key_rejected");
  assert.equal(mrrOf(one.store), "1000");
  assert.equal(one.store.status.problem, null);
  assert.deepEqual(two.store.tally.currencies(), []);
});

Deno.test("stop() ends everything: at once, while following, while waiting after a fault", async () => {
  const stages: [string, FaultKind[], Phase][] = [
    ["at once", [], "connecting"],
    ["following", [], "live"],
    ["waiting", ["bad_gateway"], "connecting"],
  ];
  for (const [name, kinds, phase] of stages) {
    const faults = kinds.length > 0 ? { rate: 1, kinds } : {};
    const simulator = createSimulator({ objects: { subscriptions: [SUB] }, faults });
    const followed = follow({ simulator });
    if (name !== "at once") {
      await followed.until(() => followed.store.status.phase === phase);
      await followed.clock.advance(30_000);
    }
    await followed[Symbol.asyncDispose]();
    const { requests } = simulator.stats();
    await followed.clock.advance(600_000);
    assert.equal(followed.store.status.phase, "stopped", name);
    assert.equal(simulator.stats().requests, requests, name);
    assert.equal(followed.clock.pending(), 0, name);
  }
});

Deno.test("a defect while values change by time alone is told, and the next look goes on", async () => {
  const simulator = createSimulator({ objects: { subscriptions: [SUB] } });
  await using followed = follow({ simulator });
  await followed.live();
  const { tick } = followed.ledger;
  let looks = 0;
  followed.ledger.tick = (now) => {
    if (++looks === 1) throw new RangeError("cannot be");
    return tick(now);
  };
  await followed.clock.advance(5_000);
  assert.ok(looks >= 4);
  const defects = followed.events.filter(({ kind }) => kind === "defect");
  assert.deepEqual(defects, [{ kind: "defect", error: new RangeError("cannot be") }]);
});

Deno.test("after a good session a failing one is tried again in a minute, however many failed before", async () => {
  const real = createSimulator({ objects: { subscriptions: [SUB] } });
  const wrong = createSimulator({ key: "rk_test_another" });
  let accepted = false;
  const simulator = {
    ...real,
    fetch: ((input, init) => (accepted ? real : wrong).fetch(input, init)) as typeof fetch,
  };
  await using followed = follow({ simulator, pollSeconds: 600 });
  const { store } = followed;
  await followed.until(() => wrong.stats().requests >= 4, 3600);
  accepted = true;
  await followed.until(() => store.status.phase === "live", 3600);
  accepted = false;
  await followed.until(() => store.status.phase === "key_rejected", 3600);
  accepted = true;
  await followed.until(() => store.status.phase === "live", 62);
});

for (const resource of ["balance", "payouts", "coupons", "products", "customers"]) {
  Deno.test(`${resource} that fail keep MRR from nobody, and cost no other figure`, async () => {
    const company = createCompany({ now: NOW, customers: 60, seed: 6 });
    const simulator = createSimulator({ source: company.source });
    let away = true;
    const fetch: typeof simulator.fetch = (input, init) =>
      away && String(input instanceof Request ? input.url : input).includes(`/v1/${resource}`)
        ? Promise.resolve(new Response("{}", { status: 500 }))
        : simulator.fetch(input, init);
    await using followed = follow({ simulator: { ...simulator, fetch } });
    const { store } = followed;
    await followed.until(() => store.status.historyDone, 3600);
    assert.deepEqual([store.status.breaker, store.status.problem], ["closed", null]);
    const unread = resource === "customers";
    assert.equal(store.status.reasons.includes("customer_discounts_unread"), unread);
    assert.equal(store.status.reasons.includes("coupons_unread"), resource === "coupons");
    const books = booksOf(company.books(company.now()));
    if (!unread) assert.deepEqual(figuresOf(store), books);
    away = false;
    await followed.until(
      () => store.status.reasons.length === 0 && store.status.permissions[resource] === "ok",
      7200,
    );
    assert.deepEqual(figuresOf(store), books);
    checkToday(store, followed.seconds());
  });
}

for (const resource of ["coupons", "customers"]) {
  Deno.test(`${resource} of which one page alone can be had are not read, and are read later`, async () => {
    const company = createCompany({ now: NOW, customers: 200, seed: 1, cases: "all" });
    const simulator = createSimulator({ source: company.source });
    let away = true;
    const fetch: typeof simulator.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input));
      const refused = away && url.pathname.startsWith(`/v1/${resource}`) &&
        url.searchParams.get("limit") !== "1";
      return refused
        ? Promise.resolve(new Response("{}", { status: 500 }))
        : simulator.fetch(input, init);
    };
    await using followed = follow({ simulator: { ...simulator, fetch } });
    const { store } = followed;
    await followed.until(() => store.status.historyDone, 3600);
    assert.equal(store.status.permissions[resource], "ok");
    const reason = resource === "coupons" ? "coupons_unread" : "customer_discounts_unread";
    assert.ok(store.status.reasons.includes(reason));
    away = false;
    await followed.until(() => store.status.reasons.length === 0, 7200);
    assert.deepEqual(figuresOf(store), booksOf(company.books(company.now())));
  });
}

Deno.test("an odd balance costs the balance alone", async () => {
  const company = createCompany({ now: NOW, customers: 60, seed: 6 });
  const simulator = createSimulator({ source: company.source });
  const fetch: typeof simulator.fetch = (input, init) =>
    String(input instanceof Request ? input.url : input).endsWith("/v1/balance")
      ? Promise.resolve(Response.json({ object: "balance", available: "much" }))
      : simulator.fetch(input, init);
  await using followed = follow({ simulator: { ...simulator, fetch } });
  const { store } = followed;
  await followed.until(() => store.money.cashReading.done, 3600);
  await followed.poll();
  assert.deepEqual([store.status.phase, store.status.problem], ["live", null]);
  assert.deepEqual(store.unreadable().map(({ kind }) => kind), ["balance"]);
  assert.deepEqual(figuresOf(store), booksOf(company.books(company.now())));
});
