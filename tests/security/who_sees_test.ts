/**
 * Every address × every visitor, in both orders, with cold caches and with warm ones: nobody is
 * shown a figure that is not theirs, and nobody is refused a page that is.
 */
import assert from "node:assert/strict";
import { ROUTES } from "../../routes/access.ts";
import {
  type Account,
  ACCOUNTS,
  accountsIn,
  type CanaryVisitor,
  type CanaryWorld,
  crossed,
  SLUGS,
  startCanaryWorld,
} from "../support/canary_world.ts";

/** A route's addresses, one for each account where it is of one. */
function addressesOf(path: string): string[] {
  const slugOf = (account: Account) => SLUGS[account];
  if (path.startsWith("/:slug")) return ACCOUNTS.map((account) => `/${slugOf(account)}`);
  if (path === "/api/pages/:slug/content") {
    return ACCOUNTS.map((account) =>
      `/api/pages/${encodeURIComponent(`page of ${account}`)}/content`
    )
      .concat(["/api/pages/other/content", "/api/pages/last/content"]);
  }
  if (path === "/api/widgets/:id") {
    return ACCOUNTS.flatMap((account) =>
      [1, 2, 3, 4].map((nth) => `/api/widgets/${slugOf(account) || "main"}-${nth}`)
    );
  }
  const place: Readonly<Record<string, (account: Account) => string>> = {
    ":id": (account) => `sub_mark-${account}`,
    ":source": (account) => account,
    ":figure": () => "mrr",
    ":name": () => "none.css",
  };
  const query = path === "/api/v1/export" ? "&format=influx" : "";
  return ACCOUNTS.map((account) =>
    `${path.replace(/:\w+/, (word) => place[word]!(account))}?source=${account}${query}`
  );
}

const ADDRESSES = [
  ...ROUTES.filter(({ method, path }) => method === "GET" && path !== "/api/stream")
    .flatMap(({ path }) => addressesOf(path)),
  ...ACCOUNTS.flatMap((account) =>
    ["new", "movements", "active"].map((figure) => `/explain/${figure}?source=${account}`)
  ),
  "/api/v1/revenue",
  "/api/v1/sources",
  "/api/v1/subscriptions?source=home&format=csv",
  "/nothing",
];

/** Once more, each by those who came last; in the rest they meet what others left anyway. */
const WARM = ADDRESSES.filter((address) => !/^\/(api\/v1|explain)\//.test(address));

interface Answer {
  readonly status: number;
  readonly accounts: readonly Account[];
}

/** What each visitor is answered at each address, by `address visitor`. */
async function answers(
  { dashboard }: CanaryWorld,
  visitors: readonly CanaryVisitor[],
  addresses = ADDRESSES,
): Promise<{ readonly all: Map<string, Answer>; readonly crossings: string[] }> {
  const all = new Map<string, Answer>();
  const crossings: string[] = [];
  for (const address of addresses) {
    for (const visitor of visitors) {
      const { name, headers } = visitor;
      const response = await dashboard.get(address, { headers, redirect: "manual" });
      // "There is nothing at …" repeats what was asked.
      const text = (await response.text()).replaceAll(`at ${address.split("?")[0]}.`, "");
      const found = crossed(text, visitor);
      if (found.length > 0) crossings.push(`${address} shows ${name} ${found.join()}`);
      all.set(`${address} ${name}`, { status: response.status, accounts: accountsIn(text) });
    }
  }
  return { all, crossings };
}

Deno.test("every address × every visitor, in both orders, cold and warm, shows each one their own", async () => {
  await using world = await startCanaryWorld();
  const { visitors } = world;
  const there = await answers(world, visitors);
  const warm = await answers(world, visitors.toReversed(), WARM);
  await world.forget();
  const back = await answers(world, visitors.toReversed());
  assert.deepEqual([...there.crossings, ...warm.crossings, ...back.crossings], []);
  assert.equal(there.all.size, ADDRESSES.length * visitors.length);
  for (const [asked, answer] of there.all) {
    assert.deepEqual(back.all.get(asked), answer, asked);
    assert.deepEqual(warm.all.get(asked) ?? answer, answer, asked);
  }

  // And they do see what is theirs, on their pages and of their accounts.
  const seen = (address: string, name: string) => there.all.get(`${address} ${name}`);
  const own = (account: Account): Answer => ({ status: 200, accounts: [account] });
  for (const { name, sees, headers } of visitors) {
    for (const account of ACCOUNTS) {
      const page = seen(`/${SLUGS[account]}`, name)!;
      const json = seen(`/api/v1/subscriptions?source=${account}`, name)!;
      const isUser = "cookie" in headers;
      if (!sees.includes(account)) {
        assert.notEqual(page.status, 200, `${name} ${account}`);
        assert.notEqual(json.status, 200, `${name} ${account}`);
      } else {
        if (isUser) assert.deepEqual(page, own(account), `${name} ${account}`);
        assert.deepEqual(json, own(account), `${name} ${account}`);
      }
    }
  }
  assert.deepEqual(seen("/", "ben"), { status: 403, accounts: [] });
  assert.deepEqual(seen("/", "cyd"), { status: 303, accounts: [] });
});
