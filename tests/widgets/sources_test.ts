import assert from "node:assert/strict";
import { sourceDetails } from "../../src/widgets/sources.ts";
import { AT } from "../metrics/fixture.ts";
import { storeOf } from "./fixture.ts";

const WEBHOOKS = { configured: false, apiVersion: "2026-10-28", refusal: null };

Deno.test("a permission is ticked where it is granted alone; what is not known is neither", () => {
  const store = storeOf([{}]);
  store.setStatus({ permissions: { coupons: "ok", payouts: "missing", balance: "unknown" } });
  store.publish();
  const { permissions } = sourceDetails(store, AT, "https://example.com", WEBHOOKS);
  assert.deepEqual(permissions.map(({ resource, mark, state }) => [resource, mark, state]), [
    ["coupons", "✓", "granted"],
    ["payouts", "!", "not granted"],
    ["balance", "–", "not known"],
  ]);
});
