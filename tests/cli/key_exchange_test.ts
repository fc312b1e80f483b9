/** A Stripe key is exchanged while the program runs: what was read stays. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { Secret } from "../../src/security/secret.ts";
import {
  createSimulator,
  makeAccount,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { until } from "../support/until.ts";

const KEYS = ["rk_test_before", "rk_test_after", "rk_test_of_another"] as const;

function accountOf(id: string, key: string, amount: number): Simulator {
  const price = makePrice({ id: "price_1", unit_amount: amount });
  const created = Math.floor(Date.now() / 1000) - 86_400;
  const sub = makeSubscription({
    id: "sub_1",
    created,
    customer: "cus_1",
    lines: [makeItem({ id: "si_1", price })],
  });
  return createSimulator({
    key,
    account: makeAccount({ id }),
    objects: { subscriptions: [sub] },
  });
}

Deno.test("another key of the account goes on from where the first was; another account's is refused", async () => {
  const simulators = [
    accountOf("acct_ours", KEYS[0], 1000),
    accountOf("acct_ours", KEYS[1], 1000),
    accountOf("acct_other", KEYS[2], 7700),
  ];
  const listed: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    const key = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
    if (request.url.includes("/v1/subscriptions?")) listed.push(key);
    return simulators[KEYS.findIndex((one) => one === key)]!.fetch(request);
  };
  let first: Settings | null = null;
  await using dashboard = await startLiveDashboard({
    simulator: { ...simulators[0]!, fetch },
    key: KEYS[0],
    settings: (settings) => first = settings,
  });
  const { view } = dashboard;
  const use = (key: string) =>
    dashboard.server.reload({
      ...first!,
      accounts: first!.accounts.map((account) => ({ ...account, key: new Secret(key) })),
    });
  const mrr = async () => (await dashboard.json("/api/v1/revenue")).data;
  // What was seen of the list of events is where the next key goes on from.
  const created = Math.floor(Date.now() / 1000);
  for (const simulator of simulators.slice(0, 2)) {
    simulator.emit({ type: "customer.created", object: { id: "cus_9" }, created });
  }
  await until(() => view.status.lastEventAt === created);
  const before = await mrr();
  assert.equal(dashboard.server.views.get("default"), view);

  await use(KEYS[1]);
  assert.equal(dashboard.server.views.get("default"), view, "the figures are not read anew");
  await until(() => view.status.phase === "live");
  assert.deepEqual(await mrr(), before);
  // The permissions are tried, and the list of subscriptions is not read again.
  assert.equal(listed.filter((key) => key === KEYS[1]).length, 1);

  await use(KEYS[2]);
  await until(() => view.status.phase === "key_rejected");
  assert.match(
    view.status.problem!,
    /The key opens acct_other, and what is stored is of acct_ours/,
  );
  assert.deepEqual(await mrr(), before);
  assert.equal(listed.filter((key) => key === KEYS[2]).length, 0);

  await use(KEYS[0]);
  await until(() => view.status.phase === "live");
  assert.equal(view.status.staleSince, null);
});
