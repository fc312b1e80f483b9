/**
 * `glance webhook:setup`: what to create at Stripe, account by account, as text.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { WEBHOOK_API_VERSION, WEBHOOK_TYPES } from "../stripe/webhook_types.ts";

/** Stands for the address where nothing else is known. */
const PLACEHOLDER = "https://YOUR-HOST";

function addressOf({ server, accounts }: Settings, { name }: AccountSettings): string {
  const base = (server.baseUrl ?? PLACEHOLDER).replace(/\/$/, "");
  const whole = /^https?:/.test(base) ? base : `${PLACEHOLDER}${base}`;
  return `${whole}/webhooks/stripe${accounts.length > 1 ? `/${name}` : ""}`;
}

function secretPlace({ name }: AccountSettings): string {
  return name === "default"
    ? "STRIPE_WEBHOOK_SECRET"
    : `accounts.${name}.webhook-secrets in the configuration`;
}

function setupOf(settings: Settings, account: AccountSettings): string {
  const { name, mode, webhookSecrets = [] } = account;
  const dashboard = `https://dashboard.stripe.com${mode === "test" ? "/test" : ""}/webhooks/create`;
  const known = webhookSecrets.length === 0
    ? "none yet"
    : `${webhookSecrets.length} configured (a second one beside the first is how one is replaced)`;
  return [
    `Account ${name}, ${mode} mode`,
    "",
    `  Create at    ${dashboard}`,
    `  URL          ${addressOf(settings, account)}`,
    `  API version  ${WEBHOOK_API_VERSION}`,
    `  Secret       ${known}: put the endpoint's signing secret (whsec_…) into`,
    `               ${secretPlace(account)}`,
    `  Events       these ${WEBHOOK_TYPES.length}:`,
    "",
    ...WEBHOOK_TYPES.map((type) => `    ${type}`),
  ].join("\n");
}

/** @throws {TypeError} when there is no account. */
export function webhookSetup(settings: Settings): string {
  if (settings.accounts.length === 0) {
    throw new TypeError(
      "There is no account: set STRIPE_SECRET_KEY, or accounts in the configuration",
    );
  }
  return settings.accounts.map((account) => setupOf(settings, account)).join("\n\n");
}
