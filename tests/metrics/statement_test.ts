/** What invoice lines that begin in the same second say of an item (metrics.md B.6 step 2.3). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Reading, statementOf } from "../../src/metrics/statement.ts";
import { historyLine, type LineParts } from "./history_lines.ts";

const READING: Reading = {
  pausesCount: false,
  draftsPause: () => false,
  trialsCount: false,
  isTrial: (lines) => lines.every(({ amount, proration }) => amount.n === 0n && !proration),
};

/** `held 3+5`, `ended`, `same`, `paused`, `trial`, or `null`. */
function said(lines: readonly LineParts[], reading: Partial<Reading> = {}): string | null {
  const statement = statementOf(lines.map(historyLine), { ...READING, ...reading });
  if (!statement) return null;
  return statement.kind === "held"
    ? `held ${statement.held.map(({ quantity }) => quantity).join("+")}`
    : statement.kind;
}

const debit = (quantity: number): LineParts => ({
  proration: true,
  quantity,
  amount: 300 * quantity,
  from: "2026-03-22",
});
const credit = (quantity: number): LineParts => ({ ...debit(quantity), amount: -300 * quantity });
const renewal = (quantity: number, parts: LineParts = {}): LineParts => ({
  quantity,
  amount: 1000 * quantity,
  ...parts,
});
const full = (quantity: number, sign = 1): LineParts => ({
  ...renewal(quantity),
  amount: sign * 1000 * quantity,
  proration: true,
  credit: sign < 0,
});

Deno.test("what cancels out within a second changes nothing", () => {
  assert.equal(said([credit(3), debit(3)]), "same");
  assert.equal(said([credit(3), debit(5), credit(5), debit(3)]), "same");
  assert.equal(said([debit(2), credit(2)]), "same", "an item that came and went");
  assert.equal(said([renewal(3), full(3, -1), full(3)]), "held 3");
});

Deno.test("what is left of several changes in a second holds", () => {
  assert.equal(said([credit(3), debit(5)]), "held 5");
  assert.equal(said([credit(3), debit(5), credit(5), debit(7)]), "held 7");
  assert.equal(said([credit(3)]), "ended");
  assert.equal(said([credit(3), debit(5), credit(5)]), "ended");
});

Deno.test("a change in the very second of a renewal: the new state holds, and a removal ends", () => {
  assert.equal(said([renewal(3), full(3, -1), full(5)]), "held 5");
  assert.equal(said([renewal(3), full(3, -1), renewal(5)]), "held 5");
  assert.equal(said([renewal(3), full(3, -1)]), "ended");
  const discounted = { discounts: [{ amount: { n: 600n, d: 1n }, duration: "forever" }] };
  const net = { ...full(3, -1), amount: -2400 };
  assert.equal(said([renewal(3, discounted), net]), "ended", "a credit net of its discount");
});

Deno.test("a credit for a part of a period does not take back the whole period that replaces it", () => {
  assert.equal(said([{ ...renewal(3), from: "2026-03-22" }, credit(3)]), "held 3");
});

Deno.test("in whatever order the lines come", () => {
  const all = [renewal(3), full(3, -1), full(5), full(5, -1), full(7)];
  fc.assert(fc.property(
    fc.shuffledSubarray(all, { minLength: all.length }),
    (lines) => assert.equal(said(lines), "held 7"),
  ));
});

Deno.test("a paused collection is a hole unless the options count it; a voiding by hand is not", () => {
  const paused = renewal(1, { invoiceStatus: "void", paused: true });
  assert.equal(said([paused]), "paused");
  assert.equal(said([paused], { pausesCount: true }), "held 1");
  assert.equal(said([{ ...paused, invoiceStatus: "uncollectible" }]), "paused");
  assert.equal(said([renewal(1, { invoiceStatus: "void" })]), "held 1");
  assert.equal(said([renewal(1, { invoiceStatus: "uncollectible" })]), "held 1");
});

Deno.test("an invoice that was voided by hand gives way to the one that replaces it", () => {
  assert.equal(said([renewal(4, { invoiceStatus: "void" }), renewal(3)]), "held 3");
});

Deno.test("a line of amount 0 whose price is not free is a trial, unless trials count", () => {
  assert.equal(said([renewal(1, { amount: 0 })]), "trial");
  assert.equal(said([renewal(1, { amount: 0 })], { trialsCount: true }), "held 1");
  assert.equal(said([renewal(1, { amount: 0 })], { isTrial: () => false }), "held 1");
  assert.equal(said([renewal(1, { amount: 0 }), credit(1)]), "trial", "a trial set in mid-period");
});

Deno.test("a draft says nothing yet, or that of a pause which takes MRR to 0", () => {
  const draft = renewal(1, { invoiceStatus: "draft" });
  assert.equal(said([draft]), null);
  assert.equal(said([draft], { draftsPause: () => true }), "paused");
  assert.equal(said([draft, renewal(2)]), "held 2");
});
