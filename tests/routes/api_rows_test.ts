/** The rows of movements and the feed, over the JSON interface. */
import assert from "node:assert/strict";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;

const dollars = makePrice({ id: "price_usd", unit_amount: 2900 });
const euros = makePrice({ id: "price_eur", unit_amount: 1000, currency: "eur" });

function subscription(id: string, customer: string, price: typeof dollars, created: number) {
  const lines = [makeItem({ id: `si_${id}`, price })];
  return makeSubscription({ id, customer, created, currency: price.currency, lines });
}

Deno.test("the feed of a currency reaches back to it behind any number of others", async () => {
  const simulator = createSimulator({
    objects: {
      prices: [dollars, euros],
      subscriptions: [
        subscription("sub_eur", "cus_eur", euros, NOW - 60 * DAY),
        ...Array.from(
          { length: 40 },
          (_, index) => subscription(`sub_${index}`, `cus_${index}`, dollars, NOW - 30 * DAY),
        ),
      ],
    },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  const { data } = await dashboard.json("/api/v1/events?currency=eur&limit=1") as unknown as {
    data: { customer: string; kind: string; deltaExact: string }[];
  };
  assert.deepEqual(data.map(({ customer, kind, deltaExact }) => [customer, kind, deltaExact]), [
    ["cus_eur", "new", "1000"],
  ]);
});

Deno.test("rows of a movement are of customer, day and subscription, page after page", async () => {
  const joined = NOW - 30 * DAY;
  const simulator = createSimulator({
    objects: {
      prices: [dollars],
      // One customer who begins with two subscriptions on one day, and another with one.
      subscriptions: [
        subscription("sub_1", "cus_1", dollars, joined),
        subscription("sub_2", "cus_1", dollars, joined),
        subscription("sub_3", "cus_2", dollars, joined + 2 * DAY),
      ],
    },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  const from = new Date((NOW - 60 * DAY) * 1000).toISOString();
  const page = async (after: string) =>
    await dashboard.json(
      `/api/v1/subscriptions?figure=new&from=${from}&limit=2${after}`,
    ) as unknown as Record<string, unknown>;
  const first = await page("");
  const rest = await page(`&after=${first.next}`);
  assert.deepEqual([first.totalExact, first.count, rest.next], ["8700", 3, null]);
  const rows = [first, rest].flatMap(({ data }) => data as Record<string, string>[]);
  assert.deepEqual(
    rows.map(({ customer, subscription, status, deltaExact, url }) => [
      customer,
      subscription,
      status,
      deltaExact,
      url!.endsWith(`/subscriptions/${subscription}`),
    ]),
    [
      ["cus_1", "sub_1", "active", "2900", true],
      ["cus_1", "sub_2", "active", "2900", true],
      ["cus_2", "sub_3", "active", "2900", true],
    ],
  );
});

Deno.test("CSV is had whole page by page: each answer links to the next", async () => {
  const simulator = createSimulator({
    objects: {
      prices: [dollars],
      subscriptions: Array.from(
        { length: 5 },
        (_, index) => subscription(`sub_${index}`, `cus_${index}`, dollars, NOW - 30 * DAY),
      ),
    },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  const found: string[] = [];
  let pages = 0;
  for (let path: string | undefined = "/api/v1/subscriptions?format=csv&limit=2"; path;) {
    const response = await dashboard.get(path);
    const [, ...rows] = (await response.text()).trimEnd().split("\r\n");
    found.push(...rows.map((row) => /sub_\d/.exec(row)![0]));
    pages++;
    path = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  }
  assert.deepEqual([pages, found.sort()], [3, ["sub_0", "sub_1", "sub_2", "sub_3", "sub_4"]]);
});
