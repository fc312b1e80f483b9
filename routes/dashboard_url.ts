/**
 * Addresses in Stripe's own dashboard.
 *
 * @module
 */
import type { SourceView } from "../src/store/port.ts";

/** The page of an object in Stripe's dashboard. */
export function dashboardUrl(
  view: Pick<SourceView, "info">,
  kind: "customers" | "subscriptions" | "invoices" | "payouts",
  id: string,
): string {
  const { livemode, account } = view.info;
  const owner = account.startsWith("acct_") ? `${account}/` : "";
  const mode = livemode ? "" : "test/";
  return `https://dashboard.stripe.com/${owner}${mode}${kind}/${encodeURIComponent(id)}`;
}
