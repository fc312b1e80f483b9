/** Rates that payments imply, for currencies that neither configuration nor file has. */
import assert from "node:assert/strict";
import { add, format, multiply, parse } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator, type Simulator } from "../../src/simulator/mod.ts";
import { DAY, follow, NOW } from "./harness.ts";

const REPORTING = { reporting: { to: "usd", rates: { gbp: parse("1.30") } } };
const TODAY = Math.floor(NOW / DAY);

function simulated(): Simulator {
  const company = createCompany({ now: NOW, seed: 3, customers: 250 });
  return createSimulator({ source: company.source });
}

/** The simulator, noting which expansions of balance transactions are asked for. */
function watched(simulator: Simulator, refuse: boolean) {
  const expansions: boolean[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    // The first look at what the key may read asks for one.
    const probe = searchParams.get("limit") === "1";
    if (pathname !== "/v1/balance_transactions" || probe) return simulator.fetch(input, init);
    const expanded = [...searchParams].some(([name]) => name.startsWith("expand"));
    expansions.push(expanded);
    if (!refuse || !expanded) return simulator.fetch(input, init);
    const error = { type: "invalid_request_error", message: "The key may not read charges" };
    return Promise.resolve(Response.json({ error }, { status: 403 }));
  };
  return { simulator: { ...simulator, fetch }, expansions };
}

Deno.test("a currency without a rate takes what its payments were changed at that day", async () => {
  const { simulator, expansions } = watched(simulated(), false);
  await using followed = follow({ simulator, info: REPORTING });
  const { store } = followed;
  await followed.until(() => store.money.balanceCheck !== null);
  assert.ok(expansions.every((expanded) => expanded));
  const { rate, origin, day } = store.rates!.rateOn("eur", TODAY)!;
  // What the simulated bank gives.
  assert.deepEqual([format(rate), origin], ["27/25", "payments"]);
  assert.ok(day !== null && TODAY - day <= 7);
  assert.equal(format(store.rates!.rateOn("gbp", TODAY)!.rate), "13/10");
  const { end } = store.convertedMovements!.period("usd", TODAY - 60, TODAY + 1);
  const parts = [["usd", "1"], ["eur", "1.08"], ["gbp", "1.30"]] as const;
  const total = parts.map(([currency, rate]) =>
    multiply(store.tally.total(currency, "mrr"), parse(rate))
  ).reduce(add);
  assert.equal(format(end), format(total));
});

Deno.test("charges are not asked for where every currency has a rate, or none is wanted", async () => {
  const fixed = { reporting: { to: "usd", rates: { gbp: parse("1.30"), eur: parse("1.1") } } };
  for (const info of [fixed, {}]) {
    const { simulator, expansions } = watched(simulated(), false);
    await using followed = follow({ simulator, info });
    await followed.until(() => followed.store.money.balanceCheck !== null);
    assert.ok(expansions.length > 0 && expansions.every((expanded) => !expanded));
  }
});

Deno.test("where the key may not read charges there is no such rate, and cash is read", async () => {
  const { simulator, expansions } = watched(simulated(), true);
  await using followed = follow({ simulator, info: REPORTING });
  const { store } = followed;
  await followed.until(() => store.money.balanceCheck !== null);
  assert.equal(store.rates!.rateOn("eur", TODAY), null);
  assert.equal(store.status.permissions.balance_transactions, "ok");
  assert.ok(expansions.at(-1) === false);
});
