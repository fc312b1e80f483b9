import assert from "node:assert/strict";
import { createCalendar } from "../../src/metrics/calendar.ts";
import type { PaymentFact } from "../../src/metrics/failed_payments.ts";
import { createPaymentBook } from "../../src/metrics/payment_book.ts";
import { at } from "./histories.ts";

const UTC = createCalendar("UTC");
const FROM = UTC.dayOf(at("2026-03-01"));
const TO = UTC.dayOf(at("2026-04-01"));
const BOUNDARY = at("2026-03-20");

function paid(invoice: string, created: string, parts: Partial<PaymentFact> = {}): PaymentFact {
  return {
    invoice,
    subscription: "sub_1",
    currency: "usd",
    status: "paid",
    created: at(created),
    finalizedAt: at(created),
    due: 1000n,
    paid: 1000n,
    remaining: 0n,
    paidOffStripe: 0n,
    attempts: 1,
    firstFailureAt: null,
    failedAmount: 1000n,
    nextAttemptAt: null,
    paidAt: at(created),
    lostAt: null,
    lossReason: null,
    usage: 0n,
    ...parts,
  };
}

const unpaid: Partial<PaymentFact> = { status: "open", paid: 0n, remaining: 1000n, paidAt: null };
const failed: Partial<PaymentFact> = { ...unpaid, firstFailureAt: at("2026-03-10") };

function book() {
  const made = createPaymentBook(UTC);
  made.begin(BOUNDARY);
  return made;
}

Deno.test("each invoice is billed once, whether listed or changed, before or after the reading", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-05"), "listing");
  payments.put(paid("in_1", "2026-03-05"), "change");
  payments.put(paid("in_2", "2026-03-21"), "change");
  payments.put(paid("in_2", "2026-03-21"), "change");
  assert.deepEqual(payments.billed("usd", FROM, TO), { due: 2000n, paid: 2000n, usage: 0n });
});

Deno.test("one that was created after the reading's end is billed once, listed or told, in either order", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-21"), "listing");
  payments.put(paid("in_1", "2026-03-21"), "change");
  payments.put(paid("in_2", "2026-03-22"), "change");
  payments.put(paid("in_2", "2026-03-22"), "listing");
  payments.end();
  payments.put(paid("in_1", "2026-03-21"), "change");
  assert.deepEqual(payments.billed("usd", FROM, TO), { due: 2000n, paid: 2000n, usage: 0n });
});

Deno.test("one that is paid before the reading comes to it is billed once", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-05", unpaid), "change");
  payments.put(paid("in_1", "2026-03-05"), "change");
  payments.put(paid("in_1", "2026-03-05"), "listing");
  assert.deepEqual(payments.billed("usd", FROM, TO), { due: 1000n, paid: 1000n, usage: 0n });
});

Deno.test("open invoices are billed and not paid; void ones and drafts are neither", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-05", unpaid), "listing");
  payments.put(paid("in_2", "2026-03-06", { ...unpaid, status: "draft" }), "listing");
  payments.put(paid("in_3", "2026-03-07", { ...unpaid, status: "void" }), "listing");
  assert.deepEqual(payments.billed("usd", FROM, TO), { due: 1000n, paid: 0n, usage: 0n });
  payments.put(paid("in_1", "2026-03-05"), "change");
  assert.deepEqual(payments.billed("usd", FROM, TO), { due: 1000n, paid: 1000n, usage: 0n });
});

Deno.test("when it first failed and with how much stays known once it is paid", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-05", { ...failed, failedAmount: 800n }), "change");
  payments.put(paid("in_1", "2026-03-05"), "listing");
  const fact = payments.fact("in_1")!;
  assert.equal(fact.firstFailureAt, at("2026-03-10"));
  assert.equal(fact.failedAmount, 800n);
  assert.equal(fact.status, "paid");
});

Deno.test("a reading that is begun again changes nothing", () => {
  const payments = book();
  const read = () => {
    payments.put(paid("in_1", "2026-03-05", { usage: 300n }), "listing");
    payments.put(paid("in_2", "2026-03-06", failed), "listing");
  };
  read();
  const before = payments.billed("usd", FROM, TO);
  payments.begin(BOUNDARY);
  read();
  assert.deepEqual(payments.billed("usd", FROM, TO), before);
  assert.deepEqual(before, { due: 2000n, paid: 1000n, usage: 300n });
});

Deno.test("a deleted draft is forgotten", () => {
  const payments = book();
  payments.put(paid("in_1", "2026-03-05", { ...unpaid, status: "draft" }), "change");
  payments.remove("in_1");
  assert.deepEqual([...payments.facts()], []);
});
