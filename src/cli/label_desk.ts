/**
 * What the customers of each source are called, where the configuration asks for more than ids.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Clock } from "../stripe/client.ts";
import { createCustomerLabels, type CustomerLabels } from "../stripe/customer_labels.ts";
import type { PooledClient } from "../stripe/pool.ts";

export interface LabelDesk {
  /** Labels are of a client and a field: a change of either forgets what was kept. */
  keep(account: AccountSettings, client: PooledClient): void;
  /** `null` for ids. */
  of(source: string): CustomerLabels | null;
}

export function createLabelDesk({ now, sleep }: Clock): LabelDesk {
  const kept = new Map<string, { readonly key: string; readonly labels: CustomerLabels }>();
  return {
    keep({ name, customerLabel: label }, { id, client }) {
      const key = `${id} ${label}`;
      if (kept.get(name)?.key === key) return;
      kept.delete(name);
      if (label === "id") return;
      kept.set(name, { key, labels: createCustomerLabels({ client, label, now, sleep }) });
    },
    of: (source) => kept.get(source)?.labels ?? null,
  };
}
