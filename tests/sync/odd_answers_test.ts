/** An odd object costs itself, an odd list ends with a sentence; all else stays exact. */
import assert from "node:assert/strict";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import type { Simulator } from "../../src/simulator/mod.ts";
import { follow, mrrOf } from "./harness.ts";

type Json = Record<string, unknown>;
interface Page extends Json {
  data: unknown[];
  has_more: boolean;
}

const price = makePrice({ id: "price_a", unit_amount: 1000 });
const sub = (id: string) =>
  makeSubscription({ id, customer: `cus_${id}`, lines: [makeItem({ id: `si_${id}`, price })] });

/** A Stripe whose lists of a resource are changed on their way. */
function changed(resource: string, change: (page: Page) => void): Simulator {
  const simulator = createSimulator({ objects: { subscriptions: [sub("sub_a"), sub("sub_b")] } });
  return {
    ...simulator,
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const { pathname } = url;
      if (pathname === `/v1/${resource}`) url.searchParams.delete("starting_after");
      const answer = await simulator.fetch(url, init);
      if (pathname !== `/v1/${resource}` || !answer.ok) return answer;
      const page: Page = await answer.json();
      change(page);
      return Response.json(page, { status: answer.status, headers: answer.headers });
    },
  };
}

/** Changes sub_b wherever it is listed. */
const oddSub = (change: (sub: Json) => void) =>
  changed("subscriptions", ({ data }) => {
    for (const each of data as Json[]) if (each.id === "sub_b") change(each);
  });

const ODD: readonly [what: string, change: (sub: Json) => void][] = [
  ["a currency that is none", (sub) => void (sub.currency = "us dollars")],
  ["a beginning before 1970", (sub) => void (sub.created = -5)],
  ["an end after 2200", (sub) => void (sub.cancel_at = 9_000_000_000_000)],
  ["no items", (sub) => void (sub.items = null)],
];

for (const [what, change] of ODD) {
  Deno.test(`a subscription with ${what} is named, and the others are exact`, async () => {
    await using followed = follow({ simulator: oddSub(change) });
    await followed.live();
    assert.equal(mrrOf(followed.store), "1000");
    assert.deepEqual(followed.store.unreadable().map(({ id }) => id), ["sub_b"]);
  });
}

for (const resource of ["subscriptions", "prices", "customers", "products", "coupons"]) {
  Deno.test(`a null in the list of ${resource} is counted, and the others are exact`, async () => {
    const simulator = changed(resource, ({ data }) => void data.push(null));
    await using followed = follow({ simulator });
    await followed.live();
    await followed.until(() => followed.store.status.historyDone);
    assert.equal(mrrOf(followed.store), "2000");
    const kind = resource.slice(0, -1);
    assert.deepEqual(
      followed.store.unreadable().map((each) => [each.kind, each.id]),
      [[kind, `${kind} without an id`]],
    );
  });
}

const LISTS: readonly [what: string, change: (page: Page) => void, problem: string][] = [
  [
    "says nothing",
    (page) => Object.assign(page, { data: [], has_more: true }),
    "Stripe's list of subscriptions is said to go on, but the page has no object",
  ],
  [
    "repeats itself",
    (page) => void (page.has_more = page.data.length > 0),
    "Stripe's list of subscriptions repeats a page that was read",
  ],
];

for (const [what, change, problem] of LISTS) {
  Deno.test(`a list that ${what} ends with a sentence`, async () => {
    await using followed = follow({ simulator: changed("subscriptions", change) });
    await followed.until(() => followed.store.status.problem !== null);
    assert.equal(followed.store.status.problem, problem);
    assert.equal(followed.store.status.asOf, null);
  });
}
