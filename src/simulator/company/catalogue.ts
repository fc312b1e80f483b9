/** What the synthetic company sells: products, prices in three currencies, coupons, tax rates. */

export const CURRENCIES = ["usd", "eur", "gbp"] as const;
export type Currency = typeof CURRENCIES[number];

/** An amount in minor units for each currency; text where it is not whole. */
export type Amounts = Readonly<Partial<Record<Currency, number | string>>>;

export interface TierSpec {
  /** Inclusive; null is without end. */
  readonly upTo: number | null;
  readonly unit: Amounts;
  readonly flat?: Amounts;
}

export interface ProductSpec {
  readonly id: string;
  readonly name: string;
  readonly unitLabel?: string;
}

export interface PriceSpec {
  readonly id: string;
  readonly product: ProductSpec;
  readonly nickname: string;
  readonly currency: Currency;
  /** Months of its interval: 1 or 12; those with `every` have another one. */
  readonly months: 1 | 12;
  /** An interval of weeks or days. */
  readonly every?: { readonly unit: "week" | "day"; readonly count: number };
  readonly unit?: Amounts;
  readonly tiers?: readonly TierSpec[];
  readonly mode?: "graduated" | "volume";
  /** Units in a package; a package begun is charged. */
  readonly packageSize?: number;
  /** The usual quantities; without it the quantity is 1. */
  readonly quantities?: readonly [low: number, high: number];
}

const starter: ProductSpec = { id: "prod_1starter", name: "Starter" };
const team: ProductSpec = { id: "prod_1team", name: "Team", unitLabel: "seat" };
const business: ProductSpec = { id: "prod_1business", name: "Business" };
const contacts: ProductSpec = { id: "prod_1contacts", name: "Contacts", unitLabel: "contact" };
const enterprise: ProductSpec = { id: "prod_1enterprise", name: "Enterprise", unitLabel: "seat" };
const api: ProductSpec = { id: "prod_1api", name: "API requests", unitLabel: "request" };
const support: ProductSpec = { id: "prod_1support", name: "Priority support" };
const storage: ProductSpec = { id: "prod_1storage", name: "Storage", unitLabel: "GB" };

export const PRODUCTS: readonly ProductSpec[] = [
  starter,
  team,
  business,
  contacts,
  enterprise,
  api,
  support,
  storage,
];

function inThree(usd: number | string, eur: number | string, gbp: number | string): Amounts {
  return { usd, eur, gbp };
}

function flat(
  id: string,
  product: ProductSpec,
  nickname: string,
  months: 1 | 12,
  unit: Amounts,
  quantities?: readonly [number, number],
): PriceSpec {
  const base = { id: `price_1${id}`, product, nickname, currency: "usd", months, unit } as const;
  return quantities ? { ...base, quantities } : base;
}

/** Business has a price of its own for each currency; the others are multi-currency prices. */
function businessPrices(months: 1 | 12, amounts: Amounts): PriceSpec[] {
  const cadence = months === 1 ? "monthly" : "yearly";
  return CURRENCIES.map((currency) => ({
    id: `price_1business_${cadence}_${currency}`,
    product: business,
    nickname: `Business ${cadence}`,
    currency,
    months,
    unit: { [currency]: amounts[currency]! },
  }));
}

const CONTACT_TIERS: readonly TierSpec[] = [
  { upTo: 1_000, unit: inThree(0, 0, 0), flat: inThree(3900, 3600, 3100) },
  { upTo: 10_000, unit: inThree("1.5", "1.4", "1.2") },
  { upTo: null, unit: inThree("0.8", "0.75", "0.65") },
];

const ENTERPRISE_TIERS: readonly TierSpec[] = [
  { upTo: 10, unit: inThree(2400, 2200, 1900) },
  { upTo: 50, unit: inThree(1900, 1750, 1500) },
  { upTo: null, unit: inThree(1500, 1400, 1200) },
];

export const STARTER_MONTHLY = flat(
  "starter_monthly",
  starter,
  "Starter monthly",
  1,
  inThree(1900, 1800, 1500),
);
export const STARTER_YEARLY = flat(
  "starter_yearly",
  starter,
  "Starter yearly",
  12,
  inThree(19000, 18000, 15000),
);
export const TEAM_MONTHLY = flat(
  "team_monthly",
  team,
  "Team monthly",
  1,
  inThree(1200, 1100, 950),
  [2, 12],
);
export const TEAM_YEARLY = flat(
  "team_yearly",
  team,
  "Team yearly",
  12,
  inThree(12000, 11000, 9500),
  [2, 12],
);
export const BUSINESS_MONTHLY = businessPrices(1, inThree(14900, 13900, 11900));
export const BUSINESS_YEARLY = businessPrices(12, inThree(149000, 139000, 119000));
export const CONTACTS_MONTHLY: PriceSpec = {
  id: "price_1contacts_monthly",
  product: contacts,
  nickname: "Contacts monthly",
  currency: "usd",
  months: 1,
  tiers: CONTACT_TIERS,
  mode: "graduated",
  quantities: [500, 14_000],
};
export const ENTERPRISE_MONTHLY: PriceSpec = {
  id: "price_1enterprise_monthly",
  product: enterprise,
  nickname: "Enterprise monthly",
  currency: "usd",
  months: 1,
  tiers: ENTERPRISE_TIERS,
  mode: "volume",
  quantities: [6, 60],
};
export const API_MONTHLY: PriceSpec = {
  ...flat("api_monthly", api, "API packs of 1,000", 1, inThree(900, 850, 750), [800, 12_000]),
  packageSize: 1_000,
};
export const SUPPORT_MONTHLY = flat(
  "support_monthly",
  support,
  "Priority support monthly",
  1,
  inThree(4900, 4500, 3900),
);
export const SUPPORT_YEARLY = flat(
  "support_yearly",
  support,
  "Priority support yearly",
  12,
  inThree(49000, 45000, 39000),
);
export const STORAGE_MONTHLY = flat(
  "storage_monthly",
  storage,
  "Storage monthly",
  1,
  inThree("12.5", "11.5", "10"),
  [50, 400],
);

export const PRICES: readonly PriceSpec[] = [
  STARTER_MONTHLY,
  STARTER_YEARLY,
  TEAM_MONTHLY,
  TEAM_YEARLY,
  ...BUSINESS_MONTHLY,
  ...BUSINESS_YEARLY,
  CONTACTS_MONTHLY,
  ENTERPRISE_MONTHLY,
  API_MONTHLY,
  SUPPORT_MONTHLY,
  SUPPORT_YEARLY,
  STORAGE_MONTHLY,
];

export interface CouponSpec {
  readonly id: string;
  readonly name: string;
  readonly duration: "forever" | "repeating" | "once";
  readonly months?: number;
  readonly percent?: number;
  readonly amount?: Amounts;
  readonly appliesTo?: ProductSpec;
}

export const COUPONS = {
  partner: { id: "PARTNER20", name: "Partner, 20 % off", duration: "forever", percent: 20 },
  loyal: {
    id: "LOYAL10OFF",
    name: "Ten off, for good",
    duration: "forever",
    amount: { usd: 1000, eur: 900, gbp: 800 },
  },
  nonprofit: {
    id: "NONPROFIT",
    name: "Non-profit, 12.5 % off",
    duration: "forever",
    percent: 12.5,
  },
  seats: {
    id: "SEATS15",
    name: "Seats, 15 % off",
    duration: "forever",
    percent: 15,
    appliesTo: team,
  },
  launch: {
    id: "LAUNCH50",
    name: "Launch, half price",
    duration: "repeating",
    months: 3,
    percent: 50,
  },
  stay: { id: "STAY25", name: "Stay, 25 % off", duration: "repeating", months: 6, percent: 25 },
  welcome: { id: "WELCOME30", name: "Welcome, 30 % off", duration: "once", percent: 30 },
} as const satisfies Record<string, CouponSpec>;

export interface TaxSpec {
  readonly id: string;
  readonly country: string;
  readonly percentage: number;
}

/** Inclusive taxes by currency; dollars are sold without. */
export const TAXES: Readonly<Partial<Record<Currency, TaxSpec>>> = {
  eur: { id: "txr_1germany", country: "DE", percentage: 19 },
  gbp: { id: "txr_1britain", country: "GB", percentage: 20 },
};
