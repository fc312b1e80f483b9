/**
 * A dashboard of three accounts, each on a page of its own and with figures that nothing else has,
 * and visitors who may see some of them: what stands in an answer says whose it is.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { loadConfig } from "../../config/load.ts";
import { makeApiToken, type Scope } from "../../src/security/api_token.ts";
import {
  createSimulator,
  makeAccount,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "./dashboard.ts";
import { HASH, signedIn } from "./signed_in.ts";

export const ACCOUNTS = ["home", "other", "last"] as const;
export type Account = typeof ACCOUNTS[number];

/** Monthly amounts in cents, found nowhere else: "7713.01", "7,713.01" and 771301 are of `home`. */
export const CENTS: Readonly<Record<Account, number>> = {
  home: 771_301,
  other: 882_402,
  last: 993_503,
};

/** The page of an account; the first of all has the address `/`. */
export const SLUGS: Readonly<Record<Account, string>> = { home: "", other: "other", last: "last" };

/** Users by the accounts whose pages they may see. */
export const USERS: Readonly<Record<string, readonly Account[]>> = {
  adm: ACCOUNTS,
  vic: ACCOUNTS,
  ana: ["home"],
  ben: [],
  cyd: ["other"],
  dee: ["home", "other"],
};

const SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  "dashboard token": ["read:dashboard"],
  "metrics token": ["read:metrics"],
  "token of both": ["read:metrics", "read:dashboard"],
};

/** A visitor, what they send, and the accounts whose figures they may see. */
export interface CanaryVisitor {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sees: readonly Account[];
}

export interface CanaryWorld extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly visitors: readonly CanaryVisitor[];
  /** Empties every cache, as a change of the configuration does. */
  forget(): Promise<void>;
}

const keyOf = (account: Account) => `rk_test_canary_world_${account}`;

function simulatorOf(account: Account): Simulator {
  const mark = `mark-${account}`;
  const price = makePrice({
    id: `price_${mark}`,
    nickname: mark,
    currency: "usd",
    unit_amount: CENTS[account],
  });
  const subscription = makeSubscription({
    id: `sub_${mark}`,
    customer: `cus_${mark}`,
    currency: "usd",
    lines: [makeItem({ id: `si_${mark}`, price })],
  });
  return createSimulator({
    key: keyOf(account),
    account: makeAccount({ id: `acct_${account}` }),
    objects: { subscriptions: [subscription] },
  });
}

function configText(tokens: readonly string[]): string {
  const accounts = ACCOUNTS.map((account) =>
    `  ${account}: { stripe-api-key: ${keyOf(account)}, api-base: "http://127.0.0.1:9" }`
  );
  const users = Object.keys(USERS).map((user) =>
    `    ${user}: { password-hash: "${HASH}", role: ${user === "adm" ? "admin" : "viewer"} }`
  );
  const pages = ACCOUNTS.map((account) => {
    const readers = Object.keys(USERS).filter((user) => USERS[user]!.includes(account));
    const widgets = ["head", "plans", "activity", "needs-you"]
      .map((type) => `{ type: ${type}, account: ${account} }`);
    return `
  - name: Page of ${account}
    slug: ${SLUGS[account] || "home"}
    users: [${readers.join(", ")}]
    columns: [{ size: full, widgets: [${widgets.join(", ")}] }]`;
  });
  return [
    "metrics: { enabled: true, business: true }",
    "accounts:",
    ...accounts,
    "auth:",
    "  users:",
    ...users,
    "  tokens:",
    ...tokens,
    "pages:",
    ...pages,
  ].join("\n");
}

/** Starts it. */
export async function startCanaryWorld(): Promise<CanaryWorld> {
  const made = await Promise.all(
    Object.entries(SCOPES).map(async ([name, scopes]) => {
      const { token, hash } = await makeApiToken();
      const row = `    - { name: ${name.replaceAll(" ", "-")}, hash: "${hash}", scopes: [${
        scopes.map((scope) => JSON.stringify(scope))
      }], expires: 2999-12-31 }`;
      const sees: readonly Account[] = scopes.includes("read:dashboard") ? ACCOUNTS : [];
      return { row, visitor: { name, headers: { authorization: `Bearer ${token}` }, sees } };
    }),
  );
  const { settings } = await loadConfig({
    env: (name) => name === "PORT" ? "0" : undefined,
    configPath: "glance.yml",
    readFile: () => Promise.resolve(configText(made.map(({ row }) => row))),
  });
  const own: Settings = { ...settings, server: { ...settings.server, port: 0 } };
  const byKey = new Map(ACCOUNTS.map((account) => [keyOf(account), simulatorOf(account)]));
  const [first] = byKey.values();
  const dashboard = await startLiveDashboard({
    pollSeconds: 600,
    settings: () => own,
    simulator: {
      ...first!,
      fetch(input, init) {
        const { headers } = new Request(input, init);
        return byKey.get(headers.get("authorization")!.replace("Bearer ", ""))!.fetch(input, init);
      },
    },
  });
  const readers: CanaryVisitor[] = [];
  for (const [name, sees] of Object.entries(USERS)) {
    readers.push({ name, headers: { ...await signedIn(dashboard, name) }, sees });
  }
  return {
    dashboard,
    visitors: [
      { name: "nobody", headers: {}, sees: [] },
      ...readers,
      ...made.map(({ visitor }) => visitor),
    ],
    forget: () => dashboard.server.reload(own),
    [Symbol.asyncDispose]: () => dashboard[Symbol.asyncDispose](),
  };
}

/** Accounts whose figures, customers or plans stand in a text. */
export function accountsIn(text: string): Account[] {
  return ACCOUNTS.filter((account) => {
    const [whole, cents] = [String(CENTS[account]).slice(0, 4), String(CENTS[account]).slice(4)];
    // Whole numbers: some gauge may have such digits among its own.
    const amount = `(${whole}${cents}|${whole}\\.${cents}|${whole[0]},${
      whole.slice(1)
    }\\.${cents})`;
    return new RegExp(`mark-${account}|(?<![\\d.,])${amount}(?!\\d|\\.\\d)`).test(text);
  });
}

/** The accounts that a visitor was shown and may not see. */
export function crossed(text: string, { sees }: CanaryVisitor): Account[] {
  return accountsIn(text).filter((account) => !sees.includes(account));
}
