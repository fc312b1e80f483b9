/**
 * Names of endpoints, for limits and labels: few, and without anything of a customer.
 *
 * @module
 */

/** First path segments that only group resources, as in `/v1/billing/meters`. */
const NAMESPACES = new Set([
  "apps",
  "billing",
  "billing_portal",
  "checkout",
  "climate",
  "entitlements",
  "financial_connections",
  "forwarding",
  "identity",
  "issuing",
  "radar",
  "reporting",
  "sigma",
  "tax",
  "terminal",
  "test_helpers",
  "treasury",
]);

/** Words that stand where an id would. */
const VERBS = new Set(["search", "upcoming", "create_preview"]);

/**
 * The path of a request with every id replaced and the query left out:
 * `/v1/customers/cus_1/subscriptions?limit=3` → `/v1/customers/:id/subscriptions`. Stripe's paths
 * alternate resource and id behind the version; ids may be of the merchant's own making (coupons,
 * products), so that the position tells them, not their looks.
 */
export function endpointOf(input: Request | string | URL): string {
  const url = input instanceof Request ? input.url : String(input);
  const [version = "", ...rest] = new URL(url).pathname.split("/").filter((part) => part !== "");
  const grouped = NAMESPACES.has(rest[0] ?? "") ? 1 : 0;
  const named = rest.slice(0, 6).map((part, index) =>
    index >= grouped && (index - grouped) % 2 === 1 && !VERBS.has(part) ? ":id" : part
  );
  return `/${[version, ...named].join("/")}`;
}
