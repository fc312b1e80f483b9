/** What only the cases sell: odd intervals, flat fees, many small modules, coupons of every kind. */
import type { Amounts, CouponSpec, PriceSpec, ProductSpec, TierSpec } from "../catalogue.ts";

const suite: ProductSpec = { id: "prod_1suite", name: "Suite", unitLabel: "seat" };
const meters: ProductSpec = { id: "prod_1meters", name: "Meters", unitLabel: "meter" };
const modules: ProductSpec = { id: "prod_1modules", name: "Modules", unitLabel: "module" };

export const CASE_PRODUCTS: readonly ProductSpec[] = [suite, meters, modules];

function inThree(usd: number, eur: number, gbp: number): Amounts {
  return { usd, eur, gbp };
}

function seat(id: string, months: PriceSpec["months"], unit: Amounts): PriceSpec {
  return {
    id: `price_1suite_${id}`,
    product: suite,
    nickname: `Suite ${id}`,
    currency: "usd",
    months,
    unit,
  };
}

export const SEAT_MONTHLY = seat("monthly", 1, inThree(1000, 950, 800));
export const SEAT_YEARLY = seat("yearly", 12, inThree(10_000, 9_500, 8_000));
export const SEAT_WEEKLY: PriceSpec = {
  ...seat("weekly", 1, inThree(260, 240, 210)),
  every: { unit: "week", count: 1 },
};
export const SEAT_FORTNIGHTLY: PriceSpec = {
  ...seat("fortnightly", 1, inThree(500, 470, 410)),
  every: { unit: "day", count: 14 },
};
export const SEAT_TEN_DAYS: PriceSpec = {
  ...seat("ten_days", 1, inThree(400, 370, 320)),
  every: { unit: "day", count: 10 },
};

const FEES: readonly TierSpec[] = [
  { upTo: 5, unit: inThree(0, 0, 0), flat: inThree(2000, 1900, 1600) },
  { upTo: 20, unit: inThree(900, 850, 700), flat: inThree(500, 450, 400) },
  { upTo: null, unit: inThree(700, 650, 550), flat: inThree(1200, 1100, 950) },
];

function tiered(id: string, months: 1 | 12, mode: "graduated" | "volume"): PriceSpec {
  return {
    id: `price_1meters_${id}`,
    product: meters,
    nickname: `Meters ${id}`,
    currency: "usd",
    months,
    tiers: FEES,
    mode,
  };
}

export const GRADUATED_MONTHLY = tiered("graduated", 1, "graduated");
export const GRADUATED_YEARLY = tiered("graduated_yearly", 12, "graduated");
export const VOLUME_MONTHLY = tiered("volume", 1, "volume");
export const VOLUME_YEARLY = tiered("volume_yearly", 12, "volume");

function modulesOf(months: 1 | 12): PriceSpec[] {
  return Array.from({ length: 25 }, (_, index) => ({
    id: `price_1module${String(index + 1).padStart(2, "0")}_${months === 1 ? "m" : "y"}`,
    product: modules,
    nickname: `Module ${index + 1}`,
    currency: "usd",
    months,
    unit: inThree((110 + 10 * index) * months, (100 + 10 * index) * months, (90 + index) * months),
  }));
}

export const MODULES_MONTHLY = modulesOf(1);
export const MODULES_YEARLY = modulesOf(12);

export const CASE_PRICES: readonly PriceSpec[] = [
  SEAT_MONTHLY,
  SEAT_YEARLY,
  SEAT_WEEKLY,
  SEAT_FORTNIGHTLY,
  SEAT_TEN_DAYS,
  GRADUATED_MONTHLY,
  GRADUATED_YEARLY,
  VOLUME_MONTHLY,
  VOLUME_YEARLY,
  ...MODULES_MONTHLY,
  ...MODULES_YEARLY,
];

/** Percent and amount, for ever, for some months and once. */
export const CASE_COUPONS = [
  { id: "FOREVER10", name: "10 % for good", duration: "forever", percent: 10 },
  {
    id: "FOREVER3OFF",
    name: "3 off for good",
    duration: "forever",
    amount: inThree(300, 280, 240),
  },
  { id: "HALFYEAR20", name: "20 % for half a year", duration: "repeating", months: 6, percent: 20 },
  {
    id: "QUARTER4OFF",
    name: "4 off for a quarter",
    duration: "repeating",
    months: 3,
    amount: inThree(400, 370, 320),
  },
  { id: "ONCE40", name: "40 % once", duration: "once", percent: 40 },
  { id: "ONCE5OFF", name: "5 off once", duration: "once", amount: inThree(500, 470, 410) },
] as const satisfies readonly CouponSpec[];
