/**
 * Discounts of items that ended while events were of an API version that shows none of them: invoices
 * name them, with their end.
 *
 * @module
 */
import { type InvoiceHistory, type InvoiceLine, linesOf } from "../metrics/invoice_lines.ts";
import type { PastState, PastStates } from "../metrics/past_states.ts";
import type { Discount, Subscription } from "../metrics/types.ts";

interface Expired {
  readonly item: string;
  readonly discount: Discount;
  /** Unix seconds. */
  readonly end: number;
}

/** The newest renewal of each item that began before a discount's end still has that discount. */
function expiredOf(lines: readonly InvoiceLine[], since: number): Expired[] {
  const renewals = lines.filter((line) => !line.proration && line.invoiceStatus !== "draft");
  const found = new Map<string, Expired>();
  for (const { item, itemDiscounts } of renewals) {
    for (const discount of itemDiscounts) {
      const { id, end } = discount;
      if (end === null || end <= since) continue;
      const newest = renewals.filter((line) => line.item === item && line.period.from < end)
        .reduce((last, line) => line.period.from > last.period.from ? line : last);
      const lasted = newest.itemDiscounts.some((one) => one.id === id);
      if (lasted) found.set(`${item} ${id}`, { item, discount, end });
    }
  }
  return [...found.values()];
}

function withDiscounts(sub: Subscription, until: number, expired: readonly Expired[]) {
  const items = sub.items.map((item) => {
    const had = expired.filter(({ item: id, discount, end }) =>
      id === item.id && until <= end && !item.discounts.some((one) => one.id === discount.id)
    );
    if (had.length === 0) return item;
    return { ...item, discounts: [...item.discounts, ...had.map(({ discount }) => discount)] };
  });
  return items.every((item, index) => item === sub.items[index]) ? sub : { ...sub, items };
}

/**
 * The states of a subscription with the item discounts that ran out meanwhile.
 *
 * @param current The subscription since the last of the states.
 */
export function withExpiredDiscounts(
  past: PastStates,
  current: Subscription,
  history: InvoiceHistory,
): PastStates {
  const onCurrent = new Set(
    current.items.flatMap(({ id, discounts }) => discounts.map((one) => `${id} ${one.id}`)),
  );
  const expired = expiredOf(linesOf(history), past.since)
    .filter(({ item, discount }) => !onCurrent.has(`${item} ${discount.id}`));
  if (expired.length === 0) return past;
  const lasting: PastState[] = [...past.states, { until: Infinity, sub: current }];
  const times = new Set([...past.states.map(({ until }) => until), ...expired.map((e) => e.end)]);
  const states = [...times].sort((a, b) => a - b).map((until): PastState => {
    const state = lasting.find((one) => one.until >= until)!;
    return { ...state, until, sub: withDiscounts(state.sub, until, expired) };
  });
  return { ...past, states };
}
