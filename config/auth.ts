/**
 * Who may see the figures: the users of the configuration and the hashes of their passwords.
 *
 * @module
 */
import { parseHash } from "../src/security/password.ts";
import type { Report } from "./report.ts";

export interface AuthConfig {
  readonly users: Readonly<Record<string, { readonly "password-hash": string }>>;
}

/** Password hashes by user; `null` where nobody is asked to sign in. */
export type AuthSettings = { readonly users: ReadonlyMap<string, string> } | null;

export function authOf(config: AuthConfig | undefined, report: Report): AuthSettings {
  if (!config) return null;
  const users = new Map<string, string>();
  for (const [name, { "password-hash": hash }] of Object.entries(config.users)) {
    try {
      parseHash(hash);
      users.set(name, hash);
    } catch (error) {
      report(["auth", "users", name, "password-hash"], (error as TypeError).message);
    }
  }
  return { users };
}
