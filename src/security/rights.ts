/**
 * What may be done here, and who may do it: one table. Guard, navigation, cache, JSON interface,
 * stream, explanations and exports read it and nothing else, so a new role is a new row.
 *
 * @module
 */
import type { Scope } from "./api_token.ts";

/**
 * - `see page`: the pages that are open to the visitor.
 * - `see figures`: amounts and counts, on those pages, in explanations and in the JSON interface.
 * - `see customers`: figures customer by customer.
 * - `see names`: customers by the configured label in place of their id.
 * - `export`: figures as files.
 * - `operate`: the audit log, comparing with Stripe, another try for an event.
 */
export const RIGHTS = [
  "see page",
  "see figures",
  "see customers",
  "see names",
  "export",
  "operate",
] as const;
export type Right = typeof RIGHTS[number];

export interface Grant {
  readonly may: readonly Right[];
  /** Whether every page is open, or those alone that name the visitor or nobody. */
  readonly everyPage: boolean;
}

const ALL: Grant = { may: RIGHTS, everyPage: true };
const NONE: Grant = { may: [], everyPage: false };
const READING: readonly Right[] = [
  "see page",
  "see figures",
  "see customers",
  "see names",
  "export",
];

/** Roles that a user of the configuration or of a proxy has. */
export const ROLES = {
  admin: ALL,
  viewer: { may: READING, everyPage: false },
} as const satisfies Readonly<Record<string, Grant>>;
export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];

/** What a token's scopes give; metrics and health reports are no figures. */
export const SCOPE_GRANTS: Readonly<Record<Scope, Grant>> = {
  "read:metrics": NONE,
  "read:dashboard": { may: READING, everyPage: true },
};

/** Everyone, where nobody is asked to sign in. */
export const OPEN_GRANT = ALL;
/** Nobody who is known. */
export const NO_GRANT = NONE;

/** What several grants give together. */
export function joined(grants: readonly Grant[]): Grant {
  return {
    may: RIGHTS.filter((right) => grants.some(({ may }) => may.includes(right))),
    everyPage: grants.some(({ everyPage }) => everyPage),
  };
}
