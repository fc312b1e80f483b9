/**
 * Codes of what makes figures incomplete, as the status has them.
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";

/** Stripe refuses a page of the invoices: the past of that stretch is not read. */
export const INVOICES_REFUSED = "invoices_refused";
/** The reading of invoices or events of the past broke off. */
export const PAST_UNREAD = "past_unread";
/** The reading of cash, payouts, disputes or schedules broke off. */
export const MONEY_UNREAD = "money_unread";

/** Coupons are not read: what they are limited to is not known, so MRR may be off. */
export const COUPONS_UNREAD = "coupons_unread";
/** The discounts of customers are not read: MRR may be less than it shows. */
export const CUSTOMER_DISCOUNTS_UNREAD = "customer_discounts_unread";

/** Sets a reason, or takes it back. */
export function setReason(store: SourceStore, code: string, holds: boolean): void {
  const { reasons } = store.status;
  if (reasons.includes(code) === holds) return;
  store.setStatus({
    reasons: holds ? [...reasons, code] : reasons.filter((each) => each !== code),
  });
}
