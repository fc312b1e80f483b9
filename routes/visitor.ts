/**
 * Who asks, and what of the whole they may see.
 *
 * @module
 */
import type { Role } from "../config/auth.ts";
import type { PageSettings, Settings } from "../config/settings.ts";
import type { Scope } from "../src/security/api_token.ts";
import type { Session } from "../src/security/sessions.ts";
import type { Live } from "./deps.ts";

export type Visitor =
  /** Nobody who is known; `ended` where a session was, and is over. */
  | { readonly kind: "nobody"; readonly ended: boolean }
  /** Where nobody is asked to sign in. */
  | { readonly kind: "anyone" }
  | {
    readonly kind: "user";
    readonly name: string;
    readonly role: Role;
    /** `null` where a proxy signs users in. */
    readonly session: Session | null;
  }
  | { readonly kind: "token"; readonly name: string; readonly scopes: readonly Scope[] };

export const NOBODY: Visitor = { kind: "nobody", ended: false };
export const ANYONE: Visitor = { kind: "anyone" };

/** What the log calls a visitor. */
export function nameOf(visitor: Visitor): string | null {
  return visitor.kind === "user"
    ? visitor.name
    : visitor.kind === "token"
    ? `token ${visitor.name}`
    : null;
}

/** What a visitor may see. Those with the same key see the same bytes. */
export interface Access {
  readonly key: string;
  readonly isAdmin: boolean;
  /** Whether there is a session that can be ended. */
  readonly signedIn: boolean;
  /** Slugs of the pages; `null` for all. */
  readonly pages: ReadonlySet<string> | null;
}

const ALL: Readonly<Record<"anyone" | "token" | "nobody", Access>> = {
  anyone: { key: "anyone", isAdmin: true, signedIn: false, pages: null },
  token: { key: "token", isAdmin: false, signedIn: false, pages: null },
  nobody: { key: "nobody", isAdmin: false, signedIn: false, pages: new Set() },
};
const ADMINS: readonly Access[] = [false, true].map((signedIn) => ({
  key: `admin${signedIn ? "+" : ""}`,
  isAdmin: true,
  signedIn,
  pages: null,
}));

export function accessOf(visitor: Visitor, { pages }: Settings): Access {
  if (visitor.kind !== "user") return ALL[visitor.kind];
  const signedIn = visitor.session !== null;
  if (visitor.role === "admin") return ADMINS[Number(signedIn)]!;
  const open = pages.filter(({ users }) => !users || users.has(visitor.name));
  const slugs = open.length === pages.length ? null : open.map(({ slug }) => slug);
  return {
    key: `viewer${signedIn ? "+" : ""}${slugs ? ` ${slugs.join("/")}` : ""}`,
    isAdmin: false,
    signedIn,
    pages: slugs && new Set(slugs),
  };
}

/** Accounts that a page shows. */
function accountsOf(page: PageSettings): string[] {
  const widgets = [
    ...page.headWidgets,
    ...page.columns.flatMap((column) => column.widgets),
    ...page.belowWidgets,
  ];
  return widgets.map(({ account }) => account);
}

/**
 * The part of everything that a visitor may see: their pages, and
 *
 * - `pages`: the accounts on them, for the widgets;
 * - `accounts`: the accounts that stand on no other page, for explanations, tables and the JSON
 *   interface. Those tell everything of an account, and so would show what a page that is not open
 *   shows.
 */
export function seenBy({ pages }: Access, live: Live, what: "pages" | "accounts"): Live {
  if (pages === null) return live;
  const { settings, sources } = live;
  const open = settings.pages.filter(({ slug }) => pages.has(slug));
  const closed = settings.pages.filter(({ slug }) => !pages.has(slug));
  const shown = new Set(open.flatMap(accountsOf));
  if (what === "accounts") closed.flatMap(accountsOf).forEach((account) => shown.delete(account));
  return {
    ...live,
    settings: { ...settings, pages: open },
    sources: new Map([...sources].filter(([name]) => shown.has(name))),
  };
}
