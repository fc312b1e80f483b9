import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { ask, type Body, readAll } from "./support.ts";

const NOW = 1_795_500_000;
const DAY = 86_400;

function serve(seed = 1, customers = 300) {
  const company = createCompany({ seed, customers, now: NOW });
  return { company, simulator: createSimulator({ source: company.source }) };
}

Deno.test("the past thirty days have events, and nothing older does", async () => {
  const events = await readAll(serve().simulator, "/v1/events");
  const oldest = events.at(-1)!["created"];
  assert.ok(oldest > NOW - 30 * DAY && oldest < NOW - 27 * DAY);
  const types = new Set(events.map(({ type }) => type));
  for (
    const type of [
      "customer.created",
      "customer.subscription.created",
      "customer.subscription.updated",
      "customer.subscription.deleted",
      "invoice.paid",
    ]
  ) assert.ok(types.has(type), type);
});

Deno.test("an update carries the values it replaced, and only those", async () => {
  const events = await readAll(serve().simulator, "/v1/events?type=customer.subscription.updated");
  for (const { data: { object, previous_attributes: before }, created } of events as Body[]) {
    const fields = Object.keys(before);
    assert.ok(fields.length > 0);
    for (const field of fields) assert.notDeepEqual(before[field], object[field], field);
    assert.equal(object.object, "subscription");
    assert.ok(created <= NOW);
  }
});

Deno.test("a renewal's event moves the periods and the latest invoice", async () => {
  const events = await readAll(serve().simulator, "/v1/events?type=customer.subscription.updated");
  const renewal = events.find(({ data }) =>
    Object.keys(data.previous_attributes).sort().join() === "items,latest_invoice"
  )!;
  const { object, previous_attributes: before } = renewal["data"];
  assert.equal(
    object.items.data[0].current_period_start,
    before.items.data[0].current_period_end,
  );
  assert.equal(object.items.data[0].current_period_start, renewal["created"]);
});

Deno.test("replaying update events backwards gives each subscription at its start", async () => {
  const { company, simulator } = serve(6, 200);
  for (let index = 1; index <= 200; index++) company.step(NOW + index * 600);
  const events = await readAll(simulator, "/v1/events");
  const now = new Map(
    (await readAll(simulator, "/v1/subscriptions?status=all")).map((
      sub,
    ) => [sub["id"], { ...sub } as Record<string, unknown>]),
  );
  let replayed = 0;
  for (const { type, data } of events) {
    if (!String(type).startsWith("customer.subscription.")) continue;
    const known = now.get(data.object.id)!;
    assert.equal(known["status"], data.object.status, `${type} ${data.object.id}`);
    assert.deepEqual(known["discounts"], data.object.discounts);
    if (data.previous_attributes) Object.assign(known, data.previous_attributes);
    // A deletion carries no previous attributes: what came before is read from the event before.
    else now.set(data.object.id, { ...data.object, ...earlier(events, data.object.id, data) });
    replayed++;
  }
  assert.ok(replayed > 200);
});

/** The object of the event before one, for one subscription. */
function earlier(events: readonly Body[], id: string, data: Body): object {
  const own = events.filter((event) =>
    String(event["type"]).startsWith("customer.subscription.") && event["data"].object.id === id
  );
  const before = own[own.findIndex((event) => event["data"] === data) + 1];
  return before ? before["data"].object : {};
}

Deno.test("a step is described, served and told of by an event", async () => {
  const { company, simulator } = serve();
  const step = company.step(NOW + 7);
  assert.equal(step.at, NOW + 7);
  assert.ok(step.text.length > 0);
  const { body } = await ask(simulator, `/v1/events?created[gte]=${NOW + 1}`);
  const told = body["data"].some(({ data }: Body) =>
    [data.object.id, data.object.subscription].includes(step.subscription)
  );
  assert.ok(told, JSON.stringify(step));
});

Deno.test("the deltas of steps add up to the change of the books", () => {
  const { company } = serve(1, 400);
  const micro = (text: string) => {
    const [n, d = "1"] = text.split("/");
    return Number(BigInt(n!) * 1_000_000n / BigInt(d));
  };
  const sums: Record<string, number> = { eur: 0, gbp: 0, usd: 0 };
  const before = company.books().mrr;
  for (let index = 1; index <= 200; index++) {
    const at = NOW + index * 7;
    for (const { currency, delta } of [...company.advance(at), company.step(at)]) {
      sums[currency]! += micro(delta);
    }
  }
  for (const [currency, { exact }] of Object.entries(company.books().mrr)) {
    const change = micro(exact) - micro(before[currency]!.exact);
    assert.ok(Math.abs(change - sums[currency]!) < 1_000, `${currency}: ${change}`);
  }
});

Deno.test("over many steps every kind of thing happens", () => {
  const { company } = serve(1, 1000);
  const kinds = new Set<string>();
  for (let index = 1; index <= 600; index++) kinds.add(company.step(NOW + index * 7).kind);
  assert.equal(kinds.size, 15, [...kinds].join());
});

Deno.test("time moving on renews, converts and ends without a step", async () => {
  const { company, simulator } = serve();
  const happened = company.advance(NOW + 31 * DAY);
  const texts = new Set(happened.map(({ text }) => text));
  assert.ok(texts.has("trial converted"));
  assert.ok(texts.has("ended"));
  const events = await readAll(simulator, `/v1/events?created[gt]=${NOW}&type=invoice.paid`);
  assert.ok(events.length > 100);
  for (const sub of await readAll(simulator, "/v1/subscriptions")) {
    const { current_period_start: start, current_period_end: end } = sub["items"].data[0];
    assert.ok(start <= NOW + 31 * DAY && NOW + 31 * DAY < end, sub["id"]);
  }
});

Deno.test("advancing in small parts or at once comes to the same", async () => {
  const lists = await Promise.all([1, 40].map(async (parts) => {
    const { company, simulator } = serve(3, 150);
    for (let part = 1; part <= parts; part++) {
      company.advance(NOW + Math.round(40 * DAY * part / parts));
    }
    return [
      await readAll(simulator, "/v1/subscriptions?status=all"),
      await readAll(simulator, "/v1/events"),
    ];
  }));
  assert.deepEqual(lists[0]![0], lists[1]![0]);
  assert.deepEqual(
    lists[0]![1]!.map(({ type, created }) => [type, created]),
    lists[1]![1]!.map(({ type, created }) => [type, created]),
  );
});

Deno.test("invoices listed before a step hold the invoices it makes", async () => {
  const { company, simulator } = serve();
  const before = await readAll(simulator, "/v1/invoices");
  company.advance(NOW + 5 * DAY);
  const after = await readAll(simulator, "/v1/invoices");
  const fresh = createSimulator({ source: lateCopy(5 * DAY).source });
  assert.ok(after.length > before.length);
  assert.deepEqual(after, await readAll(fresh, "/v1/invoices"));
});

/** The same company, moved on before anybody asked for invoices. */
function lateCopy(by: number) {
  const { company } = serve();
  company.advance(NOW + by);
  return company;
}

Deno.test("what becomes of a waiting invoice while the company lives on is told by events", async () => {
  const company = createCompany({ seed: 6, customers: 120, now: NOW, cases: "all" });
  const simulator = createSimulator({ source: company.source });
  await readAll(simulator, "/v1/events");
  for (let hour = 1; hour <= 24 * 8; hour++) company.advance(NOW + 3600 * hour);
  const events = await readAll(simulator, "/v1/events");
  const told = (type: string) =>
    new Set(
      events.filter((event) => event["type"] === type && event["created"] > NOW)
        .map(({ data }) => data.object.id),
    );
  const [made, final, paid] = ["created", "finalized", "paid"].map((each) =>
    told(`invoice.${each}`)
  );
  const invoices = await readAll(simulator, `/v1/invoices?created[gt]=${NOW}`);
  assert.ok(invoices.length > 10);
  for (const { id, status } of invoices) {
    assert.ok(made!.has(id), id);
    assert.equal(final!.has(id), status !== "draft", `${id} is ${status}`);
    if (status === "paid") assert.ok(paid!.has(id), id);
  }
});
