import assert from "node:assert/strict";
import { type Company, createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { naiveBooks } from "./naive_books.ts";
import { type Body, readAll } from "./support.ts";

const NOW = 1_795_500_000; // 2026-11-24

function byId(objects: readonly Body[]): Map<string, Body> {
  return new Map(objects.map((object) => [object["id"], object]));
}

async function fromServed(company: Company) {
  const simulator = createSimulator({ source: company.source });
  const options = ["eur", "gbp"].map((each) => `&expand[]=data.currency_options.${each}.tiers`);
  const mirror = {
    prices: byId(await readAll(simulator, `/v1/prices?expand[]=data.tiers${options.join("")}`)),
    coupons: byId(
      await readAll(
        simulator,
        "/v1/coupons?expand[]=data.currency_options&expand[]=data.applies_to",
      ),
    ),
    customers: byId(await readAll(simulator, "/v1/customers")),
  };
  const subscriptions = await readAll(
    simulator,
    "/v1/subscriptions?status=all&expand[]=data.discounts&expand[]=data.items.data.discounts",
  );
  for (const { id, items } of subscriptions.filter(({ items }) => items.has_more)) {
    items.data = await readAll(
      simulator,
      `/v1/subscription_items?subscription=${id}&expand[]=data.discounts`,
    );
  }
  return naiveBooks(subscriptions, mirror, company.now());
}

function shortened(company: Company) {
  const { mrr, activeCustomers, byStatus } = company.books();
  const minor = Object.entries(mrr).map(([currency, { minor }]) => [currency, minor]);
  return { mrr: Object.fromEntries(minor), activeCustomers, byStatus };
}

Deno.test("the company's books equal plain sums over what it serves", async () => {
  const company = createCompany({ seed: 3, now: NOW });
  assert.deepEqual(shortened(company), await fromServed(company));
});

Deno.test("the books of a company with every case equal plain sums, now and a month on", async () => {
  const company = createCompany({ seed: 8, customers: 400, now: NOW, cases: "all" });
  assert.deepEqual(shortened(company), await fromServed(company));
  company.advance(NOW + 31 * 86_400);
  assert.deepEqual(shortened(company), await fromServed(company));
});

Deno.test("after 500 steps, and after three months, the books still equal plain sums", async () => {
  const company = createCompany({ seed: 4, customers: 400, now: NOW });
  for (let index = 1; index <= 500; index++) company.step(NOW + index * 977);
  assert.deepEqual(shortened(company), await fromServed(company));
  company.advance(NOW + 90 * 86_400);
  assert.deepEqual(shortened(company), await fromServed(company));
});

Deno.test("books give each currency as a fraction and rounded once", () => {
  const { mrr } = createCompany({ seed: 3, now: NOW, customers: 50 }).books();
  for (const { exact, minor } of Object.values(mrr)) {
    const [n, d = "1"] = exact.split("/");
    const half = 2n * BigInt(d);
    assert.equal(BigInt(minor), (2n * BigInt(n!) + BigInt(d)) / half);
  }
});

Deno.test("the default company is a healthy one: about 1,300 paying, about 100,000 dollars", () => {
  const company = createCompany({ now: NOW });
  const { mrr, activeCustomers, byStatus } = company.books();
  const dollars = (mrr["usd"]!.minor + mrr["eur"]!.minor * 1.08 + mrr["gbp"]!.minor * 1.27) / 100;
  assert.deepEqual(Object.keys(mrr), ["eur", "gbp", "usd"]);
  assert.ok(dollars > 80_000 && dollars < 120_000, String(dollars));
  assert.ok(activeCustomers > 1_150 && activeCustomers < 1_450, String(activeCustomers));
  for (const status of ["active", "trialing", "past_due", "unpaid", "canceled"]) {
    assert.ok(byStatus[status]! > 0, status);
  }
});

Deno.test("the true history has a close for every month, growing, and ends with the books now", () => {
  const company = createCompany({ now: NOW });
  const history = company.trueHistory();
  assert.equal(history.length, 25);
  assert.equal(history[0]!.month, "2024-11");
  assert.equal(history.at(-1)!.month, "2026-11");
  assert.deepEqual(history.at(-1)!.books, company.books());
  const usd = history.slice(1).map(({ books }) => books.mrr["usd"]!.minor);
  const grown = usd.filter((value, index) => index > 0 && value > usd[index - 1]!).length;
  assert.ok(grown >= 21, `${grown} of 23 months grew`);
});

Deno.test("living on does not change the past", () => {
  const company = createCompany({ seed: 5, customers: 300, now: NOW });
  const before = company.books(NOW);
  for (let index = 1; index <= 50; index++) company.step(NOW + index * 60);
  assert.deepEqual(company.books(NOW), before);
});

Deno.test("months end where a time zone ends them: nine hours earlier in Tokyo", () => {
  const company = createCompany({ seed: 3, customers: 60, now: NOW });
  const [utc, tokyo] = ["UTC", "Asia/Tokyo"].map((timeZone) =>
    company.trueHistory({ timeZone }).find(({ month }) => month === "2026-10")!
  );
  assert.equal(new Date((utc!.at + 1) * 1000).toISOString(), "2026-11-01T00:00:00.000Z");
  assert.equal(utc!.at - tokyo!.at, 9 * 3600);
  assert.deepEqual(tokyo!.books, company.books(tokyo!.at));
});
