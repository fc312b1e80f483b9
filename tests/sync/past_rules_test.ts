/**
 * The past by the rules that value the present (metrics.md B.6), on small accounts: trials in
 * mid-life, pauses, discounts, tiers, failed payments, and beginnings without an invoice.
 * Days are counted from the first invoice; the present is day 100.
 */
import assert from "node:assert/strict";
import { makeCoupon, makeItem, makePrice } from "../../src/simulator/mod.ts";
import { DAY, NOW } from "./harness.ts";
import { FIRST, invoiceOf, type LineParts } from "./invoice_fixture.ts";
import { plain, rebuilt, shown } from "./rebuilt.ts";

function renewal(month: number, parts: Partial<LineParts> = {}, given: object = {}) {
  return invoiceOf("sub_a", "si_a", "price_a", month, parts, given);
}

const RENEWALS = [0, 1, 2, 3].map((month) => renewal(month));

/** An invoice that was closed some seconds after it was finalised, after some attempts. */
function closed(status: "void" | "uncollectible", month: number, seconds: number, attempts = 0) {
  const at = FIRST + month * 30 * DAY;
  const field = status === "void" ? "voided_at" : "marked_uncollectible_at";
  return renewal(month, {}, {
    status,
    attempt_count: attempts,
    attempted: attempts > 0,
    status_transitions: { finalized_at: at, [field]: at + seconds },
  });
}

Deno.test("two free months in mid-life are two holes, although the object shows the last alone", async () => {
  const from = FIRST + 60 * DAY;
  const subscription = plain({ trial_start: from, trial_end: from + 30 * DAY });
  await using followed = await rebuilt({
    subscriptions: [subscription],
    invoices: [renewal(0), renewal(1, { amount: 0 }), renewal(2, { amount: 0 }), renewal(3)],
  });
  assert.deepEqual(shown(followed.store), ["0 30 2900 invoice", "90 open 2900 invoice"]);
});

Deno.test("a free month that still runs leaves what was before it, and counts where trials do", async () => {
  const from = FIRST + 90 * DAY;
  const objects = {
    subscriptions: [
      plain({ status: "trialing", trial_start: from, trial_end: from + 30 * DAY }),
    ],
    invoices: [renewal(0), renewal(1), renewal(2), renewal(3, { amount: 0 })],
  };
  await using followed = await rebuilt(objects);
  assert.deepEqual(shown(followed.store), ["0 90 2900 invoice"]);
  await using counting = await rebuilt(objects, { options: { trialing: "count" } });
  assert.deepEqual(shown(counting.store), ["0 open 2900 invoice"]);
});

Deno.test("a free price is no trial: it was worth nothing, and nobody left", async () => {
  const free = makePrice({ id: "price_free", unit_amount: 0 });
  await using followed = await rebuilt({
    prices: [free, makePrice({ id: "price_a", unit_amount: 2900 })],
    invoices: [
      invoiceOf("sub_a", "si_a", "price_free", 0, { amount: 0 }),
      renewal(1),
      renewal(2),
      renewal(3),
    ],
  });
  // The change itself shows at the renewal: it was made some time in the month before.
  assert.deepEqual(shown(followed.store), [
    "0 30 0 inferred",
    "30 60 2900 inferred",
    "60 open 2900 invoice",
  ]);
});

Deno.test("an invoice closed at once and without an attempt is of a pause, whichever way it was closed", async () => {
  for (const status of ["void", "uncollectible"] as const) {
    await using followed = await rebuilt({
      invoices: [renewal(0), closed(status, 1, 3600), renewal(2), renewal(3)],
    });
    assert.deepEqual(
      shown(followed.store),
      ["0 30 2900 inferred", "30 60 0 inferred", "60 open 2900 invoice"],
      status,
    );
  }
});

Deno.test("one closed later, or after an attempt, was somebody's decision about that invoice", async () => {
  for (const status of ["void", "uncollectible"] as const) {
    for (const invoice of [closed(status, 1, 3601), closed(status, 1, 60, 1)]) {
      await using followed = await rebuilt({
        invoices: [renewal(0), invoice, renewal(2), renewal(3)],
      });
      assert.deepEqual(shown(followed.store), ["0 open 2900 invoice"], status);
    }
  }
});

Deno.test("a paused period counts where the options say so", async () => {
  await using followed = await rebuilt({
    invoices: [renewal(0), closed("void", 1, 0), renewal(2), renewal(3)],
  }, { preset: "chartmogul" });
  assert.deepEqual(shown(followed.store), ["0 open 2900 invoice"]);
});

const FORMER = makeCoupon({ id: "former", percent_off: 20, duration: "once" });

function discountOf(coupon: typeof FORMER, start: number) {
  return {
    id: `di_${coupon.id}`,
    object: "discount",
    start,
    end: null,
    subscription: "sub_a",
    subscription_item: null,
    source: { type: "coupon", coupon },
  };
}

Deno.test("a coupon for one invoice left the subscription with it, also where it is subtracted", async () => {
  const off = { discounts: [discountOf(FORMER, FIRST + 50 * DAY)] };
  const used = renewal(2, { discountAmounts: [{ discount: "di_former", amount: 580 }] }, off);
  await using followed = await rebuilt({
    coupons: [FORMER],
    invoices: [renewal(0), renewal(1), used, renewal(3)],
  }, { preset: "chartmogul" });
  // From its start to the invoice that used it: 2900 less a fifth.
  assert.deepEqual(shown(followed.store), [
    "0 50 2900 invoice",
    "50 60 2320 invoice",
    "60 open 2900 invoice",
  ]);
});

/** 1,000 a seat up to 5 and 800 from there on, and 900 flat. */
const TIERED = makePrice({
  id: "price_a",
  billing_scheme: "tiered",
  tiers_mode: "graduated",
  unit_amount: null,
  tiers: [
    { up_to: 5, unit_amount: 1000, flat_amount: 900 },
    { up_to: null, unit_amount: 800, flat_amount: null },
  ] as unknown as NonNullable<ReturnType<typeof makePrice>["tiers"]>,
});

Deno.test("tiers with a flat fee and a coupon are valued by the price, and the coupon begins when it began", async () => {
  const coupon = makeCoupon({ id: "third", percent_off: 33.3, duration: "forever" });
  const start = FIRST + 75 * DAY;
  const discount = discountOf(coupon, start);
  for (const flatQuantity of [0, 1, 5]) {
    const tiers = (month: number, given: object = {}) => {
      const invoice = renewal(month, {}, given);
      const [line] = invoice.lines.data;
      const of = (amount: number, quantity: number) => ({ ...line!, amount, quantity });
      const off = (amount: number) => month < 3 ? [] : [{ discount: discount.id, amount }];
      const data = [[5000, 5], [900, flatQuantity], [1600, 2]].map(([amount, quantity]) => ({
        ...of(amount!, quantity!),
        discount_amounts: off(Math.round(amount! * 0.333)),
      }));
      return { ...invoice, lines: { ...invoice.lines, data } };
    };
    await using followed = await rebuilt({
      prices: [TIERED],
      coupons: [coupon],
      subscriptions: [plain({
        lines: [makeItem({ id: "si_a", price: TIERED, quantity: 7 })],
        discounts: [discount] as never,
      })],
      invoices: [tiers(0), tiers(1), tiers(2), tiers(3, { discounts: [discount] })],
    });
    // 5000 + 900 + 1600 = 7500; less 33.3 %: 5002.5, where the invoice charged 5003.
    assert.deepEqual(
      shown(followed.store),
      ["0 75 7500 invoice", "75 open 10005/2 invoice"],
      `a flat line of ${flatQuantity}`,
    );
  }
});

Deno.test("past due for longer than the options allow ended that long after the first failure", async () => {
  const failed = FIRST + 60 * DAY + 3600;
  const open = (month: number) =>
    renewal(month, {}, {
      status: "open",
      attempt_count: 4,
      attempted: true,
      status_transitions: { finalized_at: FIRST + month * 30 * DAY + 3600 },
    });
  const objects = {
    subscriptions: [plain({ status: "past_due" })],
    invoices: [renewal(0), renewal(1), open(2), open(3)],
  };
  await using followed = await rebuilt(objects, { preset: "baremetrics" });
  const [only] = followed.store.segments("sub_a");
  assert.deepEqual([only!.from, only!.to], [FIRST, failed + 30 * DAY + 1]);
  assert.deepEqual(followed.store.corrections(), []);
  await using counting = await rebuilt(objects);
  assert.deepEqual(shown(counting.store), ["0 open 2900 invoice"]);
  await using excluding = await rebuilt(objects, { options: { pastDue: "exclude" } });
  assert.equal(excluding.store.segments("sub_a").at(-1)!.to, failed);
});

Deno.test("a subscription whose billing anchor lies ahead begins when it was created", async () => {
  await using followed = await rebuilt({
    subscriptions: [plain({ created: FIRST - 20 * DAY, billing_cycle_anchor: FIRST })],
    invoices: RENEWALS,
  });
  // No invoice tells of the days before the anchor.
  assert.deepEqual(shown(followed.store), ["-20 0 2900 inferred", "0 open 2900 invoice"]);
});

Deno.test("an invoice that cannot be read leaves what was before it, and a mark", async () => {
  const odd = renewal(1);
  const [line] = odd.lines.data;
  const unreadable = {
    ...odd,
    lines: { ...odd.lines, data: [{ ...line!, period: { start: "soon", end: null } as never }] },
  };
  await using followed = await rebuilt({
    invoices: [renewal(0), unreadable, renewal(2), renewal(3)],
  });
  assert.deepEqual(shown(followed.store), [
    "0 30 2900 invoice",
    "30 60 2900 inferred",
    "60 open 2900 invoice",
  ]);
  assert.deepEqual(followed.store.unreadable().map(({ kind }) => kind), ["invoice"]);
});

Deno.test("the last invoice of an ended subscription that cannot be read is no early churn", async () => {
  const odd = renewal(2);
  const [line] = odd.lines.data;
  const unreadable = {
    ...odd,
    lines: { ...odd.lines, data: [{ ...line!, amount: "all" as never }] },
  };
  const ended = FIRST + 90 * DAY;
  await using followed = await rebuilt({
    subscriptions: [plain({ status: "canceled", canceled_at: ended, ended_at: ended })],
    invoices: [renewal(0), renewal(1), unreadable],
  });
  assert.deepEqual(shown(followed.store), ["0 60 2900 invoice", "60 90 2900 inferred"]);
});

Deno.test("what no invoice shows is dated in the middle of its time, never on the day of the reading", async () => {
  // Two seats since some time after the last invoice of day 90; events cannot be read.
  await using followed = await rebuilt({
    subscriptions: [
      plain({
        lines: [
          makeItem({
            id: "si_a",
            price: makePrice({ id: "price_a", unit_amount: 2900 }),
            quantity: 2,
          }),
        ],
      }),
    ],
    invoices: RENEWALS,
  });
  assert.deepEqual(shown(followed.store), [
    "0 90 2900 invoice",
    "90 94.5 2900 inferred",
    "94.5 100 5800 inferred",
    "100 open 5800 live",
  ]);
  assert.deepEqual(followed.store.corrections().map(({ at }) => at), [NOW - 5.5 * DAY]);
});

Deno.test("an item that came without an invoice came when it was created", async () => {
  const dear = makePrice({ id: "price_b", unit_amount: 5000 });
  const base = makePrice({ id: "price_a", unit_amount: 2900 });
  await using followed = await rebuilt({
    prices: [base, dear],
    subscriptions: [plain({
      lines: [
        makeItem({ id: "si_a", price: base }),
        makeItem({ id: "si_b", price: dear, created: FIRST + 93 * DAY }),
      ],
    })],
    invoices: RENEWALS,
  });
  assert.deepEqual(shown(followed.store), [
    "0 90 2900 invoice",
    "90 93 2900 inferred",
    "93 open 7900 event",
  ]);
});
