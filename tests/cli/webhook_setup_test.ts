/** `glance webhook:setup`: what to create at Stripe. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { webhookSetup } from "../../src/cli/webhook_setup.ts";
import { WEBHOOK_TYPES } from "../../src/stripe/webhook_types.ts";
import { settingsFrom } from "../support/dashboard.ts";

const at = (settings: Settings, baseUrl: string): Settings => ({
  ...settings,
  server: { ...settings.server, baseUrl },
});

Deno.test("it names URL, version and every type of metrics.md D.3, and no secret", async () => {
  const settings = await settingsFrom({
    STRIPE_SECRET_KEY: "rk_test_canary",
    STRIPE_WEBHOOK_SECRET: "whsec_canary",
  });
  const text = webhookSetup(at(settings, "https://glance.example/"));
  const lines = text.split("\n").map((line) => line.trim());
  assert.ok(lines.includes("URL          https://glance.example/webhooks/stripe"));
  assert.ok(lines.includes("API version  2026-10-28.endive"));
  assert.ok(lines.includes("Create at    https://dashboard.stripe.com/test/webhooks/create"));
  assert.ok(lines.includes("STRIPE_WEBHOOK_SECRET"));
  assert.equal(WEBHOOK_TYPES.length, 63);
  for (const type of WEBHOOK_TYPES) assert.ok(lines.includes(type), type);
  assert.doesNotMatch(text, /canary/);
});

Deno.test("of several accounts each has an address of its own", async () => {
  const settings = await settingsFrom({ STRIPE_SECRET_KEY: "rk_test_1" });
  const [one] = settings.accounts;
  const text = webhookSetup({ ...settings, accounts: [one!, { ...one!, name: "eu" }] });
  assert.match(text, /https:\/\/YOUR-HOST\/webhooks\/stripe\/default$/m);
  assert.match(text, /https:\/\/YOUR-HOST\/webhooks\/stripe\/eu$/m);
  assert.match(text, /accounts\.eu\.webhook-secrets in the configuration/);
});

Deno.test("without an account it says what to set", async () => {
  const settings = await settingsFrom({});
  assert.throws(() => webhookSetup(settings), { name: "TypeError", message: /STRIPE_SECRET_KEY/ });
});
