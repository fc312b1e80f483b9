import assert from "node:assert/strict";
import { createCompany, createSimulator, KINDS } from "../../src/simulator/mod.ts";
import { ask, type Body, readAll } from "./support.ts";

const NOW = 1_795_500_000;
const DAY = 86_400;

function serve(seed = 1, customers = 300) {
  const company = createCompany({ seed, customers, now: NOW });
  return { company, simulator: createSimulator({ source: company.source }) };
}

Deno.test("two companies of one seed serve the same bytes, and live the same life", async () => {
  const texts = await Promise.all([1, 2].map(async () => {
    const { company, simulator } = serve(9);
    const steps = Array.from({ length: 30 }, (_, index) => company.step(NOW + 10 * (index + 1)));
    const lists = [];
    for (const kind of ["subscriptions", "customers", "invoices", "events"]) {
      lists.push(await readAll(simulator, `/v1/${kind}`));
    }
    return JSON.stringify([steps, lists]);
  }));
  assert.equal(texts[0], texts[1]);
});

Deno.test("another seed gives another company", async () => {
  const [a, b] = await Promise.all(
    [1, 2].map((seed) => readAll(serve(seed).simulator, "/v1/customers")),
  );
  assert.notDeepEqual(a!.map(({ created }) => created), b!.map(({ created }) => created));
});

Deno.test("options that cannot be are refused in a sentence", () => {
  assert.throws(
    () => createCompany({ now: NOW, months: 0 }),
    new RangeError(
      "Cannot create company as months must be a whole number >= 1: current value is 0",
    ),
  );
  assert.throws(() => createCompany({ now: NaN }), RangeError);
  assert.throws(() => createCompany({ now: NOW, customers: -1 }), RangeError);
});

Deno.test("a company without customers is an empty account", async () => {
  const { company, simulator } = serve(1, 0);
  assert.deepEqual(company.books().mrr, {});
  assert.deepEqual((await ask(simulator, "/v1/subscriptions")).body["data"], []);
  assert.equal(company.step(NOW + 5).at, NOW + 5);
});

Deno.test("the catalogue has tiers, packages, decimals, several currencies and coupons of each kind", async () => {
  const { simulator } = serve();
  const prices = await readAll(
    simulator,
    "/v1/prices?expand[]=data.tiers&expand[]=data.currency_options",
  );
  const has = (matches: (price: Body) => boolean) =>
    assert.ok(prices.some(matches), String(matches));
  has(({ tiers_mode, tiers }) => tiers_mode === "graduated" && tiers.length === 3);
  has(({ tiers_mode }) => tiers_mode === "volume");
  has(({ transform_quantity }) => transform_quantity?.divide_by === 1000);
  has(({ unit_amount, unit_amount_decimal }) =>
    unit_amount === null && unit_amount_decimal === "12.5"
  );
  has(({ recurring }) => recurring.interval === "year");
  has(({ currency, currency_options }) => currency === "usd" && "gbp" in currency_options);
  const coupons = await readAll(simulator, "/v1/coupons?expand[]=data.applies_to");
  const kinds = new Set(
    coupons.map(({ duration, percent_off }) => `${duration} ${percent_off !== null}`),
  );
  for (const kind of ["forever true", "forever false", "repeating true", "once true"]) {
    assert.ok(kinds.has(kind), kind);
  }
  assert.ok(coupons.some(({ applies_to }) => applies_to));
});

Deno.test("a large company has every trait: trials, pauses, endings, discounts, taxes, add-ons", async () => {
  const { simulator } = serve(1, 2000);
  const all = await readAll(
    simulator,
    "/v1/subscriptions?status=all&expand[]=data.discounts&expand[]=data.items.data.discounts",
  );
  const has = (matches: (sub: Body) => boolean) => assert.ok(all.some(matches), String(matches));
  has(({ status }) => status === "trialing");
  has(({ status }) => status === "past_due");
  has(({ status }) => status === "unpaid");
  has(({ pause_collection }) => pause_collection?.behavior === "void");
  has(({ pause_collection }) => pause_collection?.behavior === "keep_as_draft");
  has(({ status, cancel_at_period_end }) => status === "active" && cancel_at_period_end);
  has(({ status, cancel_at, cancel_at_period_end }) =>
    status === "active" && cancel_at !== null && !cancel_at_period_end
  );
  has(({ cancellation_details }) => cancellation_details.reason === "payment_failed");
  has(({ cancellation_details }) => cancellation_details.reason === "cancellation_requested");
  has(({ discounts }) => discounts.length === 1);
  has(({ items }) => items.data[0].discounts.length === 1);
  has(({ items }) => items.data.length === 2);
  has(({ default_tax_rates }) => default_tax_rates[0]?.inclusive === true);
});

Deno.test("every period of a running subscription holds now, and an ended one ends with its end", async () => {
  const { simulator } = serve(1, 1000);
  for (const sub of await readAll(simulator, "/v1/subscriptions?status=all")) {
    const { current_period_start: start, current_period_end: end } = sub["items"].data[0];
    assert.ok(start < end, sub["id"]);
    const at = sub["ended_at"] ?? NOW;
    assert.ok(start <= at && at <= end, `${sub["id"]}: ${start} ${at} ${end}`);
    assert.ok(sub["created"] <= NOW);
  }
});

Deno.test("invoices cover each subscription's life without a gap, and the newest is latest_invoice", async () => {
  const { simulator } = serve(2, 150);
  const invoices = await readAll(simulator, "/v1/invoices");
  const bySub = Map.groupBy(invoices, ({ parent }) => parent.subscription_details.subscription);
  for (const sub of await readAll(simulator, "/v1/subscriptions?status=all")) {
    const own = bySub.get(sub["id"])!;
    assert.equal(own[0]!["id"], sub["latest_invoice"], sub["id"]);
    const cycles = own
      .filter(({ billing_reason }) => billing_reason !== "subscription_update")
      .map(({ lines }) => lines.data[0].period)
      .reverse();
    assert.equal(cycles[0].start, sub["created"]);
    for (const [index, period] of cycles.entries()) {
      if (index > 0) assert.equal(period.start, cycles[index - 1].end, sub["id"]);
    }
  }
});

Deno.test("an invoice's sums are those of its lines", async () => {
  const { simulator } = serve(2, 300);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  for (const invoice of await readAll(simulator, "/v1/invoices?expand[]=data.payments")) {
    const lines: Body[] = invoice["lines"].data;
    const off = lines.flatMap(({ discount_amounts }) => discount_amounts);
    assert.equal(invoice["subtotal"], sum(lines.map(({ amount }) => amount)));
    assert.equal(invoice["total"], invoice["subtotal"] - sum(off.map(({ amount }) => amount)));
    assert.equal(invoice["amount_due"], invoice["amount_paid"] + invoice["amount_remaining"]);
    const { data } = invoice["payments"];
    if (invoice["status"] === "paid" && invoice["total"] > 0) assert.equal(data[0].status, "paid");
  }
});

Deno.test("lines of an invoice are listed at their own path", async () => {
  const { simulator } = serve();
  const [invoice] = await readAll(simulator, "/v1/invoices");
  const { body } = await ask(simulator, `/v1/invoices/${invoice!["id"]}/lines`);
  assert.deepEqual(body["data"], invoice!["lines"].data);
  assert.equal(body["url"], `/v1/invoices/${invoice!["id"]}/lines`);
});

Deno.test("an upgrade in mid-cycle credits the unused rest and charges the new", async () => {
  const { simulator } = serve(1, 2000);
  const invoices = await readAll(simulator, "/v1/invoices");
  const update = invoices.find(({ billing_reason, lines }) =>
    billing_reason === "subscription_update" && lines.data.length === 2
  )!;
  const [credit, debit] = update["lines"].data;
  assert.ok(credit.amount < 0 && debit.amount > 0);
  assert.deepEqual(credit.period, debit.period);
  const details = credit.parent.subscription_item_details;
  assert.equal(details.proration, true);
  assert.match(details.proration_details.credited_items.invoice, /^in_/);
});

Deno.test("a company of 100,000 subscriptions serves windows and keeps its books", async () => {
  const { company, simulator } = serve(1, 95_000);
  const { body } = await ask(
    simulator,
    `/v1/subscriptions?limit=100&created[lt]=${NOW - 200 * DAY}`,
  );
  assert.equal(body["data"].length, 100);
  assert.ok(company.books().activeSubscriptions > 50_000);
});

Deno.test("names and e-mails are in customers and invoices alone, and in the events about them", async () => {
  const { simulator } = serve();
  const [customer] = await readAll(simulator, "/v1/customers");
  assert.match(customer!["email"], /^billing@[a-z]+-\d+\.example$/);
  for (const kind of KINDS) {
    const text = JSON.stringify(await readAll(simulator, `/v1/${kind}`));
    const expected = ["customers", "invoices", "events"].includes(kind);
    assert.equal(text.includes(".example"), expected, kind);
  }
});

Deno.test("money adds up: everything paid, less fees and payouts, is the balance", async () => {
  const { company, simulator } = serve();
  for (const at of [NOW, NOW + 9 * DAY]) {
    company.advance(at);
    const transactions = await readAll(simulator, "/v1/balance_transactions");
    const { body: balance } = await ask(simulator, "/v1/balance");
    const net = transactions.reduce((sum, each) => sum + each["net"], 0);
    assert.equal(net, balance["available"][0].amount + balance["pending"][0].amount);
    const payouts = await readAll(simulator, "/v1/payouts");
    const out = transactions.filter(({ reporting_category }) => reporting_category === "payout");
    assert.deepEqual(out.map(({ amount }) => -amount), payouts.map(({ amount }) => amount));
    assert.ok(payouts.length > 90 && transactions.length > 1_500);
    const paid = (await readAll(simulator, "/v1/invoices?status=paid"))
      .filter(({ total }) => total > 0);
    const of = (category: string) =>
      transactions.filter(({ reporting_category }) => reporting_category === category);
    assert.equal(of("charge").length, paid.length);
    assert.ok(of("refund").length > 5);
    const disputes = await readAll(simulator, "/v1/disputes");
    assert.equal(of("dispute").length, disputes.length);
    const won = disputes.filter(({ status }) => status === "won");
    assert.equal(of("dispute_reversal").length, won.length);
  }
});
