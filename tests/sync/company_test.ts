import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { booksOf, checkToday, figuresOf, follow, NOW } from "./harness.ts";

Deno.test("after the first reading the figures are the company's books, to the fraction", async () => {
  const company = createCompany({ now: NOW });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  await followed.live();
  assert.deepEqual(figuresOf(followed.store), booksOf(company.books(followed.seconds())));
  checkToday(followed.store, followed.seconds());
  assert.deepEqual(simulator.stats().methods, { GET: simulator.stats().requests });
});

Deno.test("they stay the books while the company lives on, over 300 happenings", async () => {
  const company = createCompany({ now: NOW, seed: 7, customers: 300 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  await followed.live();
  for (let step = 1; step <= 300; step++) {
    company.step(followed.seconds());
    if (step % 6 === 0) await followed.poll();
    if (step % 30 !== 0) continue;
    company.advance(followed.seconds());
    await followed.poll();
    assert.deepEqual(
      figuresOf(followed.store),
      booksOf(company.books(company.now())),
      `step ${step}`,
    );
    checkToday(followed.store, followed.seconds());
  }
  assert.equal(followed.store.unresolved().length, 0);
  assert.equal(followed.store.status.drift, 0);
});
