/** What the server serves from: shelves of entries, and how an entry becomes a Stripe object. */
import type Stripe from "stripe";
import type { Kind, StripeObject } from "./kinds.ts";
import type { Entry, Shelf } from "./shelf.ts";

/** A shelf and the way from an entry to its full object (nothing left out, nothing as an id). */
export interface Collection {
  readonly shelf: Shelf<Entry>;
  readonly view: (entry: Entry) => StripeObject;
  /** The few fields that filters read, cheaper than the whole object; the object by default. */
  readonly peek?: (entry: Entry) => StripeObject;
}

export interface Source {
  readonly account: Stripe.Account;
  readonly balance: Stripe.Balance;
  readonly collection: (kind: Kind) => Collection;
}
