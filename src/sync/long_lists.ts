/**
 * Lists inside an object, of which Stripe gives the first ten: completed before the object is read,
 * so that no reader takes ten for all (metrics.md D.2).
 *
 * @module
 */
import { shape, text } from "../stripe/shape.ts";
import { isGap } from "./gaps.ts";
import { eachOf } from "./each_of.ts";
import { listAll, type ListingContext } from "./listing.ts";

/** Whether a subscription has more items than came along. */
function hasMoreItems<T>(value: T): value is T & object {
  const items = (value as { items?: { has_more?: unknown } } | null)?.items;
  return items?.has_more === true;
}

/**
 * A subscription with all its items; as it came where it is gone meanwhile.
 *
 * @throws {StripeFault}
 */
export async function withAllItems<T>(context: ListingContext, value: T): Promise<T> {
  return hasMoreItems(value) ? await withItems(context, value, ["data.discounts"]) : value;
}

/**
 * A subscription with its items read again; as it came where it is gone meanwhile.
 *
 * @throws {StripeFault}
 */
export async function withItems<T extends object>(
  context: ListingContext,
  value: T,
  expand: readonly string[],
): Promise<T> {
  const data: unknown[] = [];
  const query = { subscription: text(shape(value), "id"), expand };
  try {
    await listAll(context, "/v1/subscription_items", query, (page) => void data.push(...page));
  } catch (error) {
    if (!isGap(error)) throw error;
    return value;
  }
  return { ...value, items: { data, has_more: false } };
}

/** The same subscriptions, each with all its items. @throws {StripeFault} */
export async function eachWithAllItems(
  context: ListingContext,
  subscriptions: readonly unknown[],
): Promise<readonly unknown[]> {
  const whole = [...subscriptions];
  await eachOf(whole.entries(), async ([index, value]) => {
    whole[index] = await withAllItems(context, value);
  });
  return whole;
}
