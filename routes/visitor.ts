/**
 * Who asks, and what of the whole they may see.
 *
 * @module
 */
import type { PageSettings, Settings } from "../config/settings.ts";
import type { Scope } from "../src/security/api_token.ts";
import {
  type Grant,
  joined,
  NO_GRANT,
  OPEN_GRANT,
  type Right,
  type Role,
  ROLES,
  SCOPE_GRANTS,
} from "../src/security/rights.ts";
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

/** What a visitor may do and see. Equal rights have equal keys, and are shown the same bytes. */
export interface Access {
  readonly key: string;
  readonly may: ReadonlySet<Right>;
  /** Whether there is a session that can be ended. */
  readonly signedIn: boolean;
  /** Slugs of the pages; `null` for all. */
  readonly pages: ReadonlySet<string> | null;
}

/**
 * Rights with their key. The key is made of all of them and of nothing else, written so that two
 * different ones never read the same: `[]` is no page, `[""]` the first page alone.
 */
export function accessWith(
  { may, signedIn, pages }: {
    readonly may: readonly Right[];
    readonly signedIn: boolean;
    readonly pages: readonly string[] | null;
  },
): Access {
  const rights = [...new Set(may)].sort();
  const slugs = pages && [...new Set(pages)].sort();
  return {
    key: JSON.stringify([rights, signedIn, slugs]),
    may: new Set(rights),
    signedIn,
    pages: slugs && new Set(slugs),
  };
}

function grantOf(visitor: Visitor): Grant {
  switch (visitor.kind) {
    case "user":
      return ROLES[visitor.role];
    case "token":
      return joined(visitor.scopes.map((scope) => SCOPE_GRANTS[scope]));
    case "anyone":
      return OPEN_GRANT;
    case "nobody":
      return NO_GRANT;
  }
}

/** Rights over every page, which need not be made for each request. */
const WHOLE = new Map<Grant, readonly [Access, Access]>();
for (const grant of [...Object.values<Grant>(ROLES), OPEN_GRANT]) {
  const whole = (signedIn: boolean) => accessWith({ may: grant.may, signedIn, pages: null });
  if (grant.everyPage) WHOLE.set(grant, [whole(false), whole(true)]);
}
const NOBODYS = accessWith({ may: NO_GRANT.may, signedIn: false, pages: [] });

/** The rights of a visitor. */
export function accessOf(visitor: Visitor, { pages }: Pick<Settings, "pages">): Access {
  if (visitor.kind === "nobody") return NOBODYS;
  const grant = grantOf(visitor);
  const signedIn = visitor.kind === "user" && visitor.session !== null;
  const whole = WHOLE.get(grant)?.[signedIn ? 1 : 0];
  if (whole) return whole;
  if (grant.everyPage) return accessWith({ may: grant.may, signedIn, pages: null });
  // A page names users: a token of the same name is none.
  const open = visitor.kind === "user"
    ? pages.filter(({ users }) => !users || users.has(visitor.name))
    : [];
  const isEvery = visitor.kind === "user" && open.length === pages.length;
  return accessWith({
    may: grant.may,
    signedIn,
    pages: isEvery ? null : open.map(({ slug }) => slug),
  });
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
