/** Invoices as older API versions gave them (metrics.md D.1, second column). */
import assert from "node:assert/strict";
import { format } from "../../src/metrics/rational.ts";
import type { Price } from "../../src/metrics/types.ts";
import { translateInvoice } from "../../src/stripe/translate_invoice.ts";
import { translatePayment } from "../../src/stripe/translate_money.ts";
import { translatePrice } from "../../src/stripe/translate.ts";
import { makePrice } from "../../src/simulator/mod.ts";

const MIRROR = { price: () => undefined, coupon: () => undefined };
const PERIOD = { start: 1_790_000_000, end: 1_792_592_000 };
const PRICE = { id: "price_a", product: "prod_a" };

function line(id: string, more: object) {
  return { id, amount: 1190, quantity: 2, discount_amounts: [], period: PERIOD, ...more };
}

/** As version 2020-08-27 gave it. */
const OLD = {
  id: "in_1",
  object: "invoice",
  created: PERIOD.start,
  currency: "usd",
  status: "paid",
  amount_due: 1190,
  amount_paid: 1190,
  amount_remaining: 0,
  subscription: "sub_1",
  discount: null,
  lines: {
    has_more: false,
    data: [
      line("il_renewal", {
        ...{ type: "subscription", subscription: "sub_1", subscription_item: "si_1" },
        ...{ proration: false, price: PRICE },
        tax_amounts: [{ amount: 190, inclusive: true, tax_rate: "txr_1" }],
      }),
      line("il_credit", {
        ...{ type: "invoiceitem", subscription: "sub_1", subscription_item: "si_1" },
        ...{ proration: true, amount: -500, price: PRICE },
      }),
      line("il_once", { type: "invoiceitem", subscription: null, proration: false, price: PRICE }),
    ],
  },
};

Deno.test("a line's item, price, tax and proration are read where they stood", () => {
  const invoice = translateInvoice(OLD, MIRROR);
  assert.equal(invoice.subscription, "sub_1");
  assert.deepEqual(
    invoice.lines.map(({ item, price, product, proration, credit, inclusiveTax }) => [
      item,
      price,
      product,
      proration,
      credit,
      format(inclusiveTax),
    ]),
    [
      ["si_1", "price_a", "prod_a", false, false, "190"],
      ["si_1", "price_a", "prod_a", true, true, "0"],
    ],
  );
});

Deno.test("the payment of an invoice of old is its subscription's; its usage is without inclusive tax", () => {
  const { recurring, ...rest } = makePrice({ id: "price_a" });
  const metered: Price = translatePrice({
    ...rest,
    recurring: { ...recurring, usage_type: "metered" },
  });
  const payment = translatePayment(OLD, () => metered);
  assert.deepEqual([payment?.subscription, payment?.usage], ["sub_1", 1000n - 500n + 1190n]);
});

Deno.test("a single discount of an invoice of old has its coupon in it", () => {
  const coupon = { id: "HALF", duration: "forever", percent_off: 50 };
  const discount = { id: "di_1", start: PERIOD.start, end: null, coupon };
  const [first] = translateInvoice({ ...OLD, discount }, MIRROR).lines;
  assert.deepEqual(first!.sharedDiscounts!.map(({ id, couponId }) => [id, couponId]), [
    ["di_1", "HALF"],
  ]);
});
