/** Books of payments and cash as a database keeps them: part by part, each change a small one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createCalendar } from "../../src/metrics/calendar.ts";
import { type CashEntry, createCashBook } from "../../src/metrics/cash_book.ts";
import type { PaymentFact } from "../../src/metrics/failed_payments.ts";
import { createIdLog } from "../../src/metrics/id_log.ts";
import { createPaymentBook } from "../../src/metrics/payment_book.ts";
import { rational } from "../../src/metrics/rational.ts";
import { at } from "./histories.ts";

const ZONE = createCalendar("Europe/Berlin");
const FIRST = at("2026-03-01");
const QUARTER = 900;
const DAYS = [ZONE.dayOf(FIRST) - 5, ZONE.dayOf(FIRST) + 400] as const;

/** Keeps what changes, as a journal does, and gives it to another book. */
function createKept<Part extends string>() {
  const dirty = new Set<string>();
  return {
    note: (part: Part, id: string) => void dirty.add(`${part}|${id}`),
    /** Puts what has changed into another book; returns how many parts. */
    move(
      from: { saved(part: Part, id: string): unknown },
      to: { load(part: Part, id: string, saved: unknown): void },
    ): number {
      for (const key of dirty) {
        const [part, id] = key.split("|") as [Part, string];
        to.load(part, id, from.saved(part, id) ?? null);
      }
      const count = dirty.size;
      dirty.clear();
      return count;
    },
  };
}

const entry = fc.record({
  id: fc.nat(40).map((id) => `txn_${id}`),
  quarter: fc.nat(400),
  currency: fc.constantFrom("usd", "eur"),
  category: fc.constantFrom("charge", "fee", "payout"),
  amount: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  pending: fc.boolean(),
  changed: fc.boolean(),
}).map(({ id, quarter, currency, category, amount, pending, changed }): CashEntry => {
  const created = FIRST + quarter * QUARTER;
  return {
    id,
    created,
    availableOn: created + 2 * 86_400,
    currency,
    category,
    amount,
    fee: 3n,
    net: amount - 3n,
    pending,
    ...(changed ? { exchange: { from: "gbp", rate: rational(BigInt(quarter + 1)) } } : {}),
  };
});

Deno.test("a book of cash that follows another part by part is the same book after each step", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(entry, { maxLength: 8 }), { maxLength: 6 }),
      fc.nat(400),
      (batches, sealedTo) => {
        const kept = createKept<"cash" | "cash_counted" | "cash_pending" | "exchange">();
        const book = createCashBook(ZONE, kept.note);
        const other = createCashBook(ZONE);
        for (const [index, batch] of batches.entries()) {
          for (const each of batch) book.add(each);
          if (index === 2) book.seal(FIRST - 1, FIRST + sealedTo * QUARTER);
          kept.move(book, other);
          other.loadSealed(book.sealed());
          for (const currency of ["usd", "eur"]) {
            assert.deepEqual(other.period(currency, ...DAYS), book.period(currency, ...DAYS));
          }
          assert.deepEqual(other.currencies(), book.currencies());
          assert.deepEqual(other.expected(FIRST), book.expected(FIRST));
          for (const each of batches.flat()) assert.equal(other.has(each), book.has(each));
          for (let day = DAYS[0]; day < DAYS[0] + 15; day++) {
            assert.deepEqual(
              other.implied.rateOf("gbp", "usd", day),
              book.implied.rateOf("gbp", "usd", day),
            );
          }
        }
      },
    ),
  );
});

const payment = fc.record({
  number: fc.nat(30),
  status: fc.constantFrom("draft", "open", "paid", "void", "uncollectible"),
  failed: fc.boolean(),
  listed: fc.boolean(),
});

function factOf({ number, status, failed }: { number: number; status: string; failed: boolean }) {
  const created = FIRST + number * 5 * 86_400;
  return {
    invoice: `in_${number}`,
    subscription: "sub_1",
    currency: number % 3 === 0 ? "eur" : "usd",
    status,
    created,
    finalizedAt: created,
    due: 1000n,
    paid: status === "paid" ? 1000n : 0n,
    remaining: 0n,
    paidOffStripe: 0n,
    attempts: 1,
    firstFailureAt: failed ? created : null,
    failedAmount: 1000n,
    nextAttemptAt: null,
    paidAt: null,
    lostAt: null,
    lossReason: null,
    usage: 7n,
  } satisfies PaymentFact;
}

Deno.test("a book of payments that follows another part by part counts on as that one", () => {
  fc.assert(
    fc.property(
      fc.array(payment, { maxLength: 40 }),
      fc.nat(40),
      fc.array(payment, { maxLength: 20 }),
      (before, endAt, after) => {
        const kept = createKept<"payment" | "billed" | "billed_counted">();
        const book = createPaymentBook(ZONE, kept.note);
        const other = createPaymentBook(ZONE);
        const boundary = FIRST + 60 * 86_400;
        const put = (each: typeof before[number], to: typeof book) => {
          const fact = factOf(each);
          // A listing ends where it began, and has each invoice once.
          const listed = each.listed && fact.created < boundary && !book.reading()!.done;
          to.put(fact, listed ? "listing" : "change");
        };
        book.begin(boundary);
        for (const [index, each] of before.entries()) {
          put(each, book);
          if (index === endAt) book.end();
        }
        kept.move(book, other);
        other.loadReading(book.reading());
        // From here on the other counts by itself, as after a restart.
        for (const each of after) {
          put(each, other);
          put(each, book);
        }
        for (const currency of ["usd", "eur"]) {
          assert.deepEqual(other.billed(currency, ...DAYS), book.billed(currency, ...DAYS));
        }
        const sorted = (of: typeof book) =>
          [...of.facts()].sort((a, b) => a.invoice < b.invoice ? -1 : 1);
        assert.deepEqual(sorted(other), sorted(book));
      },
    ),
  );
});

Deno.test("one more id rewrites one segment of 200 at most, whatever the number of all", () => {
  const touched: string[] = [];
  const log = createIdLog((segment) => touched.push(segment));
  for (let index = 0; index < 1000; index++) log.add(`in_${index}`, FIRST + index);
  touched.length = 0;
  log.add("in_1000", FIRST + 1000);
  log.add("in_1000", FIRST + 1000);
  assert.deepEqual(touched, ["6"]);
  assert.equal(log.saved("5")!.length, 400);
  assert.deepEqual(log.saved("6"), ["in_1000", FIRST + 1000]);
});

Deno.test("a segment goes when all of its ids are old, and then none of them is known", () => {
  const log = createIdLog(() => {});
  for (let index = 0; index < 201; index++) log.add(`in_${index}`, FIRST + index);
  log.dropBefore(FIRST + 199);
  assert.ok(log.has("in_0"));
  log.dropBefore(FIRST + 200);
  assert.deepEqual([log.has("in_0"), log.has("in_200"), log.size()], [false, true, 1]);
  assert.equal(log.saved("1"), undefined);
});
