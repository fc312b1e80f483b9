/**
 * Nothing of one account, mode, user or currency comes to another: 10,000 requests, mixed, many at
 * once, with the conditions that the answers to others gave.
 *
 * @module
 */
import assert from "node:assert/strict";
import { loadConfig } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import {
  createSimulator,
  makeAccount,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { createDice, pick, roll } from "../../src/simulator/random.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { HASH, signedIn } from "../support/signed_in.ts";

const REQUESTS = 10_000;
const AT_ONCE = 32;
const RELOAD_EVERY = 1_000;

/** Two accounts in both modes; each price names the account and the currency that it belongs to. */
const ACCOUNTS = ["north-test", "north-live", "south-test", "south-live"] as const;
const CURRENCIES = ["usd", "eur"] as const;
type Account = typeof ACCOUNTS[number];
type Currency = typeof CURRENCIES[number];

/** Users and the accounts whose pages they may see. */
const USERS: Readonly<Record<string, readonly Account[]>> = {
  ann: ACCOUNTS,
  nora: ["north-test", "north-live"],
  sam: ["south-test", "south-live"],
  tess: ["north-test", "south-test"],
};

const keyOf = (account: Account) => {
  const [name, mode] = account.split("-");
  return `rk_${mode}_isolated_${name}`;
};

/** Stands in whatever shows plans or subscriptions of an account in a currency. */
const markOf = (account: Account, currency: Currency) => `mark-${account}-${currency}`;

function simulatorOf(account: Account): Simulator {
  const livemode = account.endsWith("live");
  const subscriptions = CURRENCIES.map((currency) => {
    const mark = markOf(account, currency);
    const price = makePrice({ id: `price_${mark}`, currency, nickname: mark, livemode });
    return makeSubscription({
      id: `sub_${mark}`,
      customer: `cus_${mark}`,
      currency,
      livemode,
      lines: [makeItem({ id: `si_${mark}`, price })],
    });
  });
  return createSimulator({
    key: keyOf(account),
    account: makeAccount({ id: `acct_${account.replace("-", "")}` }),
    objects: { subscriptions },
  });
}

/** The first page has the address / and is open to everyone. */
const FRONT = "  - { name: Front, columns: [{ size: full, widgets: [] }] }";

function configText(): string {
  const accounts = ACCOUNTS.map((account) =>
    `  ${account}: { stripe-api-key: ${keyOf(account)}, api-base: "http://127.0.0.1:9" }`
  );
  const users = Object.keys(USERS).map((user) =>
    `    ${user}: { password-hash: "${HASH}", role: ${user === "ann" ? "admin" : "viewer"} }`
  );
  const pages = ACCOUNTS.map((account, at) => {
    const readers = Object.keys(USERS).filter((user) => USERS[user]!.includes(account));
    return `
  - name: Page ${at}
    slug: ${account}
    users: [${readers.join(", ")}]
    columns:
      - size: full
        widgets: [{ type: plans, account: ${account} }, { type: activity, account: ${account} }]`;
  });
  return ["accounts:", ...accounts, "auth:", "  users:", ...users, "pages:", FRONT, ...pages].join(
    "\n",
  );
}

async function settings(base: Settings): Promise<Settings> {
  const { settings } = await loadConfig({
    env: () => undefined,
    configPath: "glance.yml",
    readFile: () => Promise.resolve(configText()),
  });
  return { ...settings, server: base.server };
}

/** One Stripe for all: the key says whose it is. */
function startIsolated(own: Settings): Promise<Dashboard> {
  const byKey = new Map(ACCOUNTS.map((account) => [keyOf(account), simulatorOf(account)]));
  const [first] = byKey.values();
  return startLiveDashboard({
    simulator: {
      ...first!,
      fetch(input, init) {
        const { headers } = new Request(input, init);
        const key = headers.get("authorization")!.replace("Bearer ", "");
        return byKey.get(key)!.fetch(input, init);
      },
    },
    pollSeconds: 600,
    settings: () => own,
  });
}

/** What may be asked about an account; whether it is by page or shows the account itself. */
const QUESTIONS: readonly ((account: Account, currency: Currency) => string)[] = [
  (account, currency) => `/${account}?currency=${currency}`,
  (account, currency) => `/api/pages/${account}/content?currency=${currency}`,
  (account, currency) => `/api/widgets/${account}-1?currency=${currency}`,
  (account, currency) => `/api/v1/subscriptions?source=${account}&currency=${currency}`,
  (account, currency) => `/api/v1/subscriptions?source=${account}&currency=${currency}&format=csv`,
  (account, currency) => `/explain/mrr?source=${account}&currency=${currency}`,
];
const REFUSED = new Set([403, 404]);
const MARK = /mark-\w+-\w+-\w+/g;

interface Asked {
  readonly user: string;
  readonly account: Account;
  readonly currency: Currency;
  readonly path: string;
}

/** What is wrong with an answer; `null` for nothing. */
function crossing({ user, account, currency }: Asked, status: number, body: string): string | null {
  const marks = new Set(body.match(MARK));
  if (!USERS[user]!.includes(account)) {
    if (!REFUSED.has(status)) return `answered with ${status}`;
    return marks.size > 0 ? `refused, with ${[...marks].join()}` : null;
  }
  if (status !== 200) return `refused with ${status}`;
  const own = markOf(account, currency);
  return marks.size === 1 && marks.has(own) ? null : `shows ${[...marks].join() || "nothing"}`;
}

Deno.test("10,000 requests of several users about several accounts, modes and currencies cross nowhere", async () => {
  const own = await settings(
    (await loadConfig({
      env: (name) => name === "PORT" ? "0" : undefined,
      readFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
    })).settings,
  );
  await using dashboard = await startIsolated(own);
  const sessions = new Map<string, { readonly cookie: string }>();
  for (const user of Object.keys(USERS)) sessions.set(user, await signedIn(dashboard, user));
  const dice = createDice(6);
  /** Bodies by their ETag, of whomever they were for. */
  const known = new Map<string, string>();
  const seen: string[] = [];
  /** The last ETag of an address, whoever it was for. */
  const lastOf = new Map<string, string>();
  const crossings: string[] = [];
  const statuses = new Map<number, number>();
  let sent = 0;

  async function one(): Promise<void> {
    const [user, account] = [pick(dice, Object.keys(USERS)), pick(dice, ACCOUNTS)];
    const currency = pick(dice, CURRENCIES);
    const path = pick(dice, QUESTIONS)(account, currency);
    const chance = roll(dice);
    const other = chance < 0.25 && seen.length > 0 ? pick(dice, seen) : null;
    const etag = other ?? (chance < 0.5 ? lastOf.get(path) : null);
    const headers = { ...sessions.get(user)!, ...(etag ? { "if-none-match": etag } : {}) };
    const response = await dashboard.get(path, { headers, redirect: "manual" });
    const text = await response.text();
    const unchanged = response.status === 304;
    const body = unchanged ? known.get(etag!)! : text;
    const status = unchanged ? 200 : response.status;
    const wrong = crossing({ user, account, currency, path }, status, body);
    if (wrong !== null) crossings.push(`${user} ${path}: ${wrong}`);
    const given = response.headers.get("etag");
    if (given && response.status === 200) {
      if (!known.has(given)) seen.push(given);
      known.set(given, text);
      lastOf.set(path, given);
    }
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  }

  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (sent < REQUESTS) {
      // The cache is emptied while others ask.
      if (++sent % RELOAD_EVERY === 0) await dashboard.server.reload(own);
      await one();
    }
  }));
  assert.deepEqual(crossings.slice(0, 5), []);
  // Each kind of answer was among them.
  for (const status of [200, 304, 404]) assert.ok((statuses.get(status) ?? 0) > 20, `${status}`);
});
