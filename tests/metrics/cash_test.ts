import assert from "node:assert/strict";
import fc from "fast-check";
import { createCalendar } from "../../src/metrics/calendar.ts";
import { cashFigures, disputesIn, isLost, nextPayout } from "../../src/metrics/cash.ts";
import { type CashEntry, createCashBook } from "../../src/metrics/cash_book.ts";
import { rational } from "../../src/metrics/rational.ts";
import { at } from "./histories.ts";

const UTC = createCalendar("UTC");
const DAY = 86_400;

function entry(category: string, amount: number, parts: Partial<CashEntry> = {}): CashEntry {
  const fee = parts.fee ?? 0n;
  return {
    id: `txn_${category}_${amount}`,
    created: at("2026-03-10"),
    availableOn: at("2026-03-12"),
    currency: "usd",
    category,
    amount: BigInt(amount),
    fee,
    net: BigInt(amount) - fee,
    pending: false,
    ...parts,
  };
}

function figuresOf(entries: readonly CashEntry[]) {
  const book = createCashBook(UTC);
  entries.forEach(book.add);
  return cashFigures(book.totals("usd"));
}

Deno.test("gross, refunds, disputes, fees and net by reporting category", () => {
  const figures = figuresOf([
    entry("charge", 100_000, { fee: 2900n }),
    entry("charge_failure", -4000),
    entry("partial_capture_reversal", -1000),
    entry("refund", -5000),
    entry("refund_failure", 500),
    entry("dispute", -2000, { fee: 1500n }),
    entry("dispute_reversal", 500),
    entry("fee", -200),
    entry("network_cost", -30),
    entry("transfer", -7000),
    entry("transfer_reversal", 1000),
    entry("payout", -60_000),
    entry("payout_reversal", 10_000),
    entry("topup", 25),
    entry("climate_order_purchase", -75),
  ]);
  assert.equal(figures.gross, 95_000n);
  assert.equal(figures.refunds, 4500n);
  assert.equal(figures.disputes, 1500n);
  assert.equal(figures.fees, 4630n);
  assert.equal(figures.transfers, 6000n);
  assert.equal(figures.net, 78_370n);
  assert.equal(figures.payouts, 50_000n);
  assert.deepEqual(figures.other, [
    { category: "climate_order_purchase", amount: -75n },
    { category: "topup", amount: 25n },
  ]);
  assert.equal(figures.balanceChange, 28_320n);
  assert.deepEqual(figures.refundRate, { value: rational(9, 190) });
});

Deno.test("without charges there is no refund rate", () => {
  assert.deepEqual(figuresOf([]).refundRate, { value: null, reason: "no_charges" });
});

Deno.test("net less payouts and with every other category is the change of the balance", () => {
  const categories = [
    "charge",
    "refund",
    "dispute",
    "fee",
    "payout",
    "transfer",
    "topup",
    "new_one",
  ];
  fc.assert(fc.property(
    fc.array(fc.record({
      category: fc.constantFrom(...categories),
      amount: fc.integer({ min: -1e6, max: 1e6 }),
      fee: fc.integer({ min: 0, max: 1000 }).map(BigInt),
    })),
    (made) => {
      const entries = made.map(({ category, amount, fee }, index) =>
        entry(category, amount, { id: `txn_${index}`, fee })
      );
      const { net, payouts, other, balanceChange } = figuresOf(entries);
      const rest = other.reduce((total, { amount }) => total + amount, 0n);
      assert.equal(net - payouts + rest, balanceChange);
    },
  ));
});

Deno.test("duplicates and what is read again count once, in any order", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(30), { maxLength: 60 }),
    (ids) => {
      const book = createCashBook(UTC);
      for (const id of ids) book.add(entry("charge", 100 + id, { id: `txn_${id}` }));
      const expected = [...new Set(ids)].reduce((total, id) => total + 100 + id, 0);
      assert.equal(Number(book.totals("usd").get("charge")?.amount ?? 0n), expected);
    },
  ));
});

Deno.test("a sealed stretch was read: what comes again from there is known", () => {
  const book = createCashBook(UTC);
  const created = at("2026-03-10");
  assert.equal(book.add(entry("charge", 100)), true);
  book.seal(created - DAY, created + DAY);
  assert.equal(book.add(entry("charge", 100)), false);
  assert.equal(book.add(entry("charge", 100, { id: "txn_late", created: created + DAY })), true);
  assert.equal(book.readFrom(), created - DAY);
  assert.throws(() => book.seal(created + 3 * DAY, created + 4 * DAY), /must meet what is sealed/);
});

Deno.test("days are local: another time zone counts the same transactions by other days", () => {
  const book = createCashBook(UTC);
  book.add(entry("charge", 100, { created: at("2026-03-10", 82_740), id: "a" }));
  book.add(entry("charge", 20, { created: at("2026-03-10", 84_600), id: "b" }));
  const day = UTC.dayOf(at("2026-03-10"));
  const charged = () => [
    Number(book.period("usd", day, day + 1).get("charge")?.amount ?? 0n),
    Number(book.period("usd", day + 1, day + 2).get("charge")?.amount ?? 0n),
  ];
  assert.deepEqual(charged(), [120, 0]);
  book.setCalendar(createCalendar("Europe/Berlin"));
  assert.deepEqual(charged(), [100, 20]);
  // A quarter of an hour beside the hour.
  book.setCalendar(createCalendar("Asia/Kathmandu"));
  assert.deepEqual(charged(), [0, 120]);
});

Deno.test("expected cash is what is pending, by the day on which it becomes available", () => {
  const book = createCashBook(UTC);
  book.add(entry("charge", 1000, { fee: 59n, pending: true }));
  book.add(entry("charge", 500, { pending: true, id: "b" }));
  book.add(entry("charge", 700, { id: "c" }));
  assert.deepEqual(book.expected(at("2026-03-11")), [
    { availableOn: at("2026-03-12"), currency: "usd", net: 1441n },
  ]);
  assert.deepEqual(book.expected(at("2026-03-12")), []);
});

Deno.test("the next payout is the one under way that arrives first", () => {
  const payout = (id: string, status: string, day: string) => ({
    id,
    amount: 1n,
    currency: "usd",
    created: 0,
    arrivalDate: at(day),
    status,
  });
  const payouts = [
    payout("po_paid", "paid", "2026-03-01"),
    payout("po_late", "pending", "2026-03-09"),
    payout("po_next", "in_transit", "2026-03-05"),
    payout("po_failed", "failed", "2026-03-02"),
  ];
  assert.equal(nextPayout(payouts, "usd")?.id, "po_next");
  assert.equal(nextPayout(payouts, "eur"), null);
});

Deno.test("every dispute created counts in the rate; inquiries and prevented ones are no losses", () => {
  const dispute = (status: string) => ({
    id: status,
    amount: 1n,
    currency: "usd",
    created: 100,
    status,
  });
  const all = ["lost", "won", "prevented", "warning_closed", "appeal_under_review"].map(dispute);
  assert.equal(disputesIn(all, "usd", 100, 101).length, 5);
  assert.equal(disputesIn(all, "usd", 0, 100).length, 0);
  assert.deepEqual(all.filter(isLost).map(({ status }) => status), ["lost"]);
});
