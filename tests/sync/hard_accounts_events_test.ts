/**
 * The last 30 days and absences: events of every version in one account, events that are
 * missing or odd, changes in one second, and returns over SQLite. Each has one right answer.
 */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createSimulator, makeCoupon, type ObjectLists } from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import {
  bill,
  discountOn,
  holds,
  lines,
  movesOf,
  mrrNow,
  P60,
  pausedRenewals,
  PRICES,
  read,
  renewals,
  spansOf,
  sub,
  t,
  type Way,
} from "./hard_account.ts";
import { DAY, follow, makeInfo, NOW } from "./harness.ts";
import {
  event,
  former,
  item,
  type Json,
  rendered,
  subscription,
  type Version,
} from "./subscription_story.ts";

const START = "2026-03-10";
const NOVEMBER = "2026-11-30";
const NEWEST: Version = "2026-10-28.endive";

/** The subscription `sub_a`, 1,000 a seat since 21 September, as it is with so many seats. */
function seats(quantity: number, more: Json = {}): Json {
  const whole = subscription();
  return {
    ...whole,
    items: { ...whole.items as Json, data: [item("si_0", { quantity })] },
    ...more,
  };
}

function change(before: Json, after: Json, at: string, version: Version): Json {
  const [was, is] = [rendered(before, version), rendered(after, version)];
  const of = event("customer.subscription.updated", t(at), is, former(was, is));
  return { ...of, api_version: version };
}

/** Its invoices of 21 September and 21 October name the seats of that time. */
function seatInvoices(first: number, second: number) {
  return [[first, 1_790_000_000], [second, 1_792_592_000]].map(([quantity, from]) =>
    lines("sub_a", new Date(from! * 1000).toISOString().slice(0, 19), [{
      item: "si_0",
      price: "price_a",
      quantity: quantity!,
      amount: 1000 * quantity!,
      from: from!,
      to: from! + 30 * DAY,
    }], { customer: "cus_plain" })
  );
}

function account(now: Json, events: readonly Json[], first = 1, second = first): ObjectLists {
  const [data] = (now.items as { data: Json[] }).data;
  return {
    prices: [data!.price as never],
    subscriptions: [now as never],
    invoices: seatInvoices(first, second),
    events: events as never,
  };
}

/** The values since the event window began, with their first moments. */
async function since(objects: ObjectLists, way: Way = {}): Promise<string[]> {
  await using followed = await read(objects, way);
  return spansOf(followed.store, "sub_a").map((span) => {
    const [from, , exact, quality] = span.split(" ");
    return `${from} ${exact} ${quality}`;
  }).filter((span) => span > "2026-10-25");
}

Deno.test("events of four versions in one account date their changes to the second", async () => {
  const steps: [string, Version][] = [
    ["2026-11-01T10:00:00", "2020-08-27 without items"],
    ["2026-11-03T10:00:00", "2020-08-27"],
    ["2026-11-05T10:00:00", "2023-10-16"],
    ["2026-11-08T10:00:00", "2024-06-20"],
    ["2026-11-12T10:00:00", NEWEST],
  ];
  const events = steps.map(([at, version], index) =>
    change(seats(index + 1), seats(index + 2), at, version)
  );
  const expected = steps.map(([at], index) => `${at.slice(0, 16)} ${1000 * (index + 2)} event`);
  for (const way of [{}, { preset: "chartmogul" }] as const) {
    assert.deepEqual(await since(account(seats(6), events), way), expected);
  }
});

Deno.test("up and down in one second is no movement, in whatever order the events are listed", async () => {
  const at = "2026-11-05T10:00:00";
  const up = change(seats(1), seats(4), at, NEWEST);
  const down = change(seats(4), seats(1), at, NEWEST);
  for (const events of [[up, down], [down, up]]) {
    assert.deepEqual(await since(account(seats(1), events)), []);
  }
});

Deno.test("three changes of one second chain: only the last state counts", async () => {
  const at = "2026-11-05T10:00:00";
  const [a, b, c] = [
    change(seats(1), seats(3), at, NEWEST),
    change(seats(3), seats(2), at, NEWEST),
    change(seats(2), seats(5), at, NEWEST),
  ];
  for (const events of [[a, b, c], [c, b, a], [b, c, a]]) {
    assert.deepEqual(await since(account(seats(5), events)), ["2026-11-05T10:00 5000 event"]);
  }
});

Deno.test("an event of an unknown shape between two others leaves those exact", async () => {
  const events = [
    change(seats(1), seats(2), "2026-11-01T10:00:00", NEWEST),
    {
      ...event("customer.subscription.updated", t("2026-11-04T10:00:00"), {
        id: "sub_a",
        object: "subscription",
        items: "later",
      }, { items: 7 }),
    },
    change(seats(2), seats(3), "2026-11-08T10:00:00", NEWEST),
  ];
  const found = await since(account(seats(3), events));
  const values = found.map((span) => span.split(" ").slice(0, 2).join(" "));
  const steps = values.filter((value, index) =>
    index === 0 || value.split(" ")[1] !== values[index - 1]!.split(" ")[1]
  );
  assert.deepEqual(steps, ["2026-11-01T10:00 2000", "2026-11-08T10:00 3000"]);
});

Deno.test("a cancellation that was asked for and taken back within the window is churn and reactivation", async () => {
  const asked = seats(1, {
    cancel_at_period_end: true,
    cancel_at: t("2026-11-20"),
    canceled_at: t("2026-11-02T08:00:00"),
  });
  const events = [
    change(seats(1), asked, "2026-11-02T08:00:00", "2024-06-20"),
    change(asked, seats(1), "2026-11-09T08:00:00", NEWEST),
  ];
  const objects = account(seats(1), events);
  await holds(objects, {}, [
    "2026-09 new 1000 usd",
    "2026-11 churn 1000 usd",
    "2026-11 reactivation 1000 usd",
  ], ["1000 usd"]);
  await holds(objects, { preset: "chartmogul" }, ["2026-09 new 1000 usd"], ["1000 usd"]);
});

Deno.test("a pause set and lifted between two invoices is seen by its events", async () => {
  const paused = seats(1, { pause_collection: { behavior: "void", resumes_at: null } });
  const events = [
    change(seats(1), paused, "2026-11-02T08:00:00", "2020-08-27"),
    change(paused, seats(1), "2026-11-09T08:00:00", "2023-10-16"),
  ];
  const objects = account(seats(1), events);
  for (const way of [{}, { preset: "profitwell" }] as const) {
    const found = await since(objects, way);
    assert.deepEqual(found, ["2026-11-09T08:00 1000 event"]);
  }
  await holds(objects, { preset: "chartmogul" }, ["2026-09 new 1000 usd"], ["1000 usd"]);
});

Deno.test("past due for 30 days under baremetrics, by the second in which an old event said so", async () => {
  const late = seats(1, { status: "past_due" });
  const events = [change(seats(1), late, "2026-10-25T14:00:00", "2022-11-15" as Version)]
    .map((each) => ({ ...each, api_version: "2022-11-15" }));
  // 30 days after 25 October 14:00 is 24 November 14:00: it still counts at 12:00.
  const objects = account(late, events);
  await holds(objects, { preset: "baremetrics" }, ["2026-09 new 1000 usd"], ["1000 usd"]);
});

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

/** Reads `before` at `left`, is killed, and reads `after` at `NOW` over the same database. */
async function away(
  before: ObjectLists,
  left: string,
  after: ObjectLists,
  moves: readonly string[],
  mrr: readonly string[],
  preset: "stripe" | "chartmogul" = "stripe",
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    let path = `${folder}/a.db`;
    const open = (now: number) => openStore(ACCOUNT, makeInfo(preset), openSqlite(path), LOG, now);
    const serve = (objects: ObjectLists) =>
      createSimulator({ objects: { prices: PRICES, ...objects } });
    {
      const opened = open(t(left));
      await using followed = follow({
        simulator: serve(before),
        preset,
        start: t(left),
        opened,
      });
      await followed.until(() => followed.store.status.historyDone, 3600);
      await followed.poll();
      const killed = `${path}.killed`;
      for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, killed + end);
      path = killed;
    }
    const opened = open(NOW);
    await using returned = follow({ simulator: serve(after), preset, start: NOW, opened });
    const { store } = returned;
    await returned.until(() => store.status.historyDone && store.status.staleSince === null, 3600);
    await returned.poll();
    assert.deepEqual(
      { moves: movesOf(store), mrr: mrrNow(store) },
      { moves: [...moves].sort(), mrr },
      [...store.standings()].flatMap(({ sub: { id } }) => spansOf(store, id)).join("\n"),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const BEFORE = (last: string) => ({
  subscriptions: [sub("a")],
  invoices: renewals("a", START, last),
});

Deno.test("away for three months: an upgrade by its proration, a new customer and one who came and left, each in its month", async () => {
  const upgraded = lines("a", "2026-09-20", [
    {
      item: "si_a",
      price: "p30",
      amount: -2000,
      proration: true,
      from: t("2026-09-20"),
      to: t("2026-10-10"),
    },
    {
      item: "si_a",
      price: "p60",
      amount: 4000,
      proration: true,
      from: t("2026-09-20"),
      to: t("2026-10-10"),
    },
  ]);
  await away(BEFORE("2026-08-10"), "2026-08-20", {
    subscriptions: [
      sub("a", { price: P60 }),
      sub("b", { created: t("2026-09-05") }),
      sub("c", {
        created: t("2026-09-01"),
        status: "canceled",
        canceled_at: t("2026-10-01"),
        ended_at: t("2026-10-01"),
      }),
    ],
    invoices: [
      ...renewals("a", START, "2026-09-10"),
      upgraded,
      ...renewals("a", "2026-10-10", NOVEMBER, { price: "p60", amount: 6000 }),
      ...renewals("b", "2026-09-05", NOVEMBER),
      ...renewals("c", "2026-09-01", "2026-09-30"),
    ],
  }, [
    "2026-03 new 3000 usd",
    "2026-09 expansion 3000 usd",
    "2026-09 new 6000 usd",
    "2026-10 churn 3000 usd",
  ], ["9000 usd"]);
});

Deno.test("away for three months: a pause that began and ended meanwhile is in its own months", async () => {
  await away(BEFORE("2026-08-10"), "2026-08-20", {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-08-10"),
      ...pausedRenewals("a", "2026-09-10", "2026-09-30"),
      ...renewals("a", "2026-10-10", NOVEMBER),
    ],
  }, [
    "2026-03 new 3000 usd",
    "2026-09 churn 3000 usd",
    "2026-10 reactivation 3000 usd",
  ], ["3000 usd"]);
});

Deno.test("away for three months: a free month meanwhile is a hole in its own month, and what was before stays", async () => {
  await away(BEFORE("2026-08-10"), "2026-08-20", {
    subscriptions: [sub("a", { trial_start: t("2026-09-10"), trial_end: t("2026-10-10") })],
    invoices: [
      ...renewals("a", START, "2026-08-10"),
      bill("a", "2026-09-10", "2026-10-10", { amount: 0 }),
      ...renewals("a", "2026-10-10", NOVEMBER),
    ],
  }, [
    "2026-03 new 3000 usd",
    "2026-09 churn 3000 usd",
    "2026-10 reactivation 3000 usd",
  ], ["3000 usd"]);
});

Deno.test("away for three months: a coupon for ever that came meanwhile begins at its start", async () => {
  const coupon = makeCoupon({ id: "fifth", percent_off: 20 });
  const discount = discountOn("a", coupon, "2026-09-23");
  const off = { discountAmounts: [{ discount: discount.id, amount: 600 }] };
  for (const preset of ["stripe", "chartmogul"] as const) {
    await away(
      BEFORE("2026-08-10"),
      "2026-08-20",
      {
        coupons: [coupon],
        subscriptions: [sub("a", { discounts: [discount] })],
        invoices: [
          ...renewals("a", START, "2026-09-10"),
          ...renewals("a", "2026-10-10", NOVEMBER, off, { discounts: [discount] }),
        ],
      },
      ["2026-03 new 3000 usd", "2026-09 contraction 600 usd"],
      ["2400 usd"],
      preset,
    );
  }
});

Deno.test("away for 40 days: a cancellation asked for meanwhile is dated at the request under stripe, at its end elsewhere", async () => {
  const after = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-10-20"),
      ended_at: t("2026-11-10"),
      cancellation_details: {
        comment: null,
        feedback: null,
        feedback_option: null,
        reason: "cancellation_requested",
      },
    })],
    invoices: renewals("a", START, "2026-10-10"),
  };
  const before = BEFORE("2026-10-10");
  await away(before, "2026-10-15", after, [
    "2026-03 new 3000 usd",
    "2026-10 churn 3000 usd",
  ], []);
  await away(
    before,
    "2026-10-15",
    after,
    ["2026-03 new 3000 usd", "2026-11 churn 3000 usd"],
    [],
    "chartmogul",
  );
});

Deno.test("away for three months: an upgrade at a renewal without a proration is dated at that renewal", async () => {
  await away(
    BEFORE("2026-08-10"),
    "2026-08-20",
    {
      subscriptions: [sub("a", { price: P60 })],
      invoices: [
        ...renewals("a", START, "2026-09-10"),
        ...renewals("a", "2026-10-10", NOVEMBER, { price: "p60", amount: 6000 }),
      ],
    },
    ["2026-03 new 3000 usd", "2026-10 expansion 3000 usd"],
    ["6000 usd"],
  );
});

Deno.test("back on the same second, nothing has moved", async () => {
  const same = BEFORE(NOVEMBER);
  await away(same, "2026-11-24T12:00:00", same, ["2026-03 new 3000 usd"], ["3000 usd"]);
});
