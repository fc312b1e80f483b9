/** The account and balance objects of a simulated account. */
import type Stripe from "stripe";

const NO_REQUIREMENTS = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};

function settings(name: string, timezone: string): Stripe.Account.Settings {
  return {
    branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
    card_payments: {
      statement_descriptor_prefix: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
    dashboard: { display_name: name, timezone },
    payments: {
      statement_descriptor: null,
      statement_descriptor_kana: null,
      statement_descriptor_kanji: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
  };
}

/** What sets a simulated account apart. */
export interface AccountOptions {
  readonly id?: string;
  readonly name?: string;
  /** IANA name. */
  readonly timezone?: string;
  readonly defaultCurrency?: string;
  readonly country?: string;
  /** Unix seconds. */
  readonly created?: number;
}

/** Makes the object of `GET /v1/account`. */
export function makeAccount(options: AccountOptions = {}): Stripe.Account {
  const name = options.name ?? "Simulated Company";
  return {
    id: options.id ?? "acct_1SimulatedGlance",
    object: "account",
    business_profile: {
      mcc: null,
      minority_owned_business_designation: null,
      name,
      product_description: null,
      specified_commercial_transactions_act_url: null,
      support_address: null,
      support_email: null,
      support_phone: null,
      support_url: null,
      url: null,
    },
    business_type: null,
    capabilities: { card_payments: "active", transfers: "active" },
    charges_enabled: true,
    controller: { type: "account" },
    country: options.country ?? "US",
    created: options.created ?? 1_700_000_000,
    default_currency: options.defaultCurrency ?? "usd",
    details_submitted: true,
    email: null,
    future_requirements: NO_REQUIREMENTS,
    metadata: {},
    payouts_enabled: true,
    requirements: NO_REQUIREMENTS,
    settings: settings(name, options.timezone ?? "Etc/UTC"),
    tos_acceptance: { date: null, ip: null, user_agent: null },
    type: "standard",
  };
}

/** Makes the object of `GET /v1/balance`, empty in each currency. */
export function makeBalance(currencies: readonly string[] = ["usd"]): Stripe.Balance {
  const empty = currencies.map((currency) => ({ amount: 0, currency, source_types: { card: 0 } }));
  return { object: "balance", available: empty, livemode: false, pending: empty };
}
