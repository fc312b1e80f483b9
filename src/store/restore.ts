/**
 * Makes a store again from what its journal kept.
 *
 * @module
 */
import type { SavedMonths } from "../metrics/closed_months.ts";
import { createInvoiceHistory, type SavedHistory } from "../metrics/invoice_lines.ts";
import type { Correction } from "../metrics/history.ts";
import type { PastStates } from "../metrics/past_states.ts";
import type { Rational } from "../metrics/rational.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Coupon, Discount, Price, Subscription } from "../metrics/types.ts";
import { decodeFact } from "./codec.ts";
import {
  createDurableStore,
  type DurableOptions,
  type DurableStore,
  type KeptInfo,
} from "./durable.ts";
import { type FactKind, type Journal, StorageError } from "./journal.ts";
import { createInbox } from "./inbox.ts";
import { createMemoryStore } from "./memory.ts";
import type { Product, SourceInfo, SourceStore, Unreadable } from "./port.ts";

/** A subscription as it was kept. */
export interface KeptSubscription {
  readonly sub: Subscription;
  readonly segments: readonly Segment[];
}

export interface Restored {
  readonly store: DurableStore;
  /** How it was counted when it was kept; `null` where nothing was. */
  readonly kept: KeptInfo | null;
  /** To be taken into the store by a ledger, quietly. */
  subscriptions(): Iterable<KeptSubscription>;
}

/** Puts each kind of fact back. Status and subscriptions are apart. */
const PUT: Partial<Record<FactKind, (store: SourceStore, id: string, fact: never) => void>> = {
  price: (store, _, fact: Price) => store.setPrice(fact),
  coupon: (store, _, fact: Coupon) => store.setCoupon(fact),
  product: (store, _, fact: Product) => store.setProduct(fact),
  discount: (store, id, fact: Discount) => store.setCustomerDiscount(id, fact),
  past_due_since: (store, id, fact: number) => store.setPastDueSince(id, fact),
  inclusive_tax: (store, id, fact: Readonly<Record<string, Rational>>) =>
    store.setInclusiveTax(id, fact),
  history: (store, id, fact: SavedHistory) => store.setHistory(id, createInvoiceHistory(fact)),
  past_states: (store, id, fact: PastStates) => store.setPastStates(id, fact),
  corrections: (store, id, fact: readonly Correction[]) => store.setCorrections(id, fact),
  unreadable: (store, _, fact: Unreadable) => store.setUnreadable(fact),
  status: (store, _, fact: object) => store.setStatus(fact),
};

/** The kept info under the configuration that is in force now. */
export function infoNow(kept: SourceInfo, info: SourceInfo): SourceInfo {
  const { account, displayName, defaultCurrency, timeZone } = kept;
  return { ...info, account, displayName, defaultCurrency, timeZone };
}

/**
 * @param info As the configuration says; the kept account, its name and time zone are put in.
 * @throws {StorageError} when a fact cannot be understood.
 */
export function restoreStore(
  info: SourceInfo,
  journal: Journal,
  options: DurableOptions,
): Restored {
  function* facts(kind: FactKind, prices?: SourceStore["price"]) {
    for (const { id, body } of journal.facts(kind)) {
      try {
        yield [id, decodeFact(body!, prices)] as const;
      } catch (error) {
        throw new StorageError(
          `The stored ${kind} ${id} cannot be understood: restore a backup with glance db:restore, ` +
            "or read the account anew after glance source:forget",
          { cause: error },
        );
      }
    }
  }
  const first = <T>(kind: FactKind) => [...facts(kind)][0]?.[1] as T | undefined;
  const kept = first<KeptInfo>("info");
  const memory = createMemoryStore(
    kept?.info ?? info,
    first<SavedMonths>("closed") ?? null,
    createInbox(journal, options.gather),
  );
  for (const [kind, put] of Object.entries(PUT)) {
    for (const [id, fact] of facts(kind as FactKind, memory.price)) {
      put(memory, id, fact as never);
    }
  }
  return {
    store: createDurableStore(memory, journal, options),
    kept: kept ?? null,
    *subscriptions() {
      for (const [, fact] of facts("subscription", memory.price)) yield fact as KeptSubscription;
    },
  };
}
