/**
 * Mirrors of prices, coupons, products and customers, translated from what Stripe returned. An
 * object that cannot be understood is kept as unreadable.
 *
 * @module
 */
import type { Price } from "../metrics/types.ts";
import type { SourceStore } from "../store/port.ts";
import { idIn, shape, ShapeError, text } from "../stripe/shape.ts";
import { translateCoupon, translateDiscount, translatePrice } from "../stripe/translate.ts";

export interface ObjectMirror {
  putPrice(value: unknown): void;
  putCoupon(value: unknown): void;
  putProduct(value: unknown): void;
  /** Keeps the customer's discount and nothing else. */
  putCustomer(value: unknown): void;
}

/** Runs `read`; a shape that is not understood is noted under the object's id. */
export function readObject(
  store: SourceStore,
  value: unknown,
  kind: string,
  read: () => void,
): void {
  store.clearUnreadable(idIn(value) ?? "");
  try {
    read();
  } catch (error) {
    // Whatever is out of range for our own arithmetic is so for Stripe's object.
    if (!(error instanceof ShapeError || error instanceof RangeError)) throw error;
    const id = idIn(value) ?? `${kind} without an id`;
    store.forget(id);
    store.setUnreadable({ kind, id, problem: error.message });
  }
}

export function createObjectMirror(store: SourceStore): ObjectMirror {
  const reading = (value: unknown, kind: string, read: () => void) =>
    readObject(store, value, kind, read);
  return {
    // A deleted price or coupon goes on in the subscriptions that have it: the mirror keeps it.
    putPrice: (value) =>
      reading(value, "price", () => {
        if (isDeleted(value)) return;
        const price = translatePrice(value);
        store.setPrice(withKnownTiers(price, store.price(price.id)));
      }),
    putCoupon: (value) =>
      reading(value, "coupon", () => isDeleted(value) || store.setCoupon(translateCoupon(value))),
    putProduct: (value) =>
      reading(value, "product", () => {
        const from = shape(value);
        if (!isDeleted(value)) store.setProduct({ id: text(from, "id"), name: text(from, "name") });
      }),
    putCustomer: (value) =>
      reading(value, "customer", () => {
        const from = shape(value);
        const discount = from.fields.discount ?? null;
        store.setCustomerDiscount(
          store.calledCustomer(text(from, "id")),
          discount === null ? null : translateDiscount(discount, "discount"),
        );
      }),
  };
}

/**
 * The price with the tiers in other currencies that were read before: a listing leaves them out,
 * and the amounts of a price never change (metrics.md A.4).
 */
function withKnownTiers(price: Price, known: Price | undefined): Price {
  if (!price.tiered || !price.currencyOptions || !known?.currencyOptions) return price;
  const options = Object.entries(price.currencyOptions).map((
    [currency, face],
  ) => [currency, {
    ...face,
    tiers: face.tiers ?? known.currencyOptions![currency]?.tiers ?? null,
  }]);
  return { ...price, currencyOptions: Object.fromEntries(options) };
}

/** Whether only the mark of a deleted object is left. */
export function isDeleted(value: unknown): boolean {
  return (value as { deleted?: unknown } | null)?.deleted === true;
}
