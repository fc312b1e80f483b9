/**
 * The Stripe accounts: those under `accounts:`, the one of the environment, and one for each key
 * that a widget carries itself, as in the original.
 *
 * @module
 */
import { Secret } from "../src/security/secret.ts";
import { checkBase, STRIPE_BASE } from "../src/stripe/base.ts";
import { checkMode, keyFacts, type Mode } from "../src/stripe/key.ts";
import type { AccountConfig, AccountsConfig } from "./accounts_schema.ts";
import type { Environment } from "./environment.ts";
import { didYouMean } from "./nearest.ts";
import type { Path, Report } from "./report.ts";
import type { AccountSettings } from "./settings.ts";
import { fromEnvironment } from "./report.ts";

/** Name of the account whose key is `STRIPE_SECRET_KEY`. */
export const DEFAULT_ACCOUNT = "default";

/** What a widget says about the account it shows. */
export interface WidgetAccount {
  readonly account?: string | undefined;
  readonly key?: string | undefined;
  readonly mode?: Mode | undefined;
}

export interface Accounts {
  /** All of them, in order; those of widgets last. */
  list(): readonly AccountSettings[];
  /** Name of the account that a widget shows; makes one for a key of its own. */
  nameFor(widget: WidgetAccount, path: Path): string;
}

interface Checked {
  readonly mode: Mode;
  readonly warning: string | null;
}

/** Checks a key's form and mode; `null` once the fault is reported. */
function checkKey(
  key: string,
  mode: Mode | undefined,
  path: Path,
  report: Report,
): Checked | null {
  try {
    const facts = keyFacts(key);
    return { mode: checkMode(facts, mode), warning: facts.warning };
  } catch (error) {
    report(path, (error as TypeError).message);
    return null;
  }
}

function checkedBase(base: string, path: Path, report: Report): string {
  try {
    checkBase(base);
  } catch (error) {
    const { message } = error as TypeError;
    report(path, path[0] === "accounts" ? message.replace("STRIPE_API_BASE", "api-base") : message);
  }
  return base;
}

function limitsOf(limits: AccountConfig["limits"] = {}): AccountSettings["limits"] {
  return {
    ...(limits.rate !== undefined && { rate: limits.rate }),
    ...(limits.burst !== undefined && { burst: limits.burst }),
    ...(limits["endpoint-rate"] !== undefined && { endpointRate: limits["endpoint-rate"] }),
    ...(limits["attempt-timeout"] !== undefined &&
      { attemptTimeoutMs: limits["attempt-timeout"] }),
    ...(limits.concurrency !== undefined && { concurrency: limits.concurrency }),
  };
}

interface Parts {
  readonly name: string;
  readonly key: string;
  readonly checked: Checked;
  readonly base: string;
  readonly config?: AccountConfig | undefined;
}

function accountOf({ name, key, checked, base, config = {} }: Parts): AccountSettings {
  const { exclude = {} } = config;
  return {
    name,
    key: new Secret(key),
    mode: checked.mode,
    base,
    account: config.account ?? null,
    timeZone: config["time-zone"] ?? "UTC",
    exclude: {
      customers: exclude.customers ?? [],
      products: exclude.products ?? [],
      prices: exclude.prices ?? [],
      metadata: exclude.metadata ?? {},
    },
    customerLabel: config["customer-label"] ?? "id",
    limits: limitsOf(config.limits),
    ...(config["webhook-secrets"] && {
      webhookSecrets: config["webhook-secrets"].map((secret) => new Secret(secret)),
    }),
    warning: checked.warning,
  };
}

/** The account of `STRIPE_SECRET_KEY`, unless another holds the same key. */
function environmentAccount(
  environment: Environment,
  configs: AccountsConfig,
  base: string,
  report: Report,
): AccountSettings | null {
  const key = environment.stripeKey?.reveal();
  if (key === undefined) return null;
  const own = configs[DEFAULT_ACCOUNT];
  if (own?.["stripe-api-key"] !== undefined && own["stripe-api-key"] !== key) {
    report(
      ["accounts", DEFAULT_ACCOUNT, "stripe-api-key"],
      "is set, and so is STRIPE_SECRET_KEY: keep one of them, or give this account another name",
    );
  }
  const taken = Object.values(configs).some((config) => config["stripe-api-key"] === key);
  if (taken || own !== undefined) return null;
  const checked = checkKey(key, undefined, fromEnvironment("STRIPE_SECRET_KEY"), report);
  return checked && accountOf({ name: DEFAULT_ACCOUNT, key, checked, base });
}

function configuredAccount(
  name: string,
  config: AccountConfig,
  environment: Environment,
  base: string,
  report: Report,
): AccountSettings | null {
  const path: Path = ["accounts", name];
  const fallback = name === DEFAULT_ACCOUNT ? environment.stripeKey?.reveal() : undefined;
  const key = config["stripe-api-key"] ?? fallback;
  if (key === undefined) {
    report(path, "has no stripe-api-key: add one, for instance ${STRIPE_SECRET_KEY}");
    return null;
  }
  const checked = checkKey(key, config["stripe-mode"], [...path, "stripe-api-key"], report);
  const own = config["api-base"];
  const to = own === undefined ? base : checkedBase(own, [...path, "api-base"], report);
  return checked && accountOf({ name, key, checked, base: to, config });
}

/** The secrets of the environment belong to its key's account, or to the only one there is. */
function withEnvironmentSecrets(
  accounts: readonly AccountSettings[],
  { stripeKey, webhookSecrets }: Environment,
  report: Report,
): AccountSettings[] {
  if (webhookSecrets.length === 0 || accounts.length === 0) return [...accounts];
  const owner = accounts.find(({ key }) => key.reveal() === stripeKey?.reveal()) ??
    (accounts.length === 1 ? accounts[0] : undefined);
  if (!owner) {
    report(
      fromEnvironment("STRIPE_WEBHOOK_SECRET"),
      "could belong to any of the accounts: write it under its account as webhook-secrets",
    );
  }
  return accounts.map((account) =>
    account === owner
      ? { ...account, webhookSecrets: [...account.webhookSecrets ?? [], ...webhookSecrets] }
      : account
  );
}

/** Makes the accounts; faults go to `report`. */
export function createAccounts(
  configs: AccountsConfig,
  environment: Environment,
  report: Report,
): Accounts {
  const base = environment.stripeBase === null
    ? STRIPE_BASE
    : checkedBase(environment.stripeBase, fromEnvironment("STRIPE_API_BASE"), report);
  const named = [
    environmentAccount(environment, configs, base, report),
    ...Object.entries(configs).map(([name, config]) =>
      configuredAccount(name, config, environment, base, report)
    ),
  ].filter((account) => account !== null);
  const all = withEnvironmentSecrets(named, environment, report);
  const names = [...new Set([...named.map(({ name }) => name), ...Object.keys(configs)])];

  function implicit(key: string, mode: Mode | undefined, path: Path): string {
    const checked = checkKey(key, mode, path, report);
    const known = all.find((account) => account.key.reveal() === key);
    if (!checked || known) return known?.name ?? DEFAULT_ACCOUNT;
    let n = 1;
    while (names.includes(`${checked.mode}-${n}`)) n++;
    const name = `${checked.mode}-${n}`;
    names.push(name);
    all.push(accountOf({ name, key, checked, base }));
    return name;
  }

  return {
    list: () => all,
    nameFor({ account, key, mode }, path) {
      if (key !== undefined) return implicit(key, mode, path);
      if (account === undefined) return named[0]?.name ?? DEFAULT_ACCOUNT;
      if (!names.includes(account)) {
        report(
          [...path, "account"],
          `is no name under accounts: there ${
            names.length === 0 ? "are none" : `is ${names.join(", ")}`
          }${didYouMean(account, names)}`,
        );
      }
      return account;
    },
  };
}
