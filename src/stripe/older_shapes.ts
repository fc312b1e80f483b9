/**
 * Subscriptions, discounts and former values in the shapes of older API versions, since 2020-08-27,
 * turned into the shape of today's: an event keeps the version of its time, whatever the client asks
 * for (metrics.md D.1, second column; B.6 step 3). What is of today's shape stays as it is, and so
 * does what is of no known shape: whoever reads it says so.
 *
 * @module
 */

/** An object of Stripe's as JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object was: of one that stayed, Stripe names only the fields that have changed. */
function former(after: unknown, before: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return before;
  const fields = Object.entries(before).map(([name, value]) => [name, former(after[name], value)]);
  return { ...after, ...Object.fromEntries(fields) };
}

/** A discount, whose coupon stood in it directly until 2025. A bare id stays one. */
export function newestDiscount(value: unknown): unknown {
  if (!isObject(value) || value.source !== undefined || value.coupon === undefined) return value;
  const { coupon, ...rest } = value;
  return { ...rest, source: { type: "coupon", coupon } };
}

/** Discounts of an object that has had one only, or several with the one shown beside them. */
function newestDiscounts({ discounts, discount }: Json): unknown {
  const one = newestDiscount(discount);
  if (discounts === undefined) return one == null ? [] : [one];
  if (!Array.isArray(discounts)) return discounts;
  return discounts.map((each) => isObject(one) && one.id === each ? one : newestDiscount(each));
}

/** The price that a plan is the older form of. */
function priceOfPlan(plan: unknown): unknown {
  if (!isObject(plan)) return plan;
  return {
    ...plan,
    billing_scheme: plan.billing_scheme ?? "per_unit",
    recurring: {
      interval: plan.interval,
      interval_count: plan.interval_count,
      usage_type: plan.usage_type ?? "licensed",
    },
    transform_quantity: plan.transform_usage,
    unit_amount: plan.amount,
    unit_amount_decimal: plan.amount_decimal,
  };
}

/** @param period Where the subscription says it for all of its items. */
function newestItem(value: unknown, period: Json): unknown {
  if (!isObject(value)) return value;
  const discounts = value.discounts;
  return {
    ...value,
    price: value.price ?? priceOfPlan(value.plan),
    current_period_start: value.current_period_start ?? period.current_period_start,
    current_period_end: value.current_period_end ?? period.current_period_end,
    discounts: Array.isArray(discounts) ? discounts.map(newestDiscount) : discounts,
  };
}

function newestItems(value: unknown, period: Json): unknown {
  if (!isObject(value) || !Array.isArray(value.data)) return value;
  return { ...value, data: value.data.map((item) => newestItem(item, period)) };
}

/** The only item of a subscription that shows its plan and no items: it goes by its id. */
function itemsOf({ id, items, plan, quantity }: Json): unknown {
  if (items !== undefined || !isObject(plan)) return items;
  return { data: [{ id, plan, quantity }], has_more: false };
}

function currencyOf({ currency, plan, items }: Json): unknown {
  if (currency !== undefined) return currency;
  const [item] = isObject(items) && Array.isArray(items.data) ? items.data : [];
  const priced = isObject(item) ? item.price ?? item.plan : plan;
  return isObject(priced) ? priced.currency : undefined;
}

/** A whole subscription of any version since 2020-08-27 in today's shape. */
export function newestSubscription(value: Json): Json {
  return {
    ...value,
    currency: currencyOf(value),
    items: newestItems(itemsOf(value), value),
    discounts: newestDiscounts(value),
  };
}

/** Former items as a list: whole, or ten out of more (`has_more`). */
function formerItems(after: Json, before: Json): unknown {
  // Where only a count has changed, the items are what they were.
  if (isObject(before.items) && before.items.data === undefined) return undefined;
  return newestItems(former(after.items, before.items), {
    current_period_start: before.current_period_start ?? after.current_period_start,
    current_period_end: before.current_period_end ?? after.current_period_end,
  });
}

/** The former only item, where the event names its plan or quantity instead of the items. */
function formerPlan(after: Json, before: Json): unknown {
  const items = itemsOf(after);
  const [only, ...others] = isObject(items) && Array.isArray(items.data) ? items.data : [];
  // Of several items the event does not tell which.
  if (!isObject(only) || others.length > 0 || before.plan === null) return null;
  const priced = before.plan === undefined
    ? {}
    : { price: priceOfPlan(former(after.plan, before.plan)) };
  const counted = before.quantity === undefined ? {} : { quantity: before.quantity };
  return newestItems({ data: [{ ...only, ...priced, ...counted }], has_more: false }, after);
}

/**
 * What `previous_attributes` tell, in today's shape and complete: objects and lists as they were as
 * a whole. `current_period` is when the period of all items was, where older versions name that.
 *
 * @param before The event's `previous_attributes`.
 * @param after The event's object, as it was after the change.
 */
export function formerFields(before: Json, after: Json): Json {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(before)) fields[name] = former(after[name], value);
  if (before.discounts !== undefined || before.discount !== undefined) {
    fields.discounts = newestDiscounts({ discounts: before.discounts, discount: fields.discount });
  }
  const period = before.current_period_start ?? before.current_period_end;
  if (before.items !== undefined) fields.items = formerItems(after, before);
  else if (before.plan !== undefined || before.quantity !== undefined) {
    fields.items = formerPlan(after, before);
  }
  if (fields.items === undefined && period !== undefined) {
    fields.current_period = {
      start: before.current_period_start ?? after.current_period_start,
      end: before.current_period_end ?? after.current_period_end,
    };
  }
  return fields;
}
