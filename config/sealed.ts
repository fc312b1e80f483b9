/**
 * Opens the secrets of a configuration that are sealed: values that begin with `encrypted:` (see
 * `src/security/envelope.ts`).
 *
 * @module
 */
import type { Vault } from "../src/security/envelope.ts";
import { Secret } from "../src/security/secret.ts";
import { DEFAULT_ACCOUNT } from "./accounts.ts";
import type { AccountsConfig } from "./accounts_schema.ts";
import type { Environment } from "./environment.ts";
import { fromEnvironment, type Path, type Report } from "./report.ts";

/** What a secret may be sealed for. */
export const PURPOSES = ["stripe-api-key", "webhook-secret"] as const;
export type Purpose = typeof PURPOSES[number];

const SEALED = "encrypted:";

/** Whether a value is an envelope, whole or not. */
export function isSealed(value: string): boolean {
  return value.startsWith(SEALED);
}

interface Opener {
  /** The value itself where it is not sealed; where it cannot be opened that is reported. */
  open(value: string, purpose: Purpose, source: string, path: Path): Promise<string>;
}

/** The key derivation is loaded with the first sealed secret only. */
function createOpener(environment: Environment, report: Report): Opener {
  let vault: Promise<Vault | null> | undefined;
  async function makeVault(): Promise<Vault | null> {
    const { masterKey, masterKeyPrevious } = environment;
    if (!masterKey) return null;
    const { createVault } = await import("../src/security/envelope.ts");
    try {
      return createVault(masterKey, masterKeyPrevious);
    } catch (error) {
      report(fromEnvironment("GLANCE_MASTER_KEY"), (error as TypeError).message);
      return null;
    }
  }
  return {
    async open(value, purpose, source, path) {
      if (!isSealed(value)) return value;
      const opened = await (vault ??= makeVault());
      if (!opened) {
        if (!environment.masterKey) {
          report(path, "is encrypted: set GLANCE_MASTER_KEY to the key it was sealed under");
        }
        return value;
      }
      try {
        return (await opened.open(value, { purpose, source })).reveal();
      } catch (error) {
        report(path, `cannot be used. ${(error as TypeError).message}`);
        return value;
      }
    },
  };
}

/** The accounts with their secrets opened. */
export async function openAccounts(
  accounts: AccountsConfig,
  environment: Environment,
  report: Report,
): Promise<AccountsConfig> {
  const { open } = createOpener(environment, report);
  const opened = await Promise.all(
    Object.entries(accounts).map(async ([name, account]) => {
      const key = account["stripe-api-key"];
      const secrets = account["webhook-secrets"];
      const at = (...rest: Path): Path => ["accounts", name, ...rest];
      return [name, {
        ...account,
        ...(key === undefined ? {} : {
          "stripe-api-key": await open(key, "stripe-api-key", name, at("stripe-api-key")),
        }),
        ...(secrets === undefined ? {} : {
          "webhook-secrets": await Promise.all(
            secrets.map((secret, index) =>
              open(secret, "webhook-secret", name, at("webhook-secrets", index))
            ),
          ),
        }),
      }] as const;
    }),
  );
  return Object.fromEntries(opened);
}

/** The environment with its Stripe key opened. */
export async function openEnvironment(
  environment: Environment,
  report: Report,
): Promise<Environment> {
  const { stripeKey } = environment;
  if (!stripeKey || !isSealed(stripeKey.reveal())) return environment;
  const { open } = createOpener(environment, report);
  const path = fromEnvironment("STRIPE_SECRET_KEY");
  const text = await open(stripeKey.reveal(), "stripe-api-key", DEFAULT_ACCOUNT, path);
  return { ...environment, stripeKey: isSealed(text) ? null : new Secret(text) };
}
