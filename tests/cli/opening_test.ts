/** Pages of a start that has not read every stored fact yet. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { createApp } from "../../routes/app.ts";
import type { ServerDeps } from "../../routes/deps.ts";
import { readPages } from "../../routes/opening.ts";
import { inSlices } from "../../src/cli/slices.ts";
import {
  halfOpenStore,
  openingCounted,
  openStore,
  quietly,
  startStore,
} from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import { parse } from "../../src/metrics/rational.ts";
import {
  createCompany,
  createSimulator,
  makeCoupon,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import type { DurableStore } from "../../src/store/durable.ts";
import { recordOpening, StillLoadingError } from "../../src/store/opening.ts";
import type { SourceInfo, SourceView } from "../../src/store/port.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { type Ledger, NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { depsOf } from "../bench/programs/filled_store.ts";
import { settingsFrom } from "../support/dashboard.ts";
import { DAY, figuresOf, follow, makeInfo, NOW } from "../sync/harness.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });
const EUR = {
  reporting: { to: "eur", rates: { usd: parse("0.9"), gbp: parse("1.15") } },
} satisfies Partial<SourceInfo>;

const builtIn: Settings = await settingsFrom({ STRIPE_SECRET_KEY: "rk_test_simulator" });

interface Pages extends Disposable {
  readonly deps: ServerDeps;
  /** Status and text of an address over a view. */
  get(
    view: SourceView,
    path: string,
  ): Promise<{ status: number; text: string; response: Response }>;
}

/** The routes around one source. */
async function pagesAt(now: number, more: Partial<ServerDeps> = {}): Promise<Pages> {
  let shown: SourceView;
  const deps: ServerDeps = {
    ...await depsOf(null as never, builtIn, now),
    live: () => ({ settings: builtIn, fault: null, sources: new Map([["default", shown]]) }),
    ...more,
  };
  const handle = createApp(deps);
  return {
    deps,
    async get(view, path) {
      shown = view;
      deps.cache.clear();
      const request = new Request(`http://127.0.0.1:8080${path}`);
      const response = await handle(request, "127.0.0.1");
      return { status: response.status, text: await response.clone().text(), response };
    },
    [Symbol.dispose]: deps.broadcaster.close,
  };
}

/** Compares long texts without printing the whole of them. */
function assertSame(actual: string, expected: string): void {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  assert.equal(actual.slice(at - 200, at + 200), expected.slice(at - 200, at + 200));
}

/** Keeps an opening of what is published, as a running program does. */
function keepOpening(
  store: DurableStore,
  ledger: Ledger,
  { deps }: Pages,
  now: number,
): void {
  const mark = {
    counted: openingCounted(store.info, NO_EXCLUSION, null),
    day: store.calendar.dayOf(now),
  };
  assert.ok(store.openingDue());
  store.setStatus({ valuedTo: now });
  store.publish();
  store.keepOpening(
    recordOpening(store, mark, ledger.dueAt(), (view) => {
      for (const _ of readPages(deps, "default", view));
    }),
  );
}

function halfOpen(database: SqliteDatabase, info: SourceInfo, now: number, account = ACCOUNT) {
  const journal = database.journal("default", "test");
  const half = halfOpenStore(account, info, journal, LOG, now);
  return {
    ...half,
    load() {
      for (const _ of quietly(half.store, half.rest(journal)));
      return half.store;
    },
  };
}

/** Whether a view has figures before the subscriptions are read. */
function hasFigures(view: SourceView): boolean {
  try {
    view.tally.active();
    return true;
  } catch (error) {
    assert.ok(error instanceof StillLoadingError);
    return false;
  }
}

const FOLDER = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(FOLDER, { recursive: true }));
let files = 0;
const filePath = () => `${FOLDER}/${files++}.db`;

/** A company followed until its past is rebuilt, months are closed and an opening is kept. */
async function company(path: string, info: SourceInfo): Promise<number> {
  const made = createCompany({ now: NOW, seed: 5, customers: 200 });
  const simulator = createSimulator({ source: made.source });
  using database = openSqlite(path);
  const opened = openStore(ACCOUNT, info, database, LOG, NOW);
  await using followed = follow({ simulator, opened });
  await followed.until(() =>
    followed.store.status.historyDone && followed.store.status.paymentsRead
  );
  for (let step = 0; step < 20; step++) {
    made.step(followed.seconds());
    await followed.poll();
  }
  await followed.poll();
  const at = followed.seconds();
  opened.ledger.tick(at);
  opened.store.publish();
  using pages = await pagesAt(at);
  keepOpening(opened.store as DurableStore, opened.ledger, pages, at);
  return at;
}

const PATHS = ["/", "/money"];

for (
  const [what, info] of [
    ["each currency by itself", makeInfo()],
    ["a reporting currency", makeInfo("stripe", EUR)],
    ["another preset and time zone", makeInfo("chartmogul", { timeZone: "Asia/Kolkata" })],
  ] as const
) {
  Deno.test(`before everything is read, pages are to the byte what they are after: ${what}`, async () => {
    const path = filePath();
    const at = await company(path, info);
    using database = openSqlite(path);
    const half = halfOpen(database, info, at + 20);
    using pages = await pagesAt(at + 20);
    const before = await Promise.all(PATHS.map((each) => pages.get(half.view, each)));
    assert.throws(() => half.view.standings(), StillLoadingError);
    const store = half.load();
    assert.ok(store.closedMonths.saved().months.length > 3, "there are closed months");
    assert.ok(store.tally.currencies().length > 1, "there are several currencies");
    for (const [index, each] of PATHS.entries()) {
      const { status, text } = before[index]!;
      const after = await pages.get(store, each);
      assert.equal(status, 200);
      assert.ok(text.length > 10_000);
      assertSame(text, after.text);
    }
  });
}

/** A store with a discount that ends an hour later. */
function discounted(path: string, info = makeInfo()) {
  const database = openSqlite(path);
  const opened = openStore(ACCOUNT, info, database, LOG, NOW);
  const store = opened.store as DurableStore;
  const price = makePrice({ id: "price_1", unit_amount: 1000 });
  opened.ledger.putPrice(price);
  opened.ledger.putListed(
    makeSubscription({
      id: "sub_1",
      customer: "cus_1",
      created: NOW - 40 * DAY,
      lines: [makeItem({ id: "si_1", price })],
      discounts: [{
        id: "di_1",
        object: "discount",
        start: NOW - 40 * DAY,
        end: NOW + 3600,
        source: {
          type: "coupon",
          coupon: makeCoupon({ id: "half", percent_off: 50, duration: "forever" }),
        },
      }],
    } as never),
    NOW,
  );
  store.setInfo(info);
  store.setStatus({ phase: "live", asOf: NOW, liveSince: NOW });
  store.publish();
  return { database, store, ledger: opened.ledger };
}

Deno.test("an opening is not used once something has changed by time alone, nor on another day", async () => {
  const path = filePath();
  const { database, store, ledger } = discounted(path);
  using _ = database;
  assert.equal(ledger.dueAt(), NOW + 3600);
  using asked = await pagesAt(NOW);
  keepOpening(store, ledger, asked, NOW);
  for (
    const [later, used] of [[60, true], [3599, true], [3600, false], [DAY, false], [3 * DAY, false]]
  ) {
    const { view } = halfOpen(database, makeInfo(), NOW + Number(later));
    assert.equal(hasFigures(view), used, `${later} s later`);
  }
  const half = halfOpen(database, makeInfo(), NOW + 3 * DAY);
  half.load();
  half.ledger.tick(NOW + 3 * DAY);
  assert.deepEqual(figuresOf(half.store).mrr, { usd: "1000" });
});

Deno.test("what has changed by time alone while Stripe was away is in the opening and stays", async () => {
  const { database, store, ledger } = discounted(filePath());
  using _ = database;
  const later = NOW + 4000;
  using pages = await pagesAt(later);
  assert.equal(ledger.tick(later), 1);
  store.publish();
  assert.deepEqual(figuresOf(store).mrr, { usd: "1000" });
  keepOpening(store, ledger, pages, later);
  const half = halfOpen(database, makeInfo(), later);
  const before = await pages.get(half.view, "/");
  assert.equal(before.status, 200);
  assertSame(before.text, (await pages.get(half.load(), "/")).text);
  assert.deepEqual(figuresOf(half.store).mrr, { usd: "1000" });
  assert.equal(half.store.status.asOf, NOW);
});

Deno.test("an opening is not used under another configuration", async () => {
  const path = filePath();
  const { database, store, ledger } = discounted(path);
  using _ = database;
  using asked = await pagesAt(NOW);
  keepOpening(store, ledger, asked, NOW);
  const used = (info: SourceInfo, exclude = NO_EXCLUSION, quotes: string | null = null) => {
    const journal = database.journal("default", "test");
    const half = halfOpenStore({ ...ACCOUNT, exclude }, info, journal, LOG, NOW, { quotes });
    return hasFigures(half.view);
  };
  assert.equal(used(makeInfo()), true);
  assert.equal(used(makeInfo("chartmogul")), false, "other definitions");
  assert.equal(used(makeInfo("stripe", EUR)), false, "other rates");
  assert.equal(used(makeInfo(), NO_EXCLUSION, "digest"), false, "other daily rates");
  assert.equal(used(makeInfo(), { ...NO_EXCLUSION, customers: ["cus_1"] }), false, "exclusions");
});

Deno.test("whenever the process dies, an opening says what the facts say, or is not there", async () => {
  using pages = await pagesAt(NOW);
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ amount: fc.integer({ min: 0, max: 5 }), id: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.constantFrom("publish", "status", "opening") },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const path = filePath();
      const { database, store, ledger } = discounted(path);
      using _ = database;
      let used = 0;
      for (const one of steps) {
        if (one === "publish") store.publish();
        else if (one === "status") {
          store.setStatus({ lastEventAt: NOW + used });
          store.publish();
        } else if (one === "opening") {
          if (store.openingDue()) keepOpening(store, ledger, pages, NOW);
        } else if (typeof one === "object") {
          const price = makePrice({ id: `price_of_${one.amount}`, unit_amount: one.amount * 100 });
          ledger.putPrice(price);
          ledger.putListed(
            makeSubscription({
              id: `sub_${one.id}`,
              customer: `cus_${one.id}`,
              created: NOW - DAY,
              lines: [makeItem({ id: `si_${one.id}`, price })],
            }),
            NOW,
          );
        }
        // What another process would find, were this one dead.
        using found = openSqlite(path, { shared: true });
        const half = halfOpen(found, makeInfo(), NOW);
        if (!hasFigures(half.view)) continue;
        used++;
        const shown = await pages.get(half.view, "/");
        assertSame(shown.text, (await pages.get(half.load(), "/")).text);
      }
    }),
    { numRuns: 25 },
  );
});

Deno.test("without an opening a page says that it is loading; it is there once everything is", async () => {
  const path = filePath();
  const { database } = discounted(path);
  using _ = database;
  const loaded = Promise.withResolvers<void>();
  const waits: number[] = [];
  const late = {
    loaded: () => loaded.promise,
    read: () => 1234,
    wait(ms: number) {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  using pages = await pagesAt(NOW, { loading: late });
  const half = halfOpen(database, makeInfo(), NOW);
  const page = await pages.get(half.view, "/");
  assert.equal(page.status, 503);
  assert.equal(page.response.headers.get("retry-after"), "2");
  assert.match(page.text, /1,234 stored facts are read so far/);
  const api = await pages.get(half.view, "/api/v1/revenue");
  assert.equal(api.status, 503);
  assert.equal(JSON.parse(api.text).code, "not_ready");
  assert.deepEqual(waits, [2000, 2000]);
  assert.equal((await pages.get(half.view, "/health/live")).status, 200);
  assert.equal((await pages.get(half.view, "/health/ready")).status, 503);
  assert.equal((await pages.get(half.load(), "/health/ready")).status, 200);
  loaded.resolve();
});

Deno.test("what needs the subscriptions waits for them while the page is shown", async () => {
  const path = filePath();
  const { database, store, ledger } = discounted(path);
  using _ = database;
  using asked = await pagesAt(NOW);
  keepOpening(store, ledger, asked, NOW);
  const half = halfOpen(database, makeInfo(), NOW);
  let current: SourceView = half.view;
  using pages = await pagesAt(NOW, {
    loading: {
      loaded() {
        current = half.load();
        return Promise.resolve();
      },
      read: () => 0,
      wait: () => new Promise(() => {}),
    },
  });
  assert.equal((await pages.get(current, "/")).status, 200);
  assert.equal((await pages.get(current, "/health/ready")).status, 200);
  const { deps } = pages;
  const handle = createApp({
    ...deps,
    live: () => ({ settings: builtIn, fault: null, sources: new Map([["default", current]]) }),
  });
  const answer = await handle(
    new Request("http://127.0.0.1:8080/api/v1/subscriptions"),
    "127.0.0.1",
  );
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).count, 1);
});

Deno.test("webhooks are taken in while the facts are read, and wait for them", async () => {
  const path = filePath();
  discounted(path).database[Symbol.dispose]();
  using database = openSqlite(path);
  const starting = startStore(ACCOUNT, makeInfo, database, LOG, () => NOW);
  const event = {
    id: "evt_1",
    type: "customer.subscription.updated",
    created: NOW,
    apiVersion: null,
    objects: [],
  };
  let pauses = 0;
  const opened = await inSlices(starting.load(), {
    now: () => pauses * 100,
    async pause() {
      pauses++;
      assert.equal(
        await starting.store.inbox.receive(event as never, "webhook", NOW * 1000),
        pauses === 1,
      );
      assert.equal(database.journal("default", "test").openEvents().length, 1, "it is durable");
    },
    signal: new AbortController().signal,
  });
  if (pauses === 0) await starting.store.inbox.receive(event as never, "webhook", NOW * 1000);
  assert.deepEqual(opened!.store.inbox.waiting().map((row) => row.event.id), ["evt_1"]);
  assert.deepEqual(figuresOf(opened!.store).mrr, { usd: "500" });
});

Deno.test("a damaged opening is dropped with a log line, and the start goes on to the facts", async () => {
  const path = filePath();
  const info = makeInfo();
  const now = await company(path, info);
  using database = openSqlite(path);
  const journal = database.journal("default", "test");
  const whole = journal.opening()!;
  const at = whole.indexOf('"mrr') + 1;
  const damages = [
    "",
    "null",
    "[]",
    whole.slice(0, whole.length / 2),
    "{}" + whole,
    whole.slice(0, at) + "X" + whole.slice(at + 1),
  ];
  for (const text of damages) {
    const lines: string[] = [];
    const log = createLogger({
      level: "warn",
      format: "json",
      now: () => 0,
      write: (line) => void lines.push(line),
    });
    const damaged = { ...journal, opening: () => text === "" ? " " : text };
    const half = halfOpenStore(ACCOUNT, info, damaged, log, now);
    assert.equal(hasFigures(half.view), false, text.slice(0, 20));
    assert.match(lines.join(""), /recorded answers are damaged: they are made again/);
    for (const _ of quietly(half.store, half.rest(journal)));
    assert.ok(hasFigures(half.store));
  }
  assert.ok(hasFigures(halfOpenStore(ACCOUNT, info, journal, LOG, now).view));
});
