/** The cases that a rebuilt past gets wrong most easily, as the company serves them. */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { CASES } from "../../src/simulator/company/cases/cases.ts";
import { type Body, readAll } from "./support.ts";

const NOW = 1_795_500_000;
const DAY = 86_400;

const company = createCompany({ seed: 3, customers: 800, now: NOW, cases: "all" });
const simulator = createSimulator({ source: company.source });

const EXPAND = "expand[]=data.discounts&expand[]=data.items.data.discounts";
const [subscriptions, invoices, events] = await Promise.all([
  readAll(simulator, `/v1/subscriptions?status=all&${EXPAND}`),
  readAll(simulator, "/v1/invoices?expand[]=data.lines.data.discounts"),
  readAll(simulator, "/v1/events"),
]);

const lives = Map.groupBy(company.trueLives(), ({ script }) => script);
const bySub = Map.groupBy(invoices, ({ parent }) => parent.subscription_details.subscription);

/** The subscriptions of a case, each with its invoices, oldest first. */
function played(name: string) {
  return lives.get(name)!.map(({ subscription, changes }) => ({
    sub: subscriptions.find(({ id }) => id === subscription)!,
    invoices: (bySub.get(subscription) ?? []).toReversed(),
    changes,
  }));
}

function changesOf(
  name: string,
  cause: string,
): { own: ReturnType<typeof played>[number]; at: number }[] {
  return played(name).flatMap((own) =>
    own.changes.filter((change) => change.cause === cause).map(({ at }) => ({ own, at }))
  );
}

const made = (own: { invoices: Body[] }, at: number) =>
  own.invoices.filter(({ created }) => created === at);

const amounts = (invoice: Body) =>
  invoice["lines"].data.map((line: Body) => [line["amount"], line["quantity"]]);

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

Deno.test("a change in a renewal's first moment has prorations of no length beside the full line", () => {
  for (const { own, at } of changesOf("zero_length_proration", "changed_at_renewal")) {
    const [invoice] = made(own, at);
    const { data } = invoice!["lines"];
    assert.equal(invoice!["billing_reason"], "subscription_cycle");
    assert.deepEqual(data.slice(0, 2).map(({ period }: Body) => period), [
      { start: at, end: at },
      { start: at, end: at },
    ]);
    assert.deepEqual(amounts(invoice!).slice(0, 2), [[0, 2], [0, 4]]);
    assert.deepEqual(data.slice(2).map(({ quantity }: Body) => quantity), [4]);
  }
});

Deno.test("a change right after a renewal is a second invoice of the same second, over the whole period", () => {
  for (const { own, at } of changesOf("change_on_renewal", "seats_changed")) {
    const reasons = made(own, at).map(({ billing_reason }) => billing_reason).sort();
    assert.deepEqual(reasons, ["subscription_cycle", "subscription_update"]);
    const update = made(own, at).find((one) => one["billing_reason"] === "subscription_update")!;
    const cycle = made(own, at).find((one) => one["billing_reason"] === "subscription_cycle")!;
    const { period } = cycle["lines"].data[0];
    assert.ok(update["lines"].data.every((line: Body) => line["period"].end === period.end));
    assert.equal(update["lines"].data[0].amount, -cycle["lines"].data[0].amount);
  }
});

Deno.test("changes that cancel out credit and charge the same", () => {
  const same = played("net_zero").flatMap(({ invoices }) =>
    invoices.filter(({ billing_reason }) => billing_reason === "subscription_update")
  );
  assert.ok(same.some((invoice) => {
    const [[off, from], [on, to]] = amounts(invoice);
    return from === 3 && to === 3 && off === -on;
  }));
  assert.ok(same.some((invoice) => amounts(invoice)[1][1] === 5));
  for (const { sub } of played("net_zero")) assert.equal(sub["items"].data[0].quantity, 3);
});

Deno.test("several changes of one second come in no order, and chain by what they were before", () => {
  const seconds = changesOf("same_second", "seats_changed").filter(({ at }) => at > NOW - 30 * DAY);
  const told = [...new Set(seconds.map(({ own }) => own.sub["id"]))].map((id) =>
    events.filter(({ data }) => data.object.id === id && data.previous_attributes?.items)
      .filter(({ data }) =>
        data.previous_attributes.items.data[0].quantity !== data.object.items.data[0].quantity
      )
      .map(({ data }) =>
        [
          data.previous_attributes.items.data[0].quantity,
          data.object.items.data[0].quantity,
        ].join(">")
      ).reverse()
  );
  assert.ok(told.length > 1);
  for (const steps of told) assert.deepEqual(steps.toSorted(), ["1>3", "2>5", "3>2"]);
  assert.ok(told.some((steps) => steps.join() !== "1>3,3>2,2>5"));
});

Deno.test("nothing is invoiced before an anchor ahead, and the period runs up to it", () => {
  const ahead = played("anchor_ahead");
  for (const { sub, invoices } of ahead) {
    const { billing_cycle_anchor: anchor, created } = sub;
    assert.ok(anchor > created);
    if (invoices.length > 0) assert.equal(invoices[0]!["created"], anchor);
    else {
      assert.equal(sub["latest_invoice"], null);
      assert.equal(sub["items"].data[0].current_period_start, created);
      assert.equal(sub["items"].data[0].current_period_end, anchor);
    }
  }
  assert.ok(ahead.some(({ invoices }) => invoices.length === 0));
});

Deno.test("lists of 12 and 25 items are cut at ten, in events too, and the rest stands at their own path", async () => {
  const counts = new Set<number>();
  const shown = new Set<boolean>();
  for (const { sub, invoices, changes } of played("many_items")) {
    assert.deepEqual([sub["items"].data.length, sub["items"].has_more], [10, true]);
    const all = await readAll(simulator, `/v1/subscription_items?subscription=${sub["id"]}`);
    counts.add(all.length);
    assert.equal(invoices[0]!["lines"].has_more, true);
    const lines = await readAll(simulator, `/v1/invoices/${invoices[0]!["id"]}/lines`);
    assert.equal(lines.length, all.length);
    for (const { data } of events.filter((event) => event["data"].object.id === sub["id"])) {
      assert.deepEqual([data.object.items.data.length, data.object.items.has_more], [10, true]);
      const was = data.previous_attributes?.items;
      if (was) assert.deepEqual([was.data.length, was.has_more], [10, true]);
    }
    const late = events.filter(({ type, created, data }) =>
      type === "customer.subscription.updated" && data.object.id === sub["id"] &&
      created === changes.at(-1)!.at
    );
    for (const { data } of late) shown.add("items" in data.previous_attributes);
  }
  assert.deepEqual([...shown].sort(), [false, true]);
  assert.deepEqual([...counts].sort(), [12, 25]);
});

Deno.test("the line of a flat fee has a quantity of 0, of 1 or of the units", () => {
  const lines = played("flat_fees").flatMap(({ invoices }) =>
    invoices.filter(({ billing_reason }) => billing_reason !== "subscription_update")
      .flatMap(({ lines }): Body[] =>
        lines.data.filter(({ pricing }: Body) => pricing.unit_amount_decimal === null)
      )
  );
  const quantities = new Set(lines.map(({ quantity }) => quantity));
  for (const quantity of [0, 1, 14]) assert.ok(quantities.has(quantity), String(quantity));
  assert.ok(lines.every(({ amount }) => amount > 0));
  const none = played("no_seats").some(({ invoices }) =>
    invoices.some((invoice) =>
      amounts(invoice).some(([amount, quantity]: number[]) => amount === 0 && quantity === 0)
    )
  );
  assert.ok(none);
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

Deno.test("prorations that waited stand on the next renewal's invoice, as items of the subscription without one of its items", () => {
  const waited = changesOf("pending_proration", "changed_pending").flatMap(({ own, at }) => {
    assert.equal(made(own, at).length, 0);
    const next = own.invoices.find(({ created }) => created > at);
    return next ? [{ own, at, lines: next["lines"].data as Body[] }] : [];
  });
  assert.ok(waited.length > 2);
  for (const { own, at, lines } of waited) {
    const [off, on, whole] = lines;
    assert.deepEqual(lines.map(({ quantity }) => quantity), [4, 7, 7]);
    assert.ok(off!["amount"] < 0 && on!["amount"] > 0);
    for (const { period, parent } of [off!, on!]) {
      assert.deepEqual(period, { start: at, end: whole!["period"].start });
      assert.equal(parent.subscription_item_details, null);
      const { proration, subscription } = parent.invoice_item_details;
      assert.deepEqual([proration, subscription], [true, own.sub["id"]]);
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
