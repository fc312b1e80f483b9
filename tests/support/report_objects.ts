/**
 * The objects of a report (`tests/reports`) in the shape that the simulator keeps: lists wrapped,
 * prices inline, discounts as objects. Reports keep ids where Stripe would expand, and a discount's
 * own object is found wherever an event carries it.
 */
import type { ObjectLists } from "../../src/simulator/mod.ts";

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every discount that stands anywhere in it, by id, in the newest shape. */
function discountsIn(value: unknown, found = new Map<string, Json>()): Map<string, Json> {
  if (Array.isArray(value)) { for (const each of value) discountsIn(each, found); }
  if (!isObject(value)) return found;
  if (value["object"] === "discount" && typeof value["id"] === "string") {
    const { coupon, deleted: _, ...rest } = value;
    const of = isObject(coupon) ? coupon["id"] : coupon;
    const source = value["source"] ?? { type: "coupon", coupon: of };
    found.set(value["id"], { ...rest, source });
  }
  for (const each of Object.values(value)) discountsIn(each, found);
  return found;
}

export function reportObjects(objects: Readonly<Record<string, readonly Json[]>>): ObjectLists {
  const discounts = discountsIn(objects);
  const prices = new Map((objects["prices"] ?? []).map((price) => [price["id"], price]));
  const expanded = (ids: unknown) =>
    Array.isArray(ids) ? ids.map((id) => discounts.get(String(id)) ?? id) : ids;
  const listOf = (data: unknown, url: string) =>
    Array.isArray(data) ? { object: "list", data, has_more: false, url } : data;
  const items = (sub: Json) =>
    (sub["items"] as Json[]).map((item) => ({
      ...item,
      price: prices.get(item["price"] as string) ?? item["price"],
      discounts: expanded(item["discounts"]),
    }));
  const lines = (invoice: Json) =>
    (invoice["lines"] as Json[]).map((line) => ({
      ...line,
      discounts: expanded(line["discounts"]),
    }));
  return {
    ...objects,
    subscriptions: (objects["subscriptions"] ?? []).map((sub) => ({
      ...sub,
      discounts: expanded(sub["discounts"]),
      items: listOf(items(sub), `/v1/subscription_items?subscription=${sub["id"]}`),
    })),
    invoices: (objects["invoices"] ?? []).map((invoice) => ({
      ...invoice,
      discounts: expanded(invoice["discounts"]),
      lines: listOf(lines(invoice), `/v1/invoices/${invoice["id"]}/lines`),
    })),
  } as unknown as ObjectLists;
}
