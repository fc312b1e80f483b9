/** Cash and failed payments as they are read, against the company's own books. */
import assert from "node:assert/strict";
import { cashFigures } from "../../src/metrics/cash.ts";
import { monthKey, monthStart } from "../../src/metrics/calendar.ts";
import { failureOf } from "../../src/metrics/failed_payments.ts";
import { type Company, createCompany, createSimulator } from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { follow, NOW } from "./harness.ts";

/** Sums of every month by category, as the company has them. */
function shownCash({ money, calendar }: SourceStore, now: number) {
  const today = calendar.dayOf(now);
  const rows = [];
  for (let start = monthStart(today, -30); start <= today; start = monthStart(start, 1)) {
    const sums = money.cash.period("usd", start, monthStart(start, 1));
    for (const [category, { amount, fee, net, count }] of sums) {
      rows.push({
        month: monthKey(start),
        category,
        amount: Number(amount),
        fee: Number(fee),
        net: Number(net),
        count,
      });
    }
  }
  return rows.sort((a, b) => `${a.month} ${a.category}` < `${b.month} ${b.category}` ? -1 : 1);
}

function shownFailures({ money, standing }: SourceStore) {
  return [...money.payments.facts()].flatMap((fact) => {
    const failure = failureOf(fact, standing(fact.subscription)?.sub.status);
    return failure
      ? [{
        invoice: fact.invoice,
        subscription: fact.subscription,
        currency: fact.currency,
        failedAt: failure.firstFailureAt,
        amount: Number(fact.failedAmount),
        outcome: failure.outcome,
      }]
      : [];
  }).sort((a, b) => a.invoice < b.invoice ? -1 : 1);
}

function trueFailures(company: Company) {
  return company.trueFailures().sort((a, b) => a.invoice < b.invoice ? -1 : 1);
}

function checkBooks(store: SourceStore, company: Company): void {
  assert.deepEqual(shownCash(store, company.now()), company.trueCash());
  assert.deepEqual(shownFailures(store), trueFailures(company));
}

Deno.test("cash by month and failed payments are the company's, to the cent", async () => {
  const company = createCompany({ now: NOW, customers: 600 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.money.balanceCheck !== null);
  checkBooks(store, company);
  assert.ok(company.trueFailures().length > 50);
  assert.deepEqual(new Set(trueFailures(company).map(({ outcome }) => outcome)).size, 3);
  assert.deepEqual(store.money.balanceCheck, { opening: { usd: 0n }, difference: { usd: 0n } });
});

Deno.test("so they are with pauses, hand-closed invoices and long failures", async () => {
  const company = createCompany({ now: NOW, customers: 300, seed: 2, cases: "all" });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.money.balanceCheck !== null);
  checkBooks(store, company);
});

Deno.test("they stay so while the company lives on", async () => {
  const company = createCompany({ now: NOW, seed: 3, customers: 250 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.money.balanceCheck !== null);
  for (let step = 1; step <= 120; step++) {
    company.step(followed.seconds());
    if (step % 10 === 0) await followed.poll();
    if (step % 40 !== 0) continue;
    company.advance(followed.seconds());
    await followed.poll();
    await followed.poll();
    checkBooks(store, company);
  }
  // Without an event: what was pending becomes available.
  company.advance(followed.seconds() + 3600);
  await followed.clock.advance(3_600_000);
  await followed.poll();
  await followed.poll();
  checkBooks(store, company);
  assert.deepEqual(store.money.balanceCheck?.difference, { usd: 0n });
});

Deno.test("without the right to read balance transactions the rest goes on", async () => {
  const company = createCompany({ now: NOW, seed: 4, customers: 100 });
  const simulator = createSimulator({
    source: company.source,
    forbidden: ["balance_transactions", "payouts"],
  });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() =>
    store.status.historyDone && store.status.permissions.disputes === "ok"
  );
  await followed.poll();
  assert.deepEqual(
    [store.status.permissions.balance_transactions, store.status.permissions.payouts],
    ["missing", "missing"],
  );
  assert.equal(store.money.cashReading.from, null);
  assert.equal(store.money.balanceCheck, null);
  assert.deepEqual(shownFailures(store), trueFailures(company));
  assert.equal(store.status.phase, "live");
});

Deno.test("sums of a period hold gross, refunds, disputes, fees and net that agree", async () => {
  const company = createCompany({ now: NOW, customers: 600 });
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.money.cashReading.done);
  const figures = cashFigures(store.money.cash.totals("usd"));
  assert.equal(figures.balanceChange, figures.net - figures.payouts);
  assert.ok(figures.refunds > 0n && figures.disputes > 0n && figures.payouts > 0n);
  assert.deepEqual(figures.other, []);
});
