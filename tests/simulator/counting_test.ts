/** The company's own figures under each option of metrics.md A.1, worked out by hand. */
import assert from "node:assert/strict";
import { type Counting, COUNTINGS } from "../../src/simulator/mod.ts";
import type { CouponSpec, PriceSpec } from "../../src/simulator/company/catalogue.ts";
import { append, discountFrom } from "../../src/simulator/company/changes.ts";
import {
  GRADUATED_MONTHLY,
  SEAT_FORTNIGHTLY,
  SEAT_MONTHLY,
  SEAT_TEN_DAYS,
  SEAT_WEEKLY,
  SEAT_YEARLY,
  VOLUME_MONTHLY,
} from "../../src/simulator/company/cases/catalogue.ts";
import { openScript } from "../../src/simulator/company/cases/script.ts";
import { text } from "../../src/simulator/company/fraction.ts";
import { current, type CustomerRecord, type SubState } from "../../src/simulator/company/state.ts";
import { revenueOf } from "../../src/simulator/company/worth.ts";
import { createDice } from "../../src/simulator/random.ts";

const OPENED = 1_790_000_000;
const DAY = 86_400;
const AT = OPENED + 10 * DAY;

interface Given {
  readonly price?: PriceSpec;
  readonly quantity?: number;
  readonly tax?: number;
  readonly coupon?: CouponSpec;
  readonly customerCoupon?: CouponSpec;
  readonly change?: Partial<SubState>;
  readonly at?: number;
}

/** Monthly revenue of one subscription in dollars, as a fraction of cents. */
function worth(given: Given, counting: Partial<Counting> = {}): string {
  const { price = SEAT_MONTHLY, quantity = 1, tax, coupon, customerCoupon, at = AT } = given;
  const customer: CustomerRecord = {
    index: 0,
    id: "cus_a",
    created: OPENED,
    currency: "usd",
    tax: tax === undefined ? null : { id: "txr_a", country: "US", percentage: tax },
    discount: customerCoupon ? discountFrom(customerCoupon, OPENED, AT + DAY, 0) : null,
    subscriptions: [],
  };
  const script = { at: OPENED, items: [[price, quantity] as const], traits: {}, acts: [] };
  const sub = openScript(script, "hand", customer, 0, 1, createDice(1));
  if (coupon) {
    append(sub, OPENED, "coupon_applied", {
      discounts: [discountFrom(coupon, OPENED, AT + DAY, 0)],
    });
  }
  append(sub, OPENED + DAY, "created", given.change ?? {});
  return text(revenueOf(sub, current(sub), at, { ...COUNTINGS.stripe, ...counting }));
}

Deno.test("a plain subscription is its price a month, a yearly one a twelfth", () => {
  assert.equal(worth({}), "1000");
  assert.equal(worth({ price: SEAT_YEARLY }), "2500/3");
});

Deno.test("weeks and days follow their factors: 52 / 12 and 365 / 12, or 4.33 and 30", () => {
  assert.equal(worth({ price: SEAT_WEEKLY }), "3380/3");
  assert.equal(worth({ price: SEAT_WEEKLY }, { weeksPerMonth: "433/100" }), "5629/5");
  assert.equal(worth({ price: SEAT_FORTNIGHTLY }), "3250/3");
  assert.equal(worth({ price: SEAT_TEN_DAYS }), "3650/3");
  assert.equal(worth({ price: SEAT_TEN_DAYS }, { daysPerMonth: "30" }), "1200");
});

Deno.test("tiers add up with their flat fees, and a quantity of nothing pays the first", () => {
  // 2000 + (8 - 5) x 900 + 500; 8 x 900 + 500.
  assert.equal(worth({ price: GRADUATED_MONTHLY, quantity: 8 }), "5200");
  assert.equal(worth({ price: VOLUME_MONTHLY, quantity: 8 }), "7700");
  assert.equal(worth({ price: GRADUATED_MONTHLY, quantity: 0 }), "2000");
  assert.equal(worth({ price: VOLUME_MONTHLY, quantity: 0 }), "2000");
});

Deno.test("past due counts, or not, or for thirty days and not a second more", () => {
  const change = { status: "past_due" } as const;
  const since = OPENED + DAY;
  const options: Partial<Counting> = { pastDue: { maxDays: 30 } };
  assert.equal(worth({ change }), "1000");
  assert.equal(worth({ change }, { pastDue: "exclude" }), "0");
  assert.equal(worth({ change, at: since + 30 * DAY }, options), "1000");
  assert.equal(worth({ change, at: since + 30 * DAY + 1 }, options), "0");
});

Deno.test("a trial is nothing, or counts where trials count", () => {
  const change = { status: "trialing", trialStart: OPENED, trialEnd: AT + DAY } as const;
  assert.equal(worth({ change }), "0");
  assert.equal(worth({ change }, { trialing: "count" }), "1000");
});

Deno.test("a cancellation counts from its request, from the end, or from a term's last period", () => {
  const change = { cancelAtPeriodEnd: true, cancelAt: OPENED + 30 * DAY };
  assert.equal(worth({ change }), "0");
  assert.equal(worth({ change }, { cancellation: "at_end" }), "1000");
  const term = { cancelAt: OPENED + 100 * DAY };
  assert.equal(worth({ change: term }), "1000");
  assert.equal(worth({ change: term, at: OPENED + 95 * DAY }), "0");
});

Deno.test("a pause is nothing by its behaviour, always, or never", () => {
  const paused = (behavior: "void" | "keep_as_draft" | "mark_uncollectible") => ({
    change: { pause: { behavior, resumesAt: null } },
  });
  const ways = ["by_behavior", "exclude", "count"] as const;
  const told = (behavior: Parameters<typeof paused>[0]) =>
    ways.map((pauseCollection) => worth(paused(behavior), { pauseCollection }));
  assert.deepEqual(told("void"), ["0", "0", "1000"]);
  assert.deepEqual(told("mark_uncollectible"), ["0", "0", "1000"]);
  assert.deepEqual(told("keep_as_draft"), ["1000", "0", "1000"]);
});

Deno.test("forever coupons are always taken off, the others by their options and while they last", () => {
  const half = { id: "HALF", name: "half", percent: 50 } as const;
  const forever: CouponSpec = { ...half, duration: "forever" };
  const repeating: CouponSpec = { ...half, duration: "repeating", months: 3 };
  const once: CouponSpec = { ...half, duration: "once" };
  assert.equal(worth({ coupon: forever }), "500");
  assert.equal(worth({ coupon: repeating }), "1000");
  assert.equal(worth({ coupon: repeating }, { subtractRepeating: true }), "500");
  assert.equal(
    worth({ coupon: repeating, at: OPENED + 100 * DAY }, { subtractRepeating: true }),
    "1000",
  );
  assert.equal(worth({ coupon: once }, { subtractOnce: true }), "500");
  assert.equal(worth({ coupon: once, at: AT + 2 * DAY }, { subtractOnce: true }), "1000");
  assert.equal(worth({ coupon: once }), "1000");
});

Deno.test("the customer's own coupon counts only where the subscription has none", () => {
  const off = { duration: "forever", name: "off" } as const;
  const own: CouponSpec = { ...off, id: "OWN", amount: { usd: 300 } };
  assert.equal(worth({ customerCoupon: own }), "700");
  assert.equal(worth({ customerCoupon: own, coupon: { ...off, id: "TEN", percent: 10 } }), "900");
});

Deno.test("inclusive tax is divided out, or left in", () => {
  assert.equal(worth({ tax: 20 }), "2500/3");
  assert.equal(worth({ tax: 20 }, { inclusiveTax: "ignore" }), "1000");
});

Deno.test("a trial of the item alone is nothing while it runs, or its price", () => {
  const items = [{
    id: "si_a",
    created: OPENED,
    price: SEAT_MONTHLY,
    quantity: 1,
    discounts: [],
    offer: { start: OPENED, end: AT + DAY },
  }];
  assert.equal(worth({ change: { items } }), "0");
  assert.equal(worth({ change: { items } }, { trialOffers: "count_trial_price" }), "1000");
  assert.equal(worth({ change: { items }, at: AT + DAY }), "1000");
});
