/**
 * How many distinct customers the subscriptions of a group have. Most customers have one
 * subscription, whose own groups tell all there is to know: only those with several are counted
 * group by group. That halves the memory that a counter for each group would take.
 *
 * @module
 */
import type { Standing } from "./standing.ts";

/** Something that customers are counted in. */
export interface Group {
  customers: number;
}

/** A customer of several subscriptions: how many of them are in each group. */
interface Several {
  subscriptions: number;
  readonly inGroup: Map<Group, number>;
}

export interface DistinctCustomers {
  /** Customers with any subscription. */
  size(): number;
  add(standing: Standing): void;
  /** Takes away what was added, under the groups that it had then. */
  remove(standing: Standing): void;
}

/** @param groupsOf The groups of a standing, each once and always the same. */
export function createDistinctCustomers(
  groupsOf: (standing: Standing) => readonly Group[],
): DistinctCustomers {
  const customers = new Map<string, Standing | Several>();

  function severalOf(only: Standing): Several {
    const several = {
      subscriptions: 1,
      inGroup: new Map(groupsOf(only).map((group) => [group, 1])),
    };
    customers.set(only.sub.customer, several);
    return several;
  }

  return {
    size: () => customers.size,
    add(standing) {
      const { customer } = standing.sub;
      const known = customers.get(customer);
      if (!known) {
        customers.set(customer, standing);
        for (const group of groupsOf(standing)) group.customers++;
        return;
      }
      const several = "inGroup" in known ? known : severalOf(known);
      several.subscriptions++;
      for (const group of groupsOf(standing)) {
        const before = several.inGroup.get(group) ?? 0;
        several.inGroup.set(group, before + 1);
        if (before === 0) group.customers++;
      }
    },
    remove(standing) {
      const { customer } = standing.sub;
      const known = customers.get(customer);
      if (!known) return;
      const several = "inGroup" in known ? known : null;
      if (!several || --several.subscriptions === 0) customers.delete(customer);
      for (const group of groupsOf(standing)) {
        const left = several ? several.inGroup.get(group)! - 1 : 0;
        if (left > 0) several!.inGroup.set(group, left);
        else {
          several?.inGroup.delete(group);
          group.customers--;
        }
      }
    },
  };
}
