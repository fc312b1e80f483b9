/** The filters of each list, as Stripe's list parameters have them. */
import { parameterInvalid } from "./errors.ts";
import type { Kind, StripeObject } from "./kinds.ts";
import type { Parameters, Query, Range } from "./query.ts";

type Matches = (object: StripeObject) => boolean;
type Filter = (values: readonly string[]) => Matches;

const SUBSCRIPTION_STATUSES = [
  "all",
  "active",
  "canceled",
  "ended",
  "incomplete",
  "incomplete_expired",
  "past_due",
  "paused",
  "trialing",
  "unpaid",
];
const INVOICE_STATUSES = ["draft", "open", "paid", "uncollectible", "void"];
const TYPES_MAX = 20;

function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as StripeObject)["id"] : value;
}

function equals(field: string): Filter {
  return ([wanted]) => (object) => idOf(object[field]) === wanted;
}

function flag(field: string): Filter {
  return ([wanted]) => {
    if (wanted !== "true" && wanted !== "false") {
      throw parameterInvalid(field, `Invalid boolean: ${wanted}`);
    }
    return (object) => object[field] === (wanted === "true");
  };
}

function oneOf(field: string, allowed: readonly string[]): Filter {
  return ([wanted = ""]) => {
    if (!allowed.includes(wanted)) {
      throw parameterInvalid(
        field,
        `Invalid ${field}: must be one of ${allowed.slice(0, -1).join(", ")}, or ${allowed.at(-1)}`,
      );
    }
    return (object) => object[field] === wanted;
  };
}

function status(values: readonly string[]): Matches {
  const [wanted = ""] = values;
  const matches = oneOf("status", SUBSCRIPTION_STATUSES)(values);
  if (wanted === "all") return () => true;
  if (wanted !== "ended") return matches;
  return ({ status }) => status === "canceled" || status === "incomplete_expired";
}

function holdsPrice([wanted]: readonly string[]): Matches {
  return ({ items }) => {
    const { data } = items as { data: readonly { price?: { id?: string } }[] };
    return data.some((item) => item.price?.id === wanted);
  };
}

function ofSubscription([wanted]: readonly string[]): Matches {
  return ({ parent }) => {
    const details = (parent as { subscription_details?: StripeObject } | null)
      ?.subscription_details;
    return idOf(details?.["subscription"]) === wanted;
  };
}

function typeIs(values: readonly string[]): Matches {
  if (values.length > TYPES_MAX) {
    throw parameterInvalid("types", `You may only specify up to ${TYPES_MAX} event types.`);
  }
  return ({ type }) =>
    values.some((wanted) =>
      wanted.endsWith("*") ? String(type).startsWith(wanted.slice(0, -1)) : type === wanted
    );
}

function recurring(field: string): Filter {
  return ([wanted]) => (object) => (object["recurring"] as StripeObject | null)?.[field] === wanted;
}

function among(field: string): Filter {
  return (values) => (object) => values.includes(String(object[field]));
}

const FILTERS: Readonly<Record<Kind, Readonly<Record<string, Filter>>>> = {
  subscriptions: {
    collection_method: equals("collection_method"),
    customer: equals("customer"),
    plan: holdsPrice,
    price: holdsPrice,
    status,
    test_clock: equals("test_clock"),
  },
  customers: { email: equals("email"), test_clock: equals("test_clock") },
  products: { active: flag("active"), "ids[]": among("id"), type: equals("type") },
  prices: {
    active: flag("active"),
    currency: equals("currency"),
    "lookup_keys[]": among("lookup_key"),
    product: equals("product"),
    type: oneOf("type", ["one_time", "recurring"]),
    "recurring[interval]": recurring("interval"),
    "recurring[usage_type]": recurring("usage_type"),
  },
  coupons: {},
  tax_rates: { active: flag("active"), inclusive: flag("inclusive") },
  invoices: {
    collection_method: equals("collection_method"),
    customer: equals("customer"),
    status: oneOf("status", INVOICE_STATUSES),
    subscription: ofSubscription,
  },
  events: { type: typeIs, "types[]": typeIs },
  balance_transactions: {
    currency: equals("currency"),
    payout: equals("payout"),
    source: equals("source"),
    type: equals("type"),
  },
  charges: { customer: equals("customer"), payment_intent: equals("payment_intent") },
  credit_notes: { customer: equals("customer"), invoice: equals("invoice") },
  disputes: { charge: equals("charge"), payment_intent: equals("payment_intent") },
  invoice_payments: { invoice: equals("invoice"), status: equals("status") },
  payouts: { destination: equals("destination"), status: equals("status") },
  promotion_codes: { active: flag("active"), code: equals("code"), coupon: equals("coupon") },
  refunds: { charge: equals("charge"), payment_intent: equals("payment_intent") },
  subscription_schedules: { customer: equals("customer") },
};

const RANGES: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  subscriptions: ["current_period_end", "current_period_start"],
  invoices: ["due_date"],
  payouts: ["arrival_date"],
  subscription_schedules: ["canceled_at", "completed_at", "released_at"],
};

/** The parameters that a list understands; `created` everywhere. */
export function listParameters(kind: Kind): Parameters {
  return {
    isList: true,
    ranges: ["created", ...RANGES[kind] ?? []],
    filters: Object.keys(FILTERS[kind]),
  };
}

function within(value: number, { gt, gte, lt, lte }: Range): boolean {
  return (gt === undefined || value > gt) && (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) && (lte === undefined || value <= lte);
}

function rangeFilter(field: string, range: Range): Matches {
  return (object) => {
    const items = (object["items"] as { data?: readonly StripeObject[] } | undefined)?.data;
    const values = items ? items.map((item) => item[field]) : [object[field]];
    return values.some((value) => typeof value === "number" && within(value, range));
  };
}

/**
 * The predicate of a list request; undefined when everything matches.
 *
 * @throws ApiError 400 for a value that a filter does not know.
 */
export function listFilter(kind: Kind, query: Query): Matches | undefined {
  const all: Matches[] = [];
  for (const [name, values] of query.filters) {
    const filter = FILTERS[kind][name];
    if (filter) all.push(filter(values));
  }
  for (const [name, range] of query.ranges) {
    if (name !== "created") all.push(rangeFilter(name, range));
  }
  if (kind === "subscriptions") all.push(...subscriptionDefaults(query));
  if (all.length === 0) return undefined;
  return (object) => all.every((matches) => matches(object));
}

/** Canceled ones, and those on test clocks, are left out unless asked for. */
function subscriptionDefaults({ filters }: Query): Matches[] {
  const defaults: Matches[] = [];
  if (!filters.has("status")) defaults.push(({ status }) => status !== "canceled");
  if (!filters.has("test_clock") && !filters.has("customer")) {
    defaults.push(({ test_clock }) => test_clock == null);
  }
  return defaults;
}
