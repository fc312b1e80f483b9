/**
 * Codes of a subscription's value in words.
 *
 * @module
 */

const REASON_TEXTS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  status: "its status does not count",
  trial: "in trial",
  cancel_scheduled: "cancellation requested",
  paused: "paused",
  test_clock: "runs on a test clock",
  not_yet_paid: "not paid yet",
  free: "free",
  zero_quantity: "0 units of a price that is not free",
  discounted_to_zero: "discounted to nothing",
  metered_only: "billed by usage only",
  excluded: "excluded by the configuration",
}));

const ISSUE_TEXTS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  tiers_missing: "the price's tiers could not be read",
  tiers_exhausted: "the quantity is beyond the last tier",
  unit_amount_missing: "the price has no amount",
  currency_option_missing: "the price has no amount in this currency",
  discount_not_expanded: "a discount could not be read",
  coupon_missing: "a coupon could not be read",
  coupon_currency_mismatch: "a coupon has no amount in this currency",
  items_truncated: "not all items could be read",
  inclusive_tax_unknown: "the inclusive tax is not known yet: an upper bound",
  unknown_status: "Stripe gives a status that is not known",
  unknown_interval: "the billing interval is not known",
  fx_rate_missing: "there is no exchange rate",
}));

/** Why a subscription adds nothing, in words. */
export function reasonText(code: string): string {
  return REASON_TEXTS.get(code) ?? code;
}

/** What stands in the way of a value, in words. */
export function issueText(code: string): string {
  return ISSUE_TEXTS.get(code) ?? code;
}
