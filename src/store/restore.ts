/**
 * Makes a store again from what its journal kept.
 *
 * @module
 */
import type { SavedMonths } from "../metrics/closed_months.ts";
import { type InvoiceHistory, isCurrent } from "../metrics/invoice_lines.ts";
import type { Correction } from "../metrics/history.ts";
import type { PastStates } from "../metrics/past_states.ts";
import type { Rational } from "../metrics/rational.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Coupon, Discount, Price, Subscription } from "../metrics/types.ts";
import { decodeFact } from "./codec.ts";
import { createDurableStore, type DurableOptions, type DurableStore } from "./durable.ts";
import { createInbox, type InboxStorage } from "./inbox.ts";
import {
  FACT_KINDS,
  type FactKind,
  type FactReader,
  type FactWriter,
  StorageError,
} from "./journal.ts";
import { createMemoryStore } from "./memory.ts";
import { MONEY_KINDS, type MoneyKind } from "./money.ts";
import {
  type InvoiceReading,
  MONEY_RESOURCES,
  type Product,
  type SourceInfo,
  type SourceStore,
  type Unreadable,
} from "./port.ts";
import type { KeptInfo, ShownStatus } from "./store_facts.ts";

/** A subscription as it was kept. */
export interface KeptSubscription {
  readonly sub: Subscription;
  readonly segments: readonly Segment[];
}

export interface Restored {
  readonly store: DurableStore;
  /** How it was counted when it was kept; `null` where nothing was. */
  readonly kept: KeptInfo | null;
  /**
   * Puts back everything else, one fact at each step.
   *
   * @param reader The same facts, or newer ones.
   * @param restore Takes a subscription back.
   * @throws {StorageError} when a fact cannot be understood.
   */
  rest(reader: FactReader, restore: (kept: KeptSubscription) => void): Generator<void>;
}

/** Kinds that are few and are put back first, so that pages can be shown with an opening. */
export const FIRST_KINDS: readonly FactKind[] = [
  "info",
  "status",
  "price",
  "coupon",
  "product",
  "forgotten",
  "corrections",
  "unreadable",
  "closed",
  "shown",
];

/** Puts facts of the money back; `null` takes one away. */
const moneyFacts = Object.fromEntries(
  MONEY_KINDS.map((kind) => [kind, (store: SourceStore, id: string, fact: unknown) => {
    store.money.load(kind, id, fact);
    store.noteMoney();
  }]),
) as Record<MoneyKind, (store: SourceStore, id: string, fact?: never) => void>;

/** Puts each kind of fact back. Status and subscriptions are apart. */
const PUT: Partial<Record<FactKind, (store: SourceStore, id: string, fact: never) => void>> = {
  status: (store, _, fact: object) => store.setStatus(fact),
  price: (store, _, fact: Price) => store.setPrice(fact),
  coupon: (store, _, fact: Coupon) => store.setCoupon(fact),
  product: (store, _, fact: Product) => store.setProduct(fact),
  forgotten: (store, id, fact: string) => store.setForgotten(id, fact),
  discount: (store, id, fact: Discount) => store.setCustomerDiscount(id, fact),
  past_due_since: (store, id, fact: number) => store.setPastDueSince(id, fact),
  inclusive_tax: (store, id, fact: Readonly<Record<string, Rational>>) =>
    store.setInclusiveTax(id, fact),
  history(store, id, fact: InvoiceHistory) {
    if (isCurrent(fact)) return store.setHistory(id, fact);
    // An older program kept less of an invoice: all are read again, and until then the past stays.
    store.setStatus({ historyDone: false });
  },
  past_states: (store, id, fact: PastStates) => store.setPastStates(id, fact),
  corrections: (store, id, fact: readonly Correction[]) => store.setCorrections(id, fact),
  unreadable: (store, _, fact: Unreadable) => store.setUnreadable(fact),
  ...moneyFacts,
  invoice_reading: (store, _, fact: InvoiceReading) => store.setInvoiceReading(fact),
};

/** The kept info under the configuration that is in force now. */
export function infoNow(kept: SourceInfo, info: SourceInfo): SourceInfo {
  const { account, displayName, defaultCurrency, timeZone } = kept;
  return { ...info, account, displayName, defaultCurrency, timeZone };
}

/** Takes a fact of each kind away. What is not here is never taken away. */
const REMOVE: Partial<Record<FactKind, (store: SourceStore, id: string) => void>> = {
  discount: (store, id) => store.setCustomerDiscount(id, null),
  past_due_since: (store, id) => store.setPastDueSince(id, null),
  corrections: (store, id) => store.setCorrections(id, []),
  ...moneyFacts,
  invoice_reading: (store) => store.setInvoiceReading(null),
  unreadable: (store, id) => store.clearUnreadable(id),
};

/** The facts of a kind by id, `null` where one was taken away. @throws {StorageError} */
function* decoded(reader: FactReader, kind: FactKind, prices?: SourceStore["price"]) {
  for (const { id, body } of reader.facts(kind)) {
    try {
      yield [id, body === null ? null : decodeFact(body, prices)] as const;
    } catch (error) {
      throw new StorageError(
        `The stored ${kind} ${id} cannot be understood: restore a backup with glance db:restore, ` +
          "or read the account anew after glance source:forget",
        { cause: error },
      );
    }
  }
}

function first<T>(reader: FactReader, kind: FactKind): T | undefined {
  return [...decoded(reader, kind)][0]?.[1] as T | undefined;
}

/** How what is kept is counted, if that is among the facts. @throws {StorageError} */
export function keptInfo(reader: FactReader): KeptInfo | undefined {
  return first(reader, "info");
}

/**
 * Puts what another replica has changed into a store that follows it. The source's info is left to
 * the caller: another time zone or definition is another store.
 *
 * @param restore Takes a subscription back.
 * @throws {StorageError} when a fact cannot be understood.
 */
export function applyFacts(
  store: SourceStore,
  reader: FactReader,
  restore: (kept: KeptSubscription) => void,
): void {
  for (const [kind, put] of Object.entries(PUT)) {
    for (const [id, fact] of decoded(reader, kind as FactKind, store.price)) {
      if (fact !== null) put(store, id, fact as never);
      else REMOVE[kind as FactKind]?.(store, id);
    }
  }
  for (const [id, fact] of decoded(reader, "subscription", store.price)) {
    if (fact === null) store.forget(id);
    else restore(fact as KeptSubscription);
  }
  store.settleMovements(Infinity);
  const closed = first<SavedMonths>(reader, "closed");
  if (closed) store.closedMonths.load(closed);
  applyShown(store, reader);
}

/** Shows what the replica that asks Stripe is doing. @throws {StorageError} */
export function applyShown(store: SourceStore, reader: FactReader): void {
  const shown = first<ShownStatus>(reader, "shown");
  // A holder that ends hands over: the figures are as good as before.
  if (shown && shown.phase !== "stopped") store.setStatus(shown);
}

/** Customers whose movements are booked at a time. */
const BOOKED_AT_ONCE = 50;

/** Puts facts of kinds back, one at each step. */
function* putBack(store: SourceStore, reader: FactReader, kinds: readonly FactKind[]) {
  for (const [kind, put] of Object.entries(PUT)) {
    if (!kinds.includes(kind as FactKind)) continue;
    for (const [id, fact] of decoded(reader, kind as FactKind, store.price)) {
      put(store, id, fact as never);
      yield;
    }
  }
}

/**
 * A store with what is few: the rest is put back by its `rest`.
 *
 * @param info As the configuration says; the kept account, its name and time zone are put in.
 * @throws {StorageError} when a fact cannot be understood.
 */
export function restoreStore(
  info: SourceInfo,
  journal: FactReader & FactWriter & InboxStorage,
  options: DurableOptions,
): Restored {
  const kept = keptInfo(journal);
  const saved = first<SavedMonths>(journal, "closed") ?? null;
  const inbox = createInbox(journal, options.gather);
  const memory = createMemoryStore(kept?.info ?? info, saved, inbox);
  for (const _ of putBack(memory, journal, FIRST_KINDS));
  // Until somebody has looked what happened to it meanwhile.
  if (kept) memory.setStatus({ behind: MONEY_RESOURCES });
  const written = new Map([...journal.facts("info")].map(({ kind, body }) => [kind, body]));
  return {
    store: createDurableStore(memory, journal, { ...options, written }),
    kept: kept ?? null,
    *rest(reader, restore) {
      yield* putBack(memory, reader, FACT_KINDS);
      for (const [, fact] of decoded(reader, "subscription", memory.price)) {
        restore(fact as KeptSubscription);
        yield;
      }
      while (memory.settleMovements(BOOKED_AT_ONCE) > 0) yield;
      const closed = first<SavedMonths>(reader, "closed");
      if (closed && reader !== journal) memory.closedMonths.load(closed);
    },
  };
}
