/**
 * What is written of a store: the value of each of its facts.
 *
 * @module
 */
import type { FactKind } from "./journal.ts";
import { isMoneyKind, type MoneyKind } from "./money.ts";
import type { SourceInfo, SourceStore, SyncStatus } from "./port.ts";

/** What of a status outlives the process: not what the process itself is doing. */
const SAVED = [
  "asOf",
  "valuedTo",
  "liveSince",
  "eventsSince",
  "absences",
  "toRebuild",
  "historyDone",
  "paymentsRead",
  "lastEventAt",
  "eventsReadTo",
  "lastReconcileAt",
  "drift",
  "compared",
  "reads",
  "reasons",
  "permissions",
] as const satisfies readonly (keyof SyncStatus)[];

export type SavedStatus = Pick<SyncStatus, typeof SAVED[number]>;

/** What of a status says what the process is doing, for the replicas that only follow it. */
const SHOWN = [
  "phase",
  "progress",
  "history",
  "behind",
  "identityProblem",
  "staleSince",
  "problem",
  "breaker",
  "comparing",
] as const satisfies readonly (keyof SyncStatus)[];

export type ShownStatus = Pick<SyncStatus, typeof SHOWN[number]>;

function parts(status: SyncStatus, keys: readonly (keyof SyncStatus)[]): Partial<SyncStatus> {
  return Object.fromEntries(keys.map((key) => [key, status[key]]));
}

/** The fact of kind `info`. */
export interface KeptInfo {
  readonly info: SourceInfo;
  /** What the configuration left out, as text. */
  readonly exclusion: string;
}

/** The one row of a kind that has no ids. */
export const ONLY = "-";

type Values = Readonly<
  Record<Exclude<FactKind, "info" | MoneyKind>, (store: SourceStore, id: string) => unknown>
>;

const VALUES: Values = {
  status: (store) => parts(store.status, SAVED),
  price: (store, id) => store.price(id),
  coupon: (store, id) => store.coupon(id),
  product: (store, id) => store.product(id),
  forgotten: (store, id) => store.forgotten(id),
  discount: (store, id) => store.customerDiscount(id),
  past_due_since: (store, id) => store.pastDueSince(id),
  inclusive_tax: (store, id) => store.inclusiveTax(id),
  history: (store, id) => store.history(id),
  past_states: (store, id) => store.pastStates(id),
  corrections: (store, id) => {
    const rows = store.corrections().filter(({ subscription }) => subscription === id);
    return rows.length > 0 ? rows : undefined;
  },
  unreadable: (store, id) => store.unreadable().find((one) => one.id === id),
  subscription: (store, id) => {
    const standing = store.standing(id);
    return standing && { sub: standing.sub, segments: store.segments(id) };
  },
  closed: (store) => store.closedMonths.saved(),
  invoice_reading: (store) => store.invoiceReading() ?? undefined,
  shown: (store) => parts(store.status, SHOWN),
};

/** What a fact is now; `undefined` when it is gone. */
export function valueOf(
  store: SourceStore,
  kind: FactKind,
  id: string,
  exclusion: string,
): unknown {
  if (kind === "info") return { info: store.info, exclusion } satisfies KeptInfo;
  return isMoneyKind(kind) ? store.money.saved(kind, id) : VALUES[kind](store, id);
}
