/** The past rebuilt from invoices (metrics.md B.6), against the company's true history. */
import assert from "node:assert/strict";
import { format, parse, toNumber } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { follow, NOW } from "./harness.ts";

/** A month may differ by so much where a change between two invoices cannot be dated exactly. */
const TOLERANCE = 0.1;

for (const seed of [1, 2, 3]) {
  Deno.test(`the rebuilt past is near the true one in every month, and today exact (company ${seed})`, async () => {
    const company = createCompany({ now: NOW, customers: 600, seed });
    await using followed = follow({ simulator: createSimulator({ source: company.source }) });
    const { store } = followed;
    await followed.until(() => store.status.historyDone, 3600);
    const closeOf = (currency: string, at: number) => {
      const day = store.calendar.dayOf(at);
      return store.daily.closes(currency, day, day + 1)[0]!;
    };
    for (const { month, at, books } of company.trueHistory()) {
      const all = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0);
      const currencies = Object.keys(books.mrr);
      const truth = all(currencies.map((each) => toNumber(parse(books.mrr[each]!.exact))));
      const rebuilt = all(currencies.map((each) => toNumber(closeOf(each, at - 1))));
      if (truth === 0) continue;
      assert.ok(Math.abs(rebuilt / truth - 1) < TOLERANCE, `${month}: ${rebuilt} for ${truth}`);
    }
    for (const [currency, { exact }] of Object.entries(company.books(company.now()).mrr)) {
      assert.equal(format(closeOf(currency, followed.seconds())), exact);
      assert.equal(format(store.tally.total(currency, "mrr")), exact);
    }
  });
}

Deno.test("movements lead to MRR after a rebuild as before it", async () => {
  const company = createCompany({ now: NOW, customers: 300, seed: 5 });
  await using followed = follow({ simulator: createSimulator({ source: company.source }) });
  const { store } = followed;
  await followed.until(() => store.status.historyDone, 3600);
  const today = store.calendar.dayOf(followed.seconds());
  for (const currency of store.movements.currencies()) {
    const { end } = store.movements.period(currency, today - 400, today + 1);
    assert.deepEqual(end, store.tally.total(currency, "mrr"));
  }
});

Deno.test("without the right to read invoices the inferred past stays, and nothing fails", async () => {
  const company = createCompany({ now: NOW, customers: 120, seed: 6 });
  const simulator = createSimulator({ source: company.source, forbidden: ["invoices"] });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.live();
  assert.deepEqual(
    [store.status.permissions.invoices, store.status.historyDone, store.status.problem],
    ["missing", false, null],
  );
});
