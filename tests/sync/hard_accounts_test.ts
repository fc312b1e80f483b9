/**
 * The rebuilt past of small accounts, each with the one right answer worked out by hand
 * from the rules (metrics.md A, B.4, B.6). A plain account pays 3,000 a month on the 10th since
 * 10 March 2026; the present is 24 November 2026, events reach back to 25 October.
 */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import { makeCoupon, makeCustomer, makeItem, makePrice } from "../../src/simulator/mod.ts";
import {
  bill,
  discountOn,
  holds,
  later,
  lines,
  P30,
  P60,
  pausedBy,
  pausedRenewals,
  PRICES,
  read,
  renewals,
  spansOf,
  sub,
  t,
  Y36,
  Y48,
} from "./hard_account.ts";

const START = "2026-03-10";
const NOVEMBER = "2026-11-30";
const STRIPE = { preset: "stripe" } as const;
const CHARTMOGUL = { preset: "chartmogul" } as const;
const BAREMETRICS = { preset: "baremetrics" } as const;
const PROFITWELL = { preset: "profitwell" } as const;
const RECURLY = { preset: "recurly" } as const;
const USD3000 = ["3000 usd"];

Deno.test("a plain account is new once, under every preset", async () => {
  const objects = { subscriptions: [sub("a")], invoices: renewals("a", START, NOVEMBER) };
  for (const way of [STRIPE, CHARTMOGUL, BAREMETRICS, PROFITWELL, RECURLY]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
});

Deno.test("a trial at the beginning, later a pause of two months: new at the trial's end, churn and return by the unpaid periods", async () => {
  const objects = {
    subscriptions: [sub("a", { trial_start: t(START), trial_end: t("2026-04-10") })],
    invoices: [
      bill("a", START, "2026-04-10", { amount: 0 }),
      ...renewals("a", "2026-04-10", "2026-05-10"),
      ...pausedRenewals("a", "2026-06-10", "2026-07-10", "uncollectible"),
      ...renewals("a", "2026-08-10", NOVEMBER),
    ],
  };
  await holds(objects, STRIPE, [
    "2026-04 new 3000 usd",
    "2026-06 churn 3000 usd",
    "2026-08 reactivation 3000 usd",
  ], USD3000);
  // A.1: `pauseCollection: count` counts in the past too.
  await holds(objects, CHARTMOGUL, ["2026-04 new 3000 usd"], USD3000);
});

Deno.test("a trial with a coupon of three months from the first day: it ends by its own date", async () => {
  const coupon = makeCoupon({
    id: "half3",
    percent_off: 50,
    duration: "repeating",
    duration_in_months: 3,
  });
  const discount = discountOn("a", coupon, START, "2026-06-10");
  const off = {
    discountAmounts: [{ discount: discount.id, amount: 1500 }],
  };
  const objects = {
    coupons: [coupon],
    subscriptions: [sub("a", { trial_start: t(START), trial_end: t("2026-04-10") })],
    invoices: [
      bill("a", START, "2026-04-10", { amount: 0 }, { discounts: [discount] }),
      ...renewals("a", "2026-04-10", "2026-05-10", off, { discounts: [discount] }),
      ...renewals("a", "2026-06-10", NOVEMBER),
    ],
  };
  await holds(objects, STRIPE, ["2026-04 new 3000 usd"], USD3000);
  await holds(objects, CHARTMOGUL, [
    "2026-04 new 1500 usd",
    "2026-06 expansion 1500 usd",
  ], USD3000);
});

Deno.test("a trial at the beginning and one in mid-life in which the customer cancels: new, churn at the hole, nothing after", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      trial_start: t("2026-06-10"),
      trial_end: t("2026-08-10"),
      canceled_at: t("2026-07-01"),
      ended_at: t("2026-08-10"),
      cancellation_details: {
        comment: null,
        feedback: null,
        feedback_option: null,
        reason: "cancellation_requested",
      },
    })],
    invoices: [
      bill("a", START, "2026-04-10", { amount: 0 }),
      ...renewals("a", "2026-04-10", "2026-05-10"),
      bill("a", "2026-06-10", "2026-08-10", { amount: 0 }),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL, PROFITWELL]) {
    await holds(objects, way, ["2026-04 new 3000 usd", "2026-06 churn 3000 usd"], []);
  }
});

Deno.test("a trial on one of two subscriptions of a customer: its end is an expansion", async () => {
  const objects = {
    subscriptions: [
      sub("a", { customer: "cus_x" }),
      sub("b", {
        customer: "cus_x",
        price: P60,
        created: t("2026-05-10"),
        trial_start: t("2026-05-10"),
        trial_end: t("2026-06-10"),
      }),
    ],
    invoices: [
      ...renewals("a", START, NOVEMBER, {}, { customer: "cus_x" }),
      bill("b", "2026-05-10", "2026-06-10", { amount: 0, price: "p60" }, { customer: "cus_x" }),
      ...renewals("b", "2026-06-10", NOVEMBER, { price: "p60", amount: 6000 }, {
        customer: "cus_x",
      }),
    ],
  };
  for (const way of [STRIPE, BAREMETRICS]) {
    await holds(objects, way, ["2026-03 new 3000 usd", "2026-06 expansion 6000 usd"], ["9000 usd"]);
  }
});

Deno.test("who cancels in the first trial never was a customer", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      trial_start: t(START),
      trial_end: t("2026-04-10"),
      canceled_at: t("2026-03-20"),
      ended_at: t("2026-04-10"),
    })],
    invoices: [bill("a", START, "2026-04-10", { amount: 0 })],
  };
  for (const way of [STRIPE, CHARTMOGUL]) await holds(objects, way, [], []);
  // Trials count by that option alone: from the start to the request.
  await holds(objects, { options: { trialing: "count" } }, [
    "2026-03 new 3000 usd",
    "2026-03 churn 3000 usd",
  ], []);
});

Deno.test("a pause across the year's end is churn in December and reactivation in March", async () => {
  const objects = {
    subscriptions: [sub("a", { created: t("2025-09-10") })],
    invoices: [
      ...renewals("a", "2025-09-10", "2025-11-10"),
      ...pausedRenewals("a", "2025-12-10", "2026-02-10"),
      ...renewals("a", "2026-03-10", NOVEMBER),
    ],
  };
  const moves = [
    "2025-09 new 3000 usd",
    "2025-12 churn 3000 usd",
    "2026-03 reactivation 3000 usd",
  ];
  for (const way of [STRIPE, BAREMETRICS, PROFITWELL, RECURLY]) {
    await holds(objects, way, moves, USD3000);
  }
  await holds(objects, CHARTMOGUL, ["2025-09 new 3000 usd"], USD3000);
});

Deno.test("a pause, then a cancellation in it: churn where the pause began; where pauses count, at the end", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-07-01"),
      ended_at: t("2026-07-01"),
      pause_collection: { behavior: "void", resumes_at: null },
    })],
    invoices: [
      ...renewals("a", START, "2026-04-10"),
      ...pausedRenewals("a", "2026-05-10", "2026-06-10"),
    ],
  };
  for (const way of [STRIPE, PROFITWELL]) {
    await holds(objects, way, ["2026-03 new 3000 usd", "2026-05 churn 3000 usd"], []);
  }
  await holds(objects, CHARTMOGUL, ["2026-03 new 3000 usd", "2026-07 churn 3000 usd"], []);
});

function failedBill(id: string, from: string, to: string, given: object) {
  return bill(id, from, to, {}, { attempt_count: 4, attempted: true, ...given });
}

const FAILED_REASON = {
  comment: null,
  feedback: null,
  feedback_option: null,
  reason: "payment_failed",
} as const;

Deno.test("written off after attempts, then ended: churn at the last retry", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-08-04"),
      ended_at: t("2026-08-04"),
      cancellation_details: FAILED_REASON,
    })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      failedBill("a", "2026-07-10", "2026-08-10", {
        status: "uncollectible",
        status_transitions: {
          finalized_at: t("2026-07-10T01:00:00"),
          marked_uncollectible_at: t("2026-08-04"),
        },
      }),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL, BAREMETRICS]) {
    await holds(objects, way, ["2026-03 new 3000 usd", "2026-08 churn 3000 usd"], []);
  }
});

Deno.test("retried for long, while Stripe went on to make renewals: churn at the last retry, or 30 days after the failure under baremetrics", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-09-03"),
      ended_at: t("2026-09-03"),
      cancellation_details: FAILED_REASON,
    })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      failedBill("a", "2026-07-10", "2026-08-10", {
        status: "uncollectible",
        status_transitions: {
          finalized_at: t("2026-07-10T01:00:00"),
          marked_uncollectible_at: t("2026-09-03"),
        },
      }),
      failedBill("a", "2026-08-10", "2026-09-10", {
        status: "open",
        attempt_count: 1,
        status_transitions: { finalized_at: t("2026-08-10T01:00:00") },
      }),
    ],
  };
  await holds(objects, STRIPE, ["2026-03 new 3000 usd", "2026-09 churn 3000 usd"], []);
  await holds(objects, BAREMETRICS, ["2026-03 new 3000 usd", "2026-08 churn 3000 usd"], []);
});

Deno.test("a yearly plan whose renewal a pause wrote off is churn on the day of the renewal", async () => {
  const objects = {
    subscriptions: [sub("a", {
      price: Y36,
      created: t("2025-02-10"),
      pause_collection: { behavior: "mark_uncollectible", resumes_at: null },
    })],
    invoices: [
      bill("a", "2025-02-10", "2026-02-10", { price: "y36", amount: 36_000 }),
      bill("a", "2026-02-10", "2027-02-10", { price: "y36", amount: 36_000 }, {
        ...pausedBy("uncollectible", "2026-02-10"),
      }),
    ],
  };
  for (const way of [STRIPE, RECURLY]) {
    await holds(objects, way, ["2025-02 new 3000 usd", "2026-02 churn 3000 usd"], []);
  }
  await holds(objects, CHARTMOGUL, ["2025-02 new 3000 usd"], USD3000);
});

Deno.test("the first invoice, voided by hand after five days, leaves the beginning where it was", async () => {
  const voided = bill("a", START, "2026-04-10", {}, {
    status: "void",
    attempt_count: 0,
    attempted: false,
    status_transitions: { finalized_at: t(START), voided_at: t("2026-03-15") },
  });
  const objects = {
    subscriptions: [sub("a", { collection_method: "send_invoice" })],
    invoices: [voided, ...renewals("a", "2026-04-10", NOVEMBER)],
  };
  for (const way of [STRIPE, PROFITWELL]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
});

Deno.test("an invoice voided and made anew for the same period changes nothing, however soon", async () => {
  for (const voided of ["2026-06-10T00:10:00", "2026-06-14"]) {
    const objects = {
      subscriptions: [sub("a")],
      invoices: [
        ...renewals("a", START, NOVEMBER),
        bill("a", "2026-06-10", "2026-07-10", {}, {
          status: "void",
          attempt_count: 0,
          attempted: false,
          status_transitions: { finalized_at: t("2026-06-10"), voided_at: t(voided) },
        }),
      ],
    };
    for (const way of [STRIPE, CHARTMOGUL]) {
      await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
    }
  }
});

Deno.test("an anchor that is set anew in mid-period moves nothing; with a dearer price it is an expansion there", async () => {
  for (const dear of [false, true]) {
    const [price, amount] = dear ? ["p60", 6000] : ["p30", 3000];
    const objects = {
      subscriptions: [sub("a", {
        price: dear ? P60 : P30,
        billing_cycle_anchor: t("2026-06-25"),
      })],
      invoices: [
        ...renewals("a", START, "2026-06-10"),
        lines("a", "2026-06-25", [
          {
            item: "si_a",
            price: "p30",
            amount: -1500,
            proration: true,
            from: t("2026-06-25"),
            to: t("2026-07-10"),
          },
          {
            item: "si_a",
            price,
            amount,
            from: t("2026-06-25"),
            to: t("2026-07-25"),
          },
        ]),
        ...renewals("a", "2026-07-25", NOVEMBER, { price, amount }),
      ],
    };
    for (const way of [STRIPE, RECURLY]) {
      await holds(objects, way, [
        "2026-03 new 3000 usd",
        ...(dear ? ["2026-06 expansion 3000 usd"] : []),
      ], [`${amount} usd`]);
    }
  }
});

Deno.test("from a month to a year and back: the value of each from its own second", async () => {
  const objects = {
    subscriptions: [sub("a", { billing_cycle_anchor: t("2026-09-25") })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      lines("a", "2026-06-25", [
        {
          item: "si_a",
          price: "p30",
          amount: -1500,
          proration: true,
          from: t("2026-06-25"),
          to: t("2026-07-10"),
        },
        {
          item: "si_a",
          price: "y48",
          amount: 48_000,
          from: t("2026-06-25"),
          to: t("2027-06-25"),
        },
      ]),
      lines("a", "2026-09-25", [
        {
          item: "si_a",
          price: "y48",
          amount: -35_901,
          proration: true,
          from: t("2026-09-25"),
          to: t("2027-06-25"),
        },
        { item: "si_a", price: "p30", amount: 3000, from: t("2026-09-25"), to: t("2026-10-25") },
      ]),
      ...renewals("a", "2026-10-25", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-06 expansion 1000 usd",
      "2026-09 contraction 1000 usd",
    ], USD3000);
  }
});

Deno.test("a quantity of 0 is nothing, whether by a proration or at a renewal, and it is no trial", async () => {
  const none = { quantity: 0, amount: 0 };
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-05-10", { quantity: 2, amount: 6000 }),
      lines("a", "2026-05-25", [
        {
          item: "si_a",
          price: "p30",
          quantity: 2,
          amount: -3097,
          proration: true,
          from: t("2026-05-25"),
          to: t("2026-06-10"),
        },
        {
          item: "si_a",
          price: "p30",
          ...none,
          proration: true,
          from: t("2026-05-25"),
          to: t("2026-06-10"),
        },
      ]),
      ...renewals("a", "2026-06-10", "2026-08-10", none),
      ...renewals("a", "2026-09-10", NOVEMBER),
    ],
  };
  const moves = [
    "2026-03 new 6000 usd",
    "2026-05 churn 6000 usd",
    "2026-09 reactivation 3000 usd",
  ];
  await holds(objects, STRIPE, moves, USD3000);
  await holds(objects, { options: { trialing: "count" } }, moves, USD3000);
});

function tiered(mode: "volume" | "graduated") {
  return makePrice({
    id: `tier_${mode}`,
    billing_scheme: "tiered",
    tiers_mode: mode,
    unit_amount: null,
    tiers: [
      { up_to: 10, unit_amount: 100, flat_amount: 500 },
      { up_to: null, unit_amount: 80, flat_amount: 1000 },
    ] as unknown as NonNullable<Stripe.Price["tiers"]>,
  });
}

Deno.test("volume tiers with a flat fee and a repeating coupon on the item: by the price, from the coupon's start to its end", async () => {
  const price = tiered("volume");
  const coupon = makeCoupon({
    id: "quarter",
    percent_off: 25,
    duration: "repeating",
    duration_in_months: 3,
  });
  const discount = discountOn("a", coupon, "2026-06-20", "2026-09-20", {
    subscription_item: "si_a",
  });
  for (const flat of [0, 1, 12]) {
    const month = (from: string, off: boolean) =>
      lines(
        "a",
        from,
        [[960, 12], [1000, flat]].map(([amount, quantity]) => ({
          item: "si_a",
          price: price.id,
          amount: amount!,
          quantity: quantity!,
          from: t(from),
          to: t(later(from, 1)),
          ...(off
            ? {
              discounts: [discount],
              discountAmounts: [{ discount: discount.id, amount: amount! / 4 }],
            }
            : {}),
        })),
      );
    const objects = {
      prices: [...PRICES, price],
      coupons: [coupon],
      subscriptions: [sub("a", { price, quantity: 12 })],
      invoices: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((each) =>
        month(later(START, each), each >= 4 && each <= 6)
      ),
    };
    // 12 units are in the second tier: 12 x 80 + 1000 = 1960, a quarter of it 490.
    await holds(objects, STRIPE, ["2026-03 new 1960 usd"], ["1960 usd"]);
    await holds(objects, CHARTMOGUL, [
      "2026-03 new 1960 usd",
      "2026-06 contraction 490 usd",
      "2026-09 expansion 490 usd",
    ], ["1960 usd"]);
  }
});

Deno.test("graduated tiers with flat fees and 700 off for ever on the subscription, begun in mid-period", async () => {
  const price = tiered("graduated");
  const coupon = makeCoupon({ id: "off700", amount_off: 700, currency: "usd" });
  const discount = discountOn("a", coupon, "2026-07-23");
  const parts = [[1000, 10], [500, 0], [160, 2], [1000, 0]];
  const month = (from: string, off: boolean) =>
    lines(
      "a",
      from,
      parts.map(([amount, quantity], index) => ({
        item: "si_a",
        price: price.id,
        amount: amount!,
        quantity: quantity!,
        from: t(from),
        to: t(later(from, 1)),
        ...(off
          ? { discountAmounts: [{ discount: discount.id, amount: [263, 132, 42, 263][index]! }] }
          : {}),
      })),
      off ? { discounts: [discount] } : {},
    );
  const objects = {
    prices: [...PRICES, price],
    coupons: [coupon],
    subscriptions: [sub("a", { price, quantity: 12, discounts: [discount] })],
    invoices: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((each) => month(later(START, each), each >= 5)),
  };
  // 10 x 100 + 500 + 2 x 80 + 1000 = 2660.
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 2660 usd",
      "2026-07 contraction 700 usd",
    ], ["1960 usd"]);
  }
});

Deno.test("a customer's own discount counts from its start, where the subscription has none", async () => {
  const coupon = makeCoupon({ id: "fifth", percent_off: 20 });
  const discount = discountOn("a", coupon, "2026-07-23", null, { subscription: null });
  const off = { discountAmounts: [{ discount: discount.id, amount: 600 }] };
  const objects = {
    coupons: [coupon],
    customers: [makeCustomer({ id: "cus_a", discount })],
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-07-10"),
      ...renewals("a", "2026-08-10", NOVEMBER, off, { discounts: [discount] }),
    ],
  };
  for (const way of [STRIPE, BAREMETRICS]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-07 contraction 600 usd",
    ], ["2400 usd"]);
  }
});

Deno.test("a coupon for one invoice, used by the first, is never subtracted", async () => {
  const coupon = makeCoupon({ id: "welcome", percent_off: 50, duration: "once" });
  const discount = discountOn("a", coupon, START);
  const objects = {
    coupons: [coupon],
    subscriptions: [sub("a")],
    invoices: [
      bill("a", START, "2026-04-10", {
        discountAmounts: [{ discount: discount.id, amount: 1500 }],
      }, { discounts: [discount] }),
      ...renewals("a", "2026-04-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL, PROFITWELL, RECURLY]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
});

Deno.test("100 % off for some months is churn at the coupon's start and reactivation at the renewal without it", async () => {
  const coupon = makeCoupon({ id: "free", percent_off: 100 });
  const discount = discountOn("a", coupon, "2026-06-05");
  const off = { discountAmounts: [{ discount: discount.id, amount: 3000 }] };
  const objects = {
    coupons: [coupon],
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-05-10"),
      ...renewals("a", "2026-06-10", "2026-08-10", off, { discounts: [discount] }),
      ...renewals("a", "2026-09-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, RECURLY]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-06 churn 3000 usd",
      "2026-09 reactivation 3000 usd",
    ], USD3000);
  }
});

Deno.test("two currencies of one customer are two rows of native movements", async () => {
  const euro = makePrice({ id: "e40", unit_amount: 4000, currency: "eur" });
  const inEuro = (invoice: Stripe.Invoice) => ({
    ...invoice,
    currency: "eur",
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({ ...line, currency: "eur" })),
    },
  });
  const objects = {
    prices: [...PRICES, euro],
    subscriptions: [
      sub("a", {
        customer: "cus_x",
        status: "canceled",
        canceled_at: t("2026-08-10"),
        ended_at: t("2026-08-10"),
      }),
      sub("b", { customer: "cus_x", price: euro, currency: "eur", created: t("2026-08-10") }),
    ],
    invoices: [
      ...renewals("a", START, "2026-07-10", {}, { customer: "cus_x" }),
      ...renewals("b", "2026-08-10", NOVEMBER, { price: "e40", amount: 4000 }, {
        customer: "cus_x",
      }).map(inEuro),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-08 churn 3000 usd",
      "2026-08 new 4000 eur",
    ], ["4000 eur"]);
  }
});

Deno.test("an item that came and went in the second of a renewal changes nothing; one taken out there ends there", async () => {
  const both = (from: string) =>
    lines("a", from, [
      { item: "si_a", price: "p30", amount: 3000, from: t(from), to: t(later(from, 1)) },
      { item: "si_b", price: "p60", amount: 6000, from: t(from), to: t(later(from, 1)) },
    ]);
  const june = "2026-06-10";
  const cancels = (item: string, amount: number, proration: boolean) => ({
    item,
    price: "p60",
    amount,
    proration,
    from: t(june),
    to: t("2026-07-10"),
  });
  const came = {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, NOVEMBER),
      lines("a", june, [cancels("si_c", 6000, true), cancels("si_c", -6000, true)]),
    ],
  };
  const went = {
    subscriptions: [sub("a")],
    invoices: [
      ...[0, 1, 2, 3].map((each) => both(later(START, each))),
      lines("a", june, [cancels("si_b", -6000, true)]),
      ...renewals("a", "2026-07-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, PROFITWELL]) {
    await holds(came, way, ["2026-03 new 3000 usd"], USD3000);
    await holds(went, way, [
      "2026-03 new 9000 usd",
      "2026-06 contraction 6000 usd",
    ], USD3000);
  }
});

Deno.test("prorations as invoice items, without the item: matched by the price", async () => {
  const objects = {
    subscriptions: [sub("a", { price: P60 })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      lines("a", "2026-06-20", [
        {
          item: "",
          loose: true,
          proration: true,
          price: "p30",
          amount: -2000,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
        {
          item: "",
          loose: true,
          proration: true,
          price: "p60",
          amount: 4000,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
      ]),
      ...renewals("a", "2026-07-10", NOVEMBER, { price: "p60", amount: 6000 }),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(
      objects,
      way,
      ["2026-03 new 3000 usd", "2026-06 expansion 3000 usd"],
      ["6000 usd"],
    );
  }
});

Deno.test("prorations without the item up and down again: each is the one item that the subscription has", async () => {
  // Up to p60 on 20 June, down to p30 on 20 August; only p30 is on the object now.
  const change = (at: string, to: string, from: [string, number], into: [string, number]) =>
    lines(
      "a",
      at,
      [from, into].map(([price, amount]) => ({
        item: "",
        loose: true,
        proration: true,
        price,
        amount,
        from: t(at),
        to: t(to),
      })),
    );
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      change("2026-06-20", "2026-07-10", ["p30", -2000], ["p60", 4000]),
      change("2026-07-01", "2026-07-10", ["p60", -1800], ["p30", 900]),
      ...renewals("a", "2026-07-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, RECURLY]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-06 expansion 3000 usd",
      "2026-07 contraction 3000 usd",
    ], USD3000);
  }
});

Deno.test("a price that is gone is valued by amounts: a renewal by what it charged, a proration scaled up", async () => {
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-05-10", { price: "gone", amount: 2000 }),
      lines("a", "2026-05-25", [
        {
          item: "si_a",
          price: "gone",
          amount: -1032,
          proration: true,
          from: t("2026-05-25"),
          to: t("2026-06-10"),
        },
        {
          item: "si_a",
          price: "p30",
          amount: 1548,
          proration: true,
          from: t("2026-05-25"),
          to: t("2026-06-10"),
        },
      ]),
      ...renewals("a", "2026-06-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 2000 usd",
      "2026-05 expansion 1000 usd",
    ], USD3000);
  }
});

Deno.test("a backdated start is new when it was created", async () => {
  const objects = {
    subscriptions: [
      sub("a", {
        created: t("2026-06-20"),
        start_date: t(START),
        billing_cycle_anchor: t("2026-07-10"),
      }),
    ],
    invoices: [
      lines("a", "2026-06-20", [
        { item: "si_a", price: "p30", amount: 12_000, from: t(START), to: t("2026-07-10") },
      ]),
      ...renewals("a", "2026-07-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, ["2026-06 new 3000 usd"], USD3000);
  }
});

Deno.test("an anchor ahead with a first stretch charged by the day begins at full value when created", async () => {
  const objects = {
    subscriptions: [sub("a", { created: t("2026-02-25"), billing_cycle_anchor: t(START) })],
    invoices: [
      lines("a", "2026-02-25", [
        {
          item: "si_a",
          price: "p30",
          amount: 1393,
          proration: true,
          from: t("2026-02-25"),
          to: t(START),
        },
      ]),
      ...renewals("a", START, NOVEMBER),
    ],
  };
  for (const way of [STRIPE, RECURLY]) {
    await holds(objects, way, ["2026-02 new 3000 usd"], USD3000);
  }
});

Deno.test("past due for long and then paid leaves no trace under any preset", async () => {
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      bill("a", "2026-07-10", "2026-08-10", {}, {
        attempt_count: 6,
        status_transitions: {
          finalized_at: t("2026-07-10T01:00:00"),
          paid_at: t("2026-09-01"),
        },
      }),
      ...renewals("a", "2026-08-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, BAREMETRICS]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
});

Deno.test("past due by an upgrade that could not be charged counts for 30 days under baremetrics, not for ever", async () => {
  // A.2: the smallest `finalized_at` of the open invoices with an attempt: 20 August.
  const objects = {
    subscriptions: [sub("a", { price: P60, status: "past_due" })],
    invoices: [
      ...renewals("a", START, "2026-08-10"),
      lines("a", "2026-08-20", [
        {
          item: "si_a",
          price: "p30",
          amount: -2032,
          proration: true,
          from: t("2026-08-20"),
          to: t("2026-09-10"),
        },
        {
          item: "si_a",
          price: "p60",
          amount: 4064,
          proration: true,
          from: t("2026-08-20"),
          to: t("2026-09-10"),
        },
      ], {
        status: "open",
        attempt_count: 4,
        billing_reason: "subscription_update",
        status_transitions: { finalized_at: t("2026-08-20") },
      }),
    ],
  };
  const begun = ["2026-03 new 3000 usd", "2026-08 expansion 3000 usd"];
  await holds(objects, STRIPE, begun, ["6000 usd"]);
  await holds(objects, BAREMETRICS, [...begun, "2026-09 churn 6000 usd"], []);
});

Deno.test("unpaid, with nothing that says since when: some time after the failed invoice, so that stretch is inferred; 30 days after the failure under baremetrics", async () => {
  const objects = {
    subscriptions: [sub("a", { status: "unpaid" })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      failedBill("a", "2026-07-10", "2026-08-10", {
        status: "open",
        status_transitions: { finalized_at: t("2026-07-10T01:00:00") },
      }),
      ...renewals("a", "2026-08-10", NOVEMBER, {}, {
        status: "draft",
        attempt_count: 0,
        attempted: false,
        status_transitions: { finalized_at: null },
      }),
    ],
  };
  // A.2: past due counts, unpaid does not; which day it changed, no invoice says (B.6 step 2.8).
  await using followed = await read(objects, STRIPE);
  const last = followed.store.segments("a").filter(({ exact }) => exact.n > 0n).at(-1)!;
  assert.equal(last.quality, "inferred", spansOf(followed.store, "a").join("\n"));
  await holds(objects, BAREMETRICS, ["2026-03 new 3000 usd", "2026-08 churn 3000 usd"], []);
});

Deno.test("what was never paid at first never was MRR", async () => {
  const objects = {
    subscriptions: [sub("a", { status: "incomplete_expired", ended_at: t("2026-03-11") })],
    invoices: [
      bill("a", START, "2026-04-10", {}, {
        status: "void",
        attempt_count: 1,
        status_transitions: { finalized_at: t(START), voided_at: t("2026-03-11") },
      }),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) await holds(objects, way, [], []);
});

Deno.test("a renewal on the last second of a month falls into the month of the account's time zone", async () => {
  const start = "2026-01-31T23:30:00";
  const at = (each: number) => later(start, each);
  const objects = {
    subscriptions: [sub("a", { created: t(start) })],
    invoices: [
      ...[0, 1, 2, 3].map((each) => bill("a", at(each), at(each + 1))),
      ...[4, 5].map((each) => bill("a", at(each), at(each + 1), {}, pausedBy("void", at(each)))),
      ...[6, 7, 8, 9].map((each) => bill("a", at(each), at(each + 1))),
    ],
  };
  // Paused from 31 May 23:30 UTC to 31 July 23:30 UTC.
  for (
    const [timeZone, began, left, came] of [
      ["UTC", "2026-01", "2026-05", "2026-07"],
      ["Pacific/Auckland", "2026-02", "2026-06", "2026-08"],
      ["America/Los_Angeles", "2026-01", "2026-05", "2026-07"],
    ] as const
  ) {
    await holds(objects, { timeZone }, [
      `${began} new 3000 usd`,
      `${left} churn 3000 usd`,
      `${came} reactivation 3000 usd`,
    ], USD3000);
    await holds(objects, { timeZone, preset: "chartmogul" }, [`${began} new 3000 usd`], USD3000);
  }
});

Deno.test("a subscription that takes another's place on one day moves nothing where cancellations count at their end", async () => {
  const objects = {
    subscriptions: [
      sub("a", {
        customer: "cus_x",
        status: "canceled",
        canceled_at: t("2026-07-20"),
        ended_at: t("2026-08-10"),
        cancellation_details: { ...FAILED_REASON, reason: "cancellation_requested" },
      }),
      sub("b", { customer: "cus_x", created: t("2026-08-10T09:00:00") }),
    ],
    invoices: [
      ...renewals("a", START, "2026-07-10", {}, { customer: "cus_x" }),
      ...renewals("b", "2026-08-10T09:00:00", NOVEMBER, {}, { customer: "cus_x" }),
    ],
  };
  await holds(objects, CHARTMOGUL, ["2026-03 new 3000 usd"], USD3000);
  await holds(objects, STRIPE, [
    "2026-03 new 3000 usd",
    "2026-07 churn 3000 usd",
    "2026-08 reactivation 3000 usd",
  ], USD3000);
});

Deno.test("a billing date moved by a trial in mid-period is a hole from its start to its end", async () => {
  const objects = {
    subscriptions: [sub("a", { trial_start: t("2026-06-20"), trial_end: t("2026-07-05") })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      lines("a", "2026-06-20", [
        {
          item: "si_a",
          price: "p30",
          amount: -2000,
          proration: true,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
        { item: "si_a", price: "p30", amount: 0, from: t("2026-06-20"), to: t("2026-07-05") },
      ]),
      ...renewals("a", "2026-07-05", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-06 churn 3000 usd",
      "2026-07 reactivation 3000 usd",
    ], USD3000);
  }
  await holds(objects, { options: { trialing: "count" } }, ["2026-03 new 3000 usd"], USD3000);
});

Deno.test("a fixed term counts to its last period under stripe, to its end elsewhere", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      cancel_at: t("2026-09-10"),
      canceled_at: t(START),
      ended_at: t("2026-09-10"),
      cancellation_details: { ...FAILED_REASON, reason: "cancellation_requested" },
    })],
    invoices: renewals("a", START, "2026-08-10"),
  };
  await holds(objects, STRIPE, ["2026-03 new 3000 usd", "2026-08 churn 3000 usd"], []);
  await holds(objects, CHARTMOGUL, ["2026-03 new 3000 usd", "2026-09 churn 3000 usd"], []);
});

Deno.test("monthly and yearly items under one amount off are valued by their common cycle, in the past too", async () => {
  const small = makePrice({ id: "p5", unit_amount: 500 });
  const yearly = makePrice({ id: "y12", unit_amount: 12_000, recurring: Y48.recurring });
  const coupon = makeCoupon({ id: "off1000", amount_off: 1000, currency: "usd" });
  const discount = discountOn("a", coupon, "2026-06-20");
  const items = [
    makeItem({ id: "si_a", price: small, created: t(START) }),
    makeItem({ id: "si_y", price: yearly, created: t(START) }),
  ];
  const month = { item: "si_a", price: "p5", amount: 500 };
  const objects = {
    prices: [small, yearly],
    coupons: [coupon],
    subscriptions: [sub("a", { lines: items, discounts: [discount] })],
    invoices: [
      lines("a", START, [
        { ...month, from: t(START), to: t("2026-04-10") },
        { item: "si_y", price: "y12", amount: 12_000, from: t(START), to: t("2027-03-10") },
      ]),
      ...renewals("a", "2026-04-10", "2026-06-10", month),
      ...renewals("a", "2026-07-10", NOVEMBER, {
        ...month,
        discountAmounts: [{ discount: discount.id, amount: 500 }],
      }, { discounts: [discount] }),
    ],
  };
  // A.5: eleven invoices of 500 become 0, one of 12500 becomes 11500: 11500/12.
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 1500 usd",
      "2026-06 contraction 1625/3 usd",
    ], ["2875/3 usd"]);
  }
});

Deno.test("inclusive tax is taken out of the past, and a metered item beside is nothing", async () => {
  const metered = makePrice({
    id: "meter",
    unit_amount: 10,
    recurring: { ...P30.recurring!, usage_type: "metered", meter: "mtr_1" },
  });
  const rate = {
    id: "txr_1",
    object: "tax_rate",
    inclusive: true,
    percentage: 20,
    effective_percentage: null,
  };
  const items = [
    makeItem({ id: "si_a", price: P30, created: t(START) }),
    makeItem({ id: "si_m", price: metered, created: t(START) }),
  ];
  const taxed = (invoice: Stripe.Invoice) => ({
    ...invoice,
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({
        ...line,
        taxes: [{
          amount: Math.round(line.amount / 6),
          tax_behavior: "inclusive",
          type: "tax_rate_details",
          tax_rate_details: { tax_rate: "txr_1" },
          taxable_amount: line.amount,
          taxability_reason: "standard_rated",
        }],
      })),
    },
  } as unknown as Stripe.Invoice);
  const objects = {
    prices: [P30, metered],
    tax_rates: [rate as never],
    subscriptions: [sub("a", { lines: items, default_tax_rates: [rate as never] })],
    invoices: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((each) => {
      const from = later(START, each);
      return taxed(lines("a", from, [
        { item: "si_a", price: "p30", amount: 3000, from: t(from), to: t(later(from, 1)) },
        {
          item: "si_m",
          price: "meter",
          amount: 770 * each,
          quantity: 77 * each,
          from: t(later(from, -1)),
          to: t(from),
        },
      ]));
    }),
  };
  await holds(objects, STRIPE, ["2026-03 new 2500 usd"], ["2500 usd"]);
  await holds(objects, { options: { inclusiveTax: "ignore" } }, ["2026-03 new 3000 usd"], USD3000);
});

Deno.test("a pause from the first invoice on: the beginning is the first period that was not paused", async () => {
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      ...pausedRenewals("a", START, "2026-04-10"),
      ...renewals("a", "2026-05-10", NOVEMBER),
    ],
  };
  await holds(objects, STRIPE, ["2026-05 new 3000 usd"], USD3000);
  await holds(objects, CHARTMOGUL, ["2026-03 new 3000 usd"], USD3000);
});

Deno.test("an item exchanged for another of the same price in mid-period moves nothing", async () => {
  const objects = {
    subscriptions: [sub("a", {
      lines: [makeItem({ id: "si_b", price: P30, created: t("2026-06-20") })],
    })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      lines("a", "2026-06-20", [
        {
          item: "si_a",
          price: "p30",
          amount: -2000,
          proration: true,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
        {
          item: "si_b",
          price: "p30",
          amount: 2000,
          proration: true,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
      ]),
      ...renewals("a", "2026-07-10", NOVEMBER, { item: "si_b" }),
    ],
  };
  for (const way of [STRIPE, PROFITWELL]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
});

Deno.test("a phase of a schedule that began at a renewal is dated there", async () => {
  const objects = {
    subscriptions: [sub("a", { price: P60 })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      ...renewals("a", "2026-07-10", NOVEMBER, { price: "p60", amount: 6000 }),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(
      objects,
      way,
      ["2026-03 new 3000 usd", "2026-07 expansion 3000 usd"],
      ["6000 usd"],
    );
  }
});

Deno.test("joined and left within a month is both by the day and neither by the period", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-03-25"),
      ended_at: t("2026-03-25"),
    })],
    invoices: [bill("a", START, "2026-04-10")],
  };
  await holds(objects, CHARTMOGUL, ["2026-03 new 3000 usd", "2026-03 churn 3000 usd"], []);
  await holds(objects, PROFITWELL, [], []);
});

Deno.test("two weeks are 26/12 of a month, or half of 4.33 as Paddle counts", async () => {
  const price = makePrice({
    id: "w2",
    unit_amount: 1000,
    recurring: { ...P30.recurring!, interval: "week", interval_count: 2 },
  });
  const two = 14 * 86_400;
  const created = t("2026-03-02");
  const objects = {
    prices: [price],
    subscriptions: [sub("a", { price, created })],
    invoices: Array.from({ length: 20 }, (_, each) => {
      const from = created + each * two;
      return lines("a", new Date(from * 1000).toISOString().slice(0, 19), [
        { item: "si_a", price: "w2", amount: 1000, from, to: from + two },
      ]);
    }),
  };
  await holds(objects, STRIPE, ["2026-03 new 6500/3 usd"], ["6500/3 usd"]);
  await holds(objects, PROFITWELL, ["2026-03 new 2165 usd"], ["2165 usd"]);
});

Deno.test("an invoice written off by hand and made anew for the same period counts once", async () => {
  for (const status of ["uncollectible", "open", "paid"]) {
    const objects = {
      subscriptions: [sub("a")],
      invoices: [
        ...renewals("a", START, NOVEMBER),
        bill("a", "2026-06-10", "2026-07-10", {}, {
          status,
          attempt_count: 2,
          status_transitions: {
            finalized_at: t("2026-06-10"),
            marked_uncollectible_at: status === "uncollectible" ? t("2026-06-14") : null,
          },
        }),
      ],
    };
    for (const way of [STRIPE, CHARTMOGUL]) {
      await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
    }
  }
});

Deno.test("a voided upgrade: the proration was voided by hand, the dearer price stays", async () => {
  const change = (status: "void" | "paid") =>
    lines("a", "2026-06-20", [
      {
        item: "si_a",
        price: "p30",
        amount: -2000,
        proration: true,
        from: t("2026-06-20"),
        to: t("2026-07-10"),
      },
      {
        item: "si_a",
        price: "p60",
        amount: 4000,
        proration: true,
        from: t("2026-06-20"),
        to: t("2026-07-10"),
      },
    ], {
      status,
      status_transitions: {
        finalized_at: t("2026-06-20"),
        voided_at: status === "void" ? t("2026-06-25") : null,
      },
    });
  for (const status of ["void", "paid"] as const) {
    const objects = {
      subscriptions: [sub("a", { price: P60 })],
      invoices: [
        ...renewals("a", START, "2026-06-10"),
        change(status),
        ...renewals("a", "2026-07-10", NOVEMBER, { price: "p60", amount: 6000 }),
      ],
    };
    for (const way of [STRIPE, CHARTMOGUL]) {
      await holds(
        objects,
        way,
        ["2026-03 new 3000 usd", "2026-06 expansion 3000 usd"],
        ["6000 usd"],
      );
    }
  }
});

Deno.test("an upgrade within a paused period: the pause hides it, and it returns at the new value", async () => {
  const objects = {
    subscriptions: [sub("a", { price: P60 })],
    invoices: [
      ...renewals("a", START, "2026-05-10"),
      ...pausedRenewals("a", "2026-06-10", "2026-07-10"),
      lines("a", "2026-07-20", [
        {
          item: "si_a",
          price: "p30",
          amount: -2000,
          proration: true,
          from: t("2026-07-20"),
          to: t("2026-08-10"),
        },
        {
          item: "si_a",
          price: "p60",
          amount: 4000,
          proration: true,
          from: t("2026-07-20"),
          to: t("2026-08-10"),
        },
      ], pausedBy("void", "2026-07-20")),
      ...renewals("a", "2026-08-10", NOVEMBER, { price: "p60", amount: 6000 }),
    ],
  };
  await holds(objects, STRIPE, [
    "2026-03 new 3000 usd",
    "2026-06 churn 3000 usd",
    "2026-08 reactivation 6000 usd",
  ], ["6000 usd"]);
  await holds(objects, CHARTMOGUL, [
    "2026-03 new 3000 usd",
    "2026-07 expansion 3000 usd",
  ], ["6000 usd"]);
});

Deno.test("a second item that came by a proration goes on to its renewal while the first is in its own year", async () => {
  const objects = {
    subscriptions: [sub("a", {
      lines: [
        makeItem({ id: "si_a", price: Y36, created: t(START) }),
        makeItem({ id: "si_b", price: Y48, created: t("2026-05-10") }),
      ],
    })],
    invoices: [
      bill("a", START, "2027-03-10", { price: "y36", amount: 36_000 }),
      lines("a", "2026-05-10", [{
        item: "si_b",
        price: "y48",
        amount: 39_978,
        proration: true,
        from: t("2026-05-10"),
        to: t("2027-03-10"),
      }]),
    ],
  };
  for (const way of [STRIPE, RECURLY]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-05 expansion 4000 usd",
    ], ["7000 usd"]);
  }
});

Deno.test("25 items: those beyond ten count in the past too", async () => {
  const items = Array.from({ length: 25 }, (_, each) => `si_${each}`);
  const objects = {
    subscriptions: [sub("a", {
      lines: items.map((id) => makeItem({ id, price: P30, created: t(START) })),
    })],
    invoices: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((each) => {
      const from = later(START, each);
      return lines(
        "a",
        from,
        items.slice(0, each < 4 ? 24 : 25).map((item) => ({
          item,
          price: "p30",
          amount: 3000,
          from: t(from),
          to: t(later(from, 1)),
        })),
      );
    }),
  };
  for (const way of [STRIPE, PROFITWELL]) {
    await holds(objects, way, [
      "2026-03 new 72000 usd",
      "2026-07 expansion 3000 usd",
    ], ["75000 usd"]);
  }
});

Deno.test("invoices of unknown lines and one that has none leave what was before, named", async () => {
  const [march, april, may, june, july, ...rest] = renewals("a", START, NOVEMBER);
  const odd = (invoice: Stripe.Invoice, change: object) =>
    ({
      ...invoice,
      lines: {
        ...invoice.lines,
        data: invoice.lines.data.map((line) => ({ ...line, ...change })),
      },
    }) as unknown as Stripe.Invoice;
  const objects = {
    subscriptions: [sub("a")],
    invoices: [
      march!,
      odd(april!, { amount: "much" }),
      odd(may!, { period: "all of May" }),
      { ...june!, lines: 12 } as unknown as Stripe.Invoice,
      odd(july!, { quantity: "two" }),
      ...rest,
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, ["2026-03 new 3000 usd"], USD3000);
  }
  await using followed = await read(objects);
  assert.deepEqual(
    followed.store.unreadable().map(({ id }) => id).sort(),
    [april, may, june, july].map((invoice) => invoice!.id).sort(),
  );
});

Deno.test("a downgrade to a free price is churn, not a trial; with the discount that was there before", async () => {
  const free = makePrice({ id: "free", unit_amount: 0 });
  const objects = {
    prices: [...PRICES, free],
    subscriptions: [sub("a", { price: free })],
    invoices: [
      ...renewals("a", START, "2026-06-10"),
      lines("a", "2026-06-20", [
        {
          item: "si_a",
          price: "p30",
          amount: -2000,
          proration: true,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
        {
          item: "si_a",
          price: "free",
          amount: 0,
          proration: true,
          from: t("2026-06-20"),
          to: t("2026-07-10"),
        },
      ]),
      ...renewals("a", "2026-07-10", NOVEMBER, { price: "free", amount: 0 }),
    ],
  };
  for (const way of [STRIPE, { options: { trialing: "count" } } as const]) {
    await holds(objects, way, ["2026-03 new 3000 usd", "2026-06 churn 3000 usd"], []);
  }
});

Deno.test("a free month of a price that has since gone is a hole like any other", async () => {
  const objects = {
    subscriptions: [sub("a", { trial_start: t("2026-06-10"), trial_end: t("2026-07-10") })],
    invoices: [
      ...renewals("a", START, "2026-04-10", { price: "gone" }),
      bill("a", "2026-05-10", "2026-06-10", { price: "gone", amount: 0 }),
      bill("a", "2026-06-10", "2026-07-10", { price: "gone", amount: 0 }),
      ...renewals("a", "2026-07-10", NOVEMBER),
    ],
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, [
      "2026-03 new 3000 usd",
      "2026-05 churn 3000 usd",
      "2026-07 reactivation 3000 usd",
    ], USD3000);
  }
});

Deno.test("cancelled at the end of a paused period, asked for before the pause: churn at the request under stripe", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-05-20"),
      ended_at: t("2026-06-10"),
      cancellation_details: { ...FAILED_REASON, reason: "cancellation_requested" },
    })],
    invoices: renewals("a", START, "2026-05-10"),
  };
  await holds(objects, STRIPE, ["2026-03 new 3000 usd", "2026-05 churn 3000 usd"], []);
  await holds(objects, BAREMETRICS, ["2026-03 new 3000 usd", "2026-06 churn 3000 usd"], []);
});

Deno.test("a dispute ends a subscription when it ended, whenever it was asked for", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "canceled",
      canceled_at: t("2026-06-25"),
      ended_at: t("2026-07-02"),
      cancellation_details: { ...FAILED_REASON, reason: "payment_disputed" },
    })],
    invoices: renewals("a", START, "2026-06-10"),
  };
  for (const way of [STRIPE, CHARTMOGUL]) {
    await holds(objects, way, ["2026-03 new 3000 usd", "2026-07 churn 3000 usd"], []);
  }
});

Deno.test("paused as a whole in mid-period: the item's period was moved to that second; else the stretch is inferred", async () => {
  const objects = {
    subscriptions: [sub("a", {
      status: "paused",
      lines: [makeItem({
        id: "si_a",
        price: P30,
        created: t(START),
        current_period_start: t("2026-07-10"),
        current_period_end: t("2026-07-20"),
      })],
    })],
    invoices: renewals("a", START, "2026-07-10"),
  };
  // A.2: pausing moves `current_period_end` to the pause time; no invoice says 10 August.
  await using followed = await read(objects);
  const last = followed.store.segments("a").filter(({ exact }) => exact.n > 0n).at(-1)!;
  assert.ok(
    last.to === t("2026-07-20") || last.quality === "inferred",
    spansOf(followed.store, "a").join("\n"),
  );
});

Deno.test("an invoice in a state that nobody knows does not state its period without a mark", async () => {
  const [march, april, ...rest] = renewals("a", START, NOVEMBER);
  const odd = { ...april!, status: "hibernating" } as unknown as Stripe.Invoice;
  await using followed = await read({
    subscriptions: [sub("a")],
    invoices: [march!, odd, ...rest],
  });
  // B.6 step 2.2: lines of paid, open, uncollectible and void are taken; 2.9: the rest is marked.
  const inApril = followed.store.segments("a").find(({ from, to }) =>
    from <= t("2026-04-20") && (to === null || to > t("2026-04-20"))
  )!;
  assert.equal(inApril.quality, "inferred");
});
