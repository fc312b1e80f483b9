import assert from "node:assert/strict";
import Stripe from "stripe";
import { format } from "../../src/metrics/rational.ts";
import {
  makeCoupon,
  makeDiscount,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { list, optionalDecimal, shape, ShapeError, text, whole } from "../../src/stripe/shape.ts";
import {
  translateCoupon,
  translateDiscount,
  translatePrice,
  translateSubscription,
} from "../../src/stripe/translate.ts";

const CANARY = "canary@example.com";

function refuses(run: () => unknown, path: string, message: string): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof ShapeError && error instanceof TypeError);
    assert.equal(error.path, path);
    assert.equal(error.message, message);
    assert.ok(!`${error.stack}`.includes("canary"));
    return true;
  });
}

/** A copy with the field at a path changed, or taken out. */
function changed(object: unknown, path: readonly (string | number)[], value?: unknown): unknown {
  const copy = structuredClone(object);
  // deno-lint-ignore no-explicit-any
  const parent = path.slice(0, -1).reduce((from: any, key) => from[key], copy);
  if (value === undefined) delete parent[path.at(-1)!];
  else parent[path.at(-1)!] = value;
  return copy;
}

const SUB = makeSubscription({ id: "sub_a", lines: [makeItem({ id: "si_a" })] });

Deno.test("a field that is missing or of another kind is told by its path, never its value", () => {
  const cases: [path: (string | number)[], value: unknown, message: string][] = [
    [["id"], undefined, "id should be a text but is missing"],
    [["currency"], null, "currency should be a text but is null"],
    [["created"], CANARY, "created should be a whole number but is a string"],
    [["created"], 1.5, "created should be a whole number but is a number"],
    [["customer"], undefined, "customer should be an id but is missing"],
    [["customer"], { email: CANARY }, "customer.id should be a text but is missing"],
    [
      ["cancel_at_period_end"],
      CANARY,
      "cancel_at_period_end should be true or false but is a string",
    ],
    [["items"], [], "items should be an object but is a list"],
    [["items", "data"], CANARY, "items.data should be a list but is a string"],
    [["items", "data", 0], null, "items.data[0] should be an object but is null"],
    [
      ["items", "data", 0, "price", "currency"],
      7,
      "items.data[0].price.currency should be a text but is a number",
    ],
    [["discounts"], [{ id: "di_1" }], "discounts[0].source should be an object but is missing"],
  ];
  for (const [path, value, message] of cases) {
    const json = changed(SUB, path, value);
    refuses(() => translateSubscription(json), message.split(" ")[0]!, message);
  }
});

Deno.test("what is no object at all is refused", () => {
  for (const [value, is] of [[null, "null"], ["x", "a string"], [[SUB], "a list"]] as const) {
    refuses(
      () => translateSubscription(value),
      "the object",
      `the object should be an object but is ${is}`,
    );
  }
});

Deno.test("fields that may be absent may be: pause, trial, discounts, tax rates, quantity", () => {
  const bare: Record<string, unknown> = { ...SUB };
  for (
    const key of [
      "pause_collection",
      "discounts",
      "default_tax_rates",
      "trial_end",
      "automatic_tax",
    ]
  ) {
    delete bare[key];
  }
  const sub = translateSubscription(bare);
  assert.deepEqual([sub.pause, sub.discounts, sub.trialEnd, sub.automaticTax], [
    null,
    [],
    null,
    false,
  ]);
});

Deno.test("texts, numbers and the SDK's decimal objects read the same", () => {
  const read = (value: unknown) => format(optionalDecimal(shape({ value }), "value")!);
  assert.equal(read("33.33"), "3333/100");
  assert.equal(read(33.33), "3333/100");
  assert.equal(read(Stripe.Decimal.from("33.33")), "3333/100");
  assert.equal(read("0.000000000001"), "1/1000000000000");
  assert.equal(optionalDecimal(shape({ value: null }), "value"), null);
  refuses(
    () => optionalDecimal(shape({ value: CANARY }), "value"),
    "value",
    "value should be a number but is a string",
  );
  refuses(
    () => optionalDecimal(shape({ value: {} }), "value"),
    "value",
    "value should be a number but is a object",
  );
});

Deno.test("the decimal amount is read before the whole one, which is null where it is not whole", () => {
  const price = (given: object) => translatePrice({ ...makePrice({ id: "price_a" }), ...given });
  assert.equal(format(price({ unit_amount: null, unit_amount_decimal: "0.5" }).unitAmount!), "1/2");
  assert.equal(format(price({ unit_amount: 7, unit_amount_decimal: null }).unitAmount!), "7");
  assert.equal(price({ unit_amount: null, unit_amount_decimal: null }).unitAmount, null);
});

Deno.test("a price tells whether tiers and other currencies were read at all", () => {
  const plain = translatePrice(makePrice({ id: "price_a" }));
  assert.deepEqual([plain.tiers, plain.currencyOptions], [null, null]);
  const read = translatePrice({
    ...makePrice({ id: "price_a" }),
    tiers: [{
      up_to: 5,
      unit_amount: 500,
      unit_amount_decimal: "500",
      flat_amount: null,
      flat_amount_decimal: null,
    }, {
      up_to: null,
      unit_amount: null,
      unit_amount_decimal: "0.25",
      flat_amount: 10,
      flat_amount_decimal: "10",
    }],
    currency_options: {
      eur: { unit_amount: 900, unit_amount_decimal: "900", tax_behavior: "inclusive" },
    },
  });
  const tiers = read.tiers!.map(({ upTo, unit, flat }) => [upTo, format(unit), format(flat)]);
  assert.deepEqual(tiers, [[5n, "500", "0"], [null, "1/4", "10"]]);
  assert.equal(format(read.currencyOptions!.eur!.unitAmount!), "900");
  assert.equal(read.currencyOptions!.eur!.taxInclusive, true);
});

Deno.test("packages of less than one are refused", () => {
  const price = {
    ...makePrice({ id: "price_a" }),
    transform_quantity: { divide_by: 0, round: "up" },
  };
  refuses(
    () => translatePrice(price),
    "transform_quantity.divide_by",
    "transform_quantity.divide_by should be 1 or more but is a number",
  );
});

Deno.test("a customer may be an id, an object, or the mark of a deleted one", () => {
  const of = (customer: unknown) => translateSubscription({ ...SUB, customer }).customer;
  assert.equal(of("cus_1"), "cus_1");
  assert.equal(of({ id: "cus_2", object: "customer", email: CANARY }), "cus_2");
  assert.equal(of({ id: "cus_3", object: "customer", deleted: true }), "cus_3");
});

Deno.test("a discount that was not expanded is marked; one whose coupon was not knows its id", () => {
  const bare = { id: "di_1", couponId: null, coupon: null, start: 0, end: null };
  assert.deepEqual(translateDiscount("di_1"), bare);
  const byId = translateDiscount(makeDiscount({ id: "di_2", coupon: "ten" }));
  assert.deepEqual([byId.couponId, byId.coupon], ["ten", null]);
  const whole = translateDiscount(makeDiscount({ id: "di_3", coupon: makeCoupon({ id: "ten" }) }));
  assert.deepEqual([whole.couponId, format(whole.coupon!.percentOff!)], ["ten", "10"]);
});

Deno.test("a percentage is read from its text: 33.33 is exact", () => {
  const coupon = translateCoupon(makeCoupon({ id: "third", percent_off: 33.33 }));
  assert.equal(format(coupon.percentOff!), "3333/100");
});

Deno.test("a price of the mirror is shared; nothing personal and no other metadata passes", () => {
  const mirrored = translatePrice(makePrice({ id: "price_si_a" }));
  const json = {
    ...SUB,
    customer: { id: "cus_1", email: CANARY, name: CANARY },
    description: CANARY,
    metadata: { team: "qa", owner: CANARY },
  };
  const sub = translateSubscription(json, {
    price: () => mirrored,
    metadataKeys: ["team", "absent"],
  });
  assert.equal(sub.items[0]!.price, mirrored);
  assert.deepEqual(sub.metadata, { team: "qa" });
  const text = JSON.stringify(sub, (_, value) => typeof value === "bigint" ? String(value) : value);
  assert.ok(!text.includes("canary"));
});

Deno.test("lists and nested paths keep their place in messages", () => {
  const from = shape({ a: [{ n: 1 }, { n: "x" }] }, "root");
  const [, second] = list(from, "a");
  refuses(
    () => whole(shape(second!.value, second!.path), "n"),
    "root.a[1].n",
    "root.a[1].n should be a whole number but is a string",
  );
  assert.deepEqual(list(from, "absent"), []);
  assert.equal(text(shape({ t: "x" }), "t"), "x");
});
