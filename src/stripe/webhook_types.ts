/**
 * What a webhook endpoint is to be created with (metrics.md D.3).
 *
 * @module
 */
import { API_VERSION } from "./api_version.ts";

/** Payloads follow the endpoint's version, not the program's. */
export const WEBHOOK_API_VERSION = API_VERSION;

const of = (object: string, names: string) => names.split(" ").map((name) => `${object}.${name}`);

/** The types of events to enable. */
export const WEBHOOK_TYPES: readonly string[] = [
  ...of(
    "customer.subscription",
    "created updated deleted paused resumed pending_update_applied pending_update_expired " +
      "trial_will_end",
  ),
  ...of("customer", "created updated deleted"),
  ...of("customer.discount", "created updated deleted"),
  ...of(
    "invoice",
    "created finalized updated paid payment_failed payment_action_required voided " +
      "marked_uncollectible overdue deleted",
  ),
  "invoice_payment.paid",
  ...of("price", "created updated deleted"),
  ...of("product", "created updated deleted"),
  ...of("coupon", "created updated deleted"),
  "tax_rate.updated",
  ...of("subscription_schedule", "created updated released completed canceled aborted"),
  ...of("charge", "succeeded failed updated refunded"),
  ...of("refund", "created updated failed"),
  ...of("charge.dispute", "created updated closed funds_withdrawn funds_reinstated"),
  ...of("credit_note", "created updated voided"),
  ...of("payout", "created updated paid failed canceled reconciliation_completed"),
  "balance.available",
];
