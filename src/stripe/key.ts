/**
 * What a Stripe key tells by its form, and which forms are accepted (metrics.md D.7). Messages
 * never hold any part of a key.
 *
 * @module
 */

export type Mode = "live" | "test";

export interface KeyFacts {
  readonly mode: Mode;
  /** Restricted keys are what this program asks for. */
  readonly kind: "restricted" | "secret" | "organization";
  /** What to tell the operator about an accepted but unwise key. */
  readonly warning: string | null;
}

/** The permissions that the dashboard reads with (metrics.md D.7). */
const PERMISSIONS = [
  "rak_subscription_read",
  "rak_customer_read",
  "rak_invoice_read",
  "rak_product_read",
  "rak_plan_read",
  "rak_coupon_read",
  "rak_promotion_code_read",
  "rak_tax_rate_read",
  "rak_charge_read",
  "rak_refund_read",
  "rak_payment_intent_read",
  "rak_dispute_read",
  "rak_payout_read",
  "rak_balance_read",
  "rak_balance_transaction_source_read",
  "rak_event_read",
  "rak_credit_note_read",
  "rak_billing_meter_read",
  "rak_account_read",
];

/** The page of Stripe's dashboard that creates the right restricted key. */
export function createKeyUrl(mode: Mode): string {
  const base = `https://dashboard.stripe.com/${mode === "test" ? "test/" : ""}apikeys/create`;
  const permissions = PERMISSIONS.map((slug, index) => `permissions[${index}]=${slug}`);
  return `${base}?name=BusinessGlance&${permissions.join("&")}`;
}

const HOW = "Create a restricted key with read permissions and put it in STRIPE_SECRET_KEY";

/**
 * Reads a key's form.
 *
 * @throws {TypeError} for a publishable key, a webhook secret, or anything that is no key; says
 * what to do.
 */
export function keyFacts(key: string): KeyFacts {
  if (/\s/.test(key)) {
    throw new TypeError(
      `The Stripe key holds white space: it may have been cut or wrapped. ${HOW}`,
    );
  }
  if (key.startsWith("pk_")) {
    throw new TypeError(
      `The Stripe key is a publishable one (pk_…), which cannot read subscriptions. ${HOW}`,
    );
  }
  if (key.startsWith("whsec_")) {
    throw new TypeError(
      `The Stripe key is a webhook secret (whsec_…), which belongs in STRIPE_WEBHOOK_SECRET. ${HOW}`,
    );
  }
  const match = /^(rk|sk|sk_org)_(live|test)_\S+$/.exec(key);
  if (!match) {
    throw new TypeError(
      "The Stripe key has a form that is not known: it begins with rk_live_, rk_test_, " +
        `sk_live_ or sk_test_. ${HOW}`,
    );
  }
  const mode = match[2] as Mode;
  if (match[1] === "rk") return { mode, kind: "restricted", warning: null };
  return {
    mode,
    kind: match[1] === "sk" ? "secret" : "organization",
    warning: "The Stripe key can write to the account: a restricted key with read permissions " +
      "is enough and safer",
  };
}

/**
 * The key's mode, which must agree with a configured one.
 *
 * @throws {TypeError} when they disagree.
 */
export function checkMode(facts: KeyFacts, configured: Mode | undefined): Mode {
  if (configured && configured !== facts.mode) {
    throw new TypeError(
      `The Stripe key is a ${facts.mode} key but stripe-mode is ${configured}: change one of them`,
    );
  }
  return facts.mode;
}

/** A name for a key in logs and for the client pool: it tells nothing about the key. */
export async function keyDigest(key: string, salt: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${salt}\n${key}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
