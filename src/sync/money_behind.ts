/**
 * Which money is not known to be as the events say: after a start over a database, and after an
 * absence, until each resource has been looked at again. A figure made of one of them is
 * incomplete that long, however fresh the subscriptions are.
 *
 * @module
 */
import { MONEY_RESOURCES, type MoneyResource, type SourceStore } from "../store/port.ts";

export interface MoneyBehind {
  /** Nothing of the money is known to be as it should. */
  begin(): void;
  /** Stripe does not give what was noted: until it does, nothing is known to be as it should. */
  lost(): void;
  /** Every event up to now was heard: what they named is all that may be missing. */
  heard(): void;
  /** The balance transactions were looked at. */
  cashSeen(): void;
  /**
   * Takes back what is no longer behind.
   *
   * @param isRead Whether a resource was read and nothing of it waits to be.
   */
  check(isRead: (resource: MoneyResource) => boolean): void;
}

export function createMoneyBehind(store: SourceStore): MoneyBehind {
  let listening = false;
  let cash = false;
  return {
    begin() {
      listening = false;
      cash = false;
      store.setStatus({ behind: MONEY_RESOURCES });
    },
    lost() {
      if (store.status.behind.length === 0) store.setStatus({ behind: MONEY_RESOURCES });
    },
    heard: () => void (listening = true),
    cashSeen: () => void (cash = true),
    check(isRead) {
      const { behind, permissions } = store.status;
      const caughtUp = (resource: MoneyResource) =>
        permissions[resource] === "missing" ||
        ((resource === "balance_transactions" ? cash : listening) && isRead(resource));
      const left = behind.filter((resource) => !caughtUp(resource));
      if (left.length < behind.length) store.setStatus({ behind: left });
    },
  };
}
