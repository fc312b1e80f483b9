/**
 * Campaign: a dashboard over a Stripe whose answers hold odd values: other types, nulls, numbers out
 * of range, unknown words, repeats, another order. Short by default; `--full` changes 10,000.
 */
import assert from "node:assert/strict";
import { format } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import type { Simulator } from "../../src/simulator/mod.ts";
import { between, createDice, type Dice, pick } from "../../src/simulator/random.ts";
import type { SourceView } from "../../src/store/port.ts";
import { startDashboard } from "../support/dashboard.ts";
import { until } from "../support/until.ts";

const ANSWERS = Deno.env.get("LONG_TESTS_FULL") ? 10_000 : 300;
/** Answers changed over one company, at most. */
const AT_ONCE = 20;
const PAGES = ["/", "/money", "/sources", "/webhooks/status", "/metrics", "/health"];

type Json = Record<string, unknown>;

const ODD: readonly unknown[] = [
  null,
  "",
  "no such word",
  -1,
  0,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  [null],
  {},
  "x".repeat(100_000),
];

/** Puts an odd value somewhere into an object. Its id stays, so that it can be named. */
function spoil(dice: Dice, value: Json): void {
  let at = value;
  while (true) {
    const keys = Object.keys(at).filter((key) => at !== value || key !== "id");
    if (keys.length === 0) return;
    const key = pick(dice, keys);
    const inner = at[key];
    if (typeof inner === "object" && inner !== null && between(dice, 0, 3) > 0) at = inner as Json;
    else return void (at[key] = pick(dice, ODD));
  }
}

/** A Stripe that spoils objects; `spoilt` has the customers and ids they are of. */
function oddStripe(simulator: Simulator, dice: Dice, spoilt: Set<string>) {
  let changed = 0;
  return {
    changed: () => changed,
    simulator: {
      ...simulator,
      async fetch(input: Request | string | URL, init?: RequestInit) {
        const answer = await simulator.fetch(input, init);
        const body = await answer.json();
        const { data } = body;
        if (answer.ok && Array.isArray(data) && data.length > 0 && changed < AT_ONCE) {
          changed++;
          const victim = pick(dice, data) as Json;
          spoilt.add(String(victim.id)).add(
            String((victim.customer as Json)?.id ?? victim.customer),
          );
          for (const product of [victim.product, victim.price]) spoilt.add(String(product));
          const how = between(dice, 0, 7);
          if (how === 0) data.push(structuredClone(victim));
          else if (how === 1) data.push(null);
          else if (how === 2) data.reverse();
          else spoil(dice, victim);
        }
        return Response.json(body, { status: answer.status, headers: answer.headers });
      },
    } as Simulator,
  };
}

/** What each subscription is worth. */
function worths(view: SourceView): Map<string, string> {
  return new Map([...view.standings()].map(({ sub, mrr }) => [sub.id, mrr ? format(mrr) : "?"]));
}

async function round(seed: number): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const { source } = createCompany({ now, seed, customers: 12 });
  const exact = await startDashboard({ simulator: createSimulator({ source }), pollSeconds: 600 });
  await exact.until(({ status }) => status.historyDone);
  const expected = worths(exact.view);
  const customers = new Map([...exact.view.standings()].map(({ sub }) => [sub.id, sub]));
  await exact[Symbol.asyncDispose]();
  const spoilt = new Set<string>();
  const odd = oddStripe(createSimulator({ source }), createDice(seed), spoilt);
  await using dashboard = await startDashboard({ simulator: odd.simulator, pollSeconds: 600 });
  const { view } = dashboard;
  await until(() => view.status.historyDone || view.status.problem !== null);
  const errors = () => dashboard.lines.filter((line) => line.includes('"level":"error"'));
  for (const page of PAGES) {
    const response = await dashboard.get(page);
    await response.body?.cancel();
    assert.ok(response.status < 500, `seed ${seed}: ${page} is ${response.status} ${errors()}`);
  }
  assert.deepEqual(errors(), [], `seed ${seed}`);
  if (view.status.asOf === null) return odd.changed();
  const found = worths(view);
  for (const [id, worth] of expected) {
    const sub = customers.get(id)!;
    const parts = [
      id,
      sub.customer,
      ...sub.items.flatMap(({ price }) => [price.id, price.product]),
    ];
    const coupons = [...sub.discounts, ...sub.items.flatMap((item) => item.discounts)]
      .map(({ couponId }) => String(couponId));
    if ([...parts, ...coupons].some((part) => spoilt.has(part))) continue;
    assert.equal(found.get(id), worth, `seed ${seed}: ${id}`);
  }
  return odd.changed();
}

Deno.test(`${ANSWERS} odd answers: never a 500, a stop or an endless loop`, async () => {
  let changed = 0;
  for (let seed = 1; changed < ANSWERS; seed++) {
    changed += await round(seed);
  }
});
