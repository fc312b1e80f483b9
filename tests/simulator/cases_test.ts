/** The cases that a rebuilt past gets wrong most easily, as the company serves them. */
import assert from "node:assert/strict";
import { createCompany } from "../../src/simulator/mod.ts";
import { CASES } from "../../src/simulator/company/cases/cases.ts";
import {
  changesOf,
  DAY,
  events,
  invoices,
  lives,
  made,
  NOW,
  played,
  subscriptions,
} from "./played.ts";
import type { Body } from "./support.ts";

Deno.test("every case is lived by several customers, before the last thirty days and within them", () => {
  for (const name of CASES.keys()) {
    const own = lives.get(name) ?? [];
    assert.ok(own.length >= 4, `${name}: ${own.length}`);
    const last = own.map(({ changes }) => changes.at(-1)!.at);
    // These are what they are without a change.
    if (/^(coupon_of_.*|closed_by_hand|fixed_term|trial_offer)$/.test(name)) continue;
    assert.ok(last.some((at) => at > NOW - 30 * DAY), `${name} within`);
    assert.ok(last.some((at) => at <= NOW - 30 * DAY), `${name} before`);
  }
  const intervals = subscriptions.map(({ items }) => items.data[0].price.recurring.interval);
  assert.deepEqual([...new Set(intervals)].sort(), ["day", "month", "week", "year"]);
});

Deno.test("without cases the company lives as it did: nobody follows a script", () => {
  const plain = createCompany({ seed: 3, customers: 800, now: NOW });
  assert.ok(plain.trueLives().every(({ script }) => script === null));
});

Deno.test("a trial in mid-life has a line of nothing to its end, then a new cycle at the price of before", () => {
  const given = changesOf("trial_given", "trial_given");
  for (const { own, at } of given) {
    const [invoice] = made(own, at);
    const trial = invoice!["lines"].data.at(-1);
    const { trial_start: from, trial_end: to } = own.sub;
    assert.deepEqual([from, trial.period, trial.amount], [at, { start: at, end: to }, 0]);
    assert.equal(trial.quantity, own.sub["items"].data[0].quantity);
    assert.deepEqual(
      [invoice!["status"], invoice!["attempt_count"], invoice!["amount_due"]],
      ["paid", 0, 0],
    );
    if (to > NOW) assert.equal(own.sub["status"], "trialing");
    else assert.equal(own.sub["billing_cycle_anchor"], to);
  }
  const credited = given.filter(({ own, at }) => made(own, at)[0]!["lines"].data.length === 2);
  assert.ok(credited.length > 0 && credited.length < given.length);
  assert.ok(played("trial_running").every(({ sub }) => sub["status"] === "trialing"));
  assert.ok(played("trial_left").some(({ sub }) => sub["status"] === "canceled"));
});

Deno.test("a pause that voids or writes off closes each invoice at once and untried; else they stay drafts", () => {
  for (
    const [name, status, field] of [
      ["pause_void", "void", "voided_at"],
      ["pause_uncollectible", "uncollectible", "marked_uncollectible_at"],
      ["pause_draft", "draft", null],
    ] as const
  ) {
    const found = played(name).flatMap((own) =>
      own.invoices.filter((invoice) => invoice["status"] === status)
    );
    assert.ok(found.length > 1, name);
    for (const invoice of found) {
      const { created, attempt_count, attempted, status_transitions: times } = invoice;
      assert.deepEqual([attempt_count, attempted], [0, false]);
      assert.equal(times.finalized_at, field ? created : null);
      if (field) assert.equal(times[field], created);
    }
  }
  for (const { sub } of played("pause_uncollectible_running")) {
    assert.deepEqual(sub["pause_collection"], { behavior: "mark_uncollectible", resumes_at: null });
    assert.equal(sub["status"], "active");
  }
});

Deno.test("an invoice closed by hand is closed days later, or after three attempts, and nothing ends", () => {
  const closed = (name: string) =>
    played(name).flatMap(({ sub, invoices }) => {
      if (sub["status"] !== "canceled") assert.equal(sub["cancel_at"], null);
      return invoices.filter(({ status }) => status === "void" || status === "uncollectible");
    });
  for (const { created, attempt_count, status_transitions: times } of closed("closed_by_hand")) {
    const days = ((times.voided_at ?? times.marked_uncollectible_at) - created) / DAY;
    assert.ok([2, 5, 7].includes(days), String(days));
    assert.equal(attempt_count, 0);
  }
  for (
    const { created, attempt_count, status_transitions: times } of closed("closed_after_attempts")
  ) {
    assert.ok((times.voided_at ?? times.marked_uncollectible_at) >= created + 4 * DAY);
    assert.equal(attempt_count, 3);
  }
  for (const { sub } of [...played("closed_by_hand"), ...played("closed_after_attempts")]) {
    assert.ok(["active", "past_due"].includes(sub["status"]), sub["status"]);
  }
});

Deno.test("a failure can last longer than thirty days", () => {
  const long = changesOf("past_due_long", "payment_failed").filter(({ own, at }) =>
    own.sub["status"] === "past_due" && at < NOW - 30 * DAY
  );
  assert.ok(long.length > 0);
  for (const { own, at } of long) assert.equal(made(own, at)[0]!["status"], "open");
});

Deno.test("a once coupon is on the first invoice and no longer on what it was given to", () => {
  for (const name of ["coupon_of_subscription", "coupon_of_item", "coupon_of_customer"]) {
    const once = played(name).filter(({ invoices }) =>
      invoices[0]!["lines"].data[0].discounts[0]?.source.coupon.startsWith("ONCE")
    );
    assert.ok(once.length > 0, name);
    for (const { sub, invoices } of once) {
      assert.deepEqual([sub["discounts"], sub["items"].data[0].discounts], [[], []]);
      assert.ok(
        invoices.slice(1).every(({ lines }) =>
          lines.data.every(({ discount_amounts }: Body) => discount_amounts.length === 0)
        ),
      );
    }
  }
});

Deno.test("a fixed term is agreed at the beginning and is no cancellation until its last period", () => {
  for (const { sub } of played("fixed_term")) {
    assert.deepEqual([sub["canceled_at"], sub["cancel_at_period_end"]], [sub["created"], false]);
    assert.ok(sub["cancel_at"] > sub["created"] + 60 * DAY);
  }
});

Deno.test("who leaves and comes back on one day has a second subscription, and a third that stays", () => {
  for (
    const own of Map.groupBy(played("back_the_same_day"), ({ sub }) => sub["customer"]).values()
  ) {
    const [left, stays, back] = own;
    assert.equal(left!.sub["ended_at"] + 3600, back!.sub["created"]);
    assert.deepEqual(
      stays!.changes.map(({ cause }) => cause),
      ["created", "cancel_scheduled", "cancel_undone"],
    );
    assert.deepEqual([stays!.sub["cancel_at"], stays!.sub["canceled_at"]], [null, null]);
  }
});

Deno.test("a month's end is the 31st, or the last day of a shorter month", () => {
  for (const { sub, invoices } of played("month_end")) {
    const anchor = new Date(sub["billing_cycle_anchor"] * 1000).getUTCDate();
    assert.equal(anchor, 31);
    for (
      const { created } of invoices.filter((one) => one["billing_reason"] === "subscription_cycle")
    ) {
      const after = new Date((created + DAY) * 1000).getUTCDate();
      assert.equal(after, 1);
    }
  }
});

Deno.test("a renewal's invoice can be a draft for an hour; its events say when it was final", () => {
  const late = invoices.filter(({ created, status_transitions: { finalized_at: at } }) =>
    at === created + 3600
  );
  assert.ok(late.length > 100);
  for (const { status, status_transitions: times } of late.slice(0, 50)) {
    assert.deepEqual([status, times.paid_at], ["paid", times.finalized_at]);
  }
  const recent = late.filter(({ created }) => created > NOW - 29 * DAY);
  for (const { id, created } of recent) {
    const own = events.filter(({ data }) => data.object.id === id);
    // Some come in no order within a second.
    const told = own.map((event) => `${event["type"]} ${event["created"] - created}`).sort();
    assert.deepEqual(told, ["invoice.created 0", "invoice.finalized 3600", "invoice.paid 3600"]);
  }
});
