/** Pages, columns, addresses, and which account a widget shows. */
import assert from "node:assert/strict";
import { slugOf } from "../../config/pages.ts";
import { faultsOf, LIVE_KEY, load, loadText, TEST_KEY } from "./support.ts";

const COLUMNS = "columns: [{size: full, widgets: [{type: revenue}]}]";
const page = (keys: string, columns = COLUMNS) =>
  `pages:\n  - name: One\n    ${keys}\n    ${columns}\n`;
const widget = (keys: string) =>
  `pages:\n  - name: One\n    columns:\n      - size: full\n        widgets:\n          - {${keys}}\n`;

for (
  const [rule, text, expected] of [
    [
      "an unknown type names the nearest",
      widget("type: revenu"),
      "line 6, column 20: pages[0].columns[0].widgets[0].type: is no type of widget; did you mean revenue?",
    ],
    [
      "a type far from all names all",
      widget("type: weather"),
      "line 6, column 20: pages[0].columns[0].widgets[0].type: is no type of widget: known are head, chart13, bridge, mrr-movements, plans, currencies, needs-you, activity, cash, revenue, customers, retention, cohorts, trials, failed-payments, renewals, forecast",
    ],
    [
      "a widget without type",
      widget("title: a"),
      "line 6, column 13: pages[0].columns[0].widgets[0].type: is missing: a widget's type is one of head, chart13, bridge, mrr-movements, plans, currencies, needs-you, activity, cash, revenue, customers, retention, cohorts, trials, failed-payments, renewals, forecast",
    ],
    [
      "a bad duration",
      widget("type: revenue, cache: 1w"),
      "line 6, column 36: pages[0].columns[0].widgets[0].cache: must be a number and a unit, such as 30s, 10m, 1h or 2d",
    ],
    [
      "a misspelt key of a widget",
      widget("type: revenue, cahce: 1h"),
      "line 6, column 29: pages[0].columns[0].widgets[0].cahce: is no known key; did you mean cache?",
    ],
    [
      "a column of another size",
      page("width: wide", "columns: [{size: large}]"),
      "line 4, column 22: pages[0].columns[0].size: must be one of small, full",
    ],
    [
      "four columns",
      page("width: wide", "columns: [{size: full}, {size: small}, {size: small}, {size: small}]"),
      "line 4, column 5: pages[0].columns: must have at most 3 entries",
    ],
    [
      "three columns on a slim page",
      page("width: slim", "columns: [{size: full}, {size: small}, {size: small}]"),
      "line 4, column 5: pages[0].columns: must have at most 2 entries on a slim page: remove one",
    ],
    [
      "no full column",
      page("width: slim", "columns: [{size: small}]"),
      "line 4, column 5: pages[0].columns: must have one or two columns of size full, and has 0: change the size of one",
    ],
    [
      "three full columns",
      page("width: wide", "columns: [{size: full}, {size: full}, {size: full}]"),
      "line 4, column 5: pages[0].columns: must have one or two columns of size full, and has 3: change the size of one",
    ],
    [
      "a page without columns",
      "pages:\n  - name: One",
      "line 2, column 5: pages[0].columns: is missing: it must be a list: begin each entry with a dash",
    ],
    ["no page", "pages: []", "line 1, column 1: pages: must have at least 1 entry"],
    [
      "a slug of capitals",
      page("slug: One"),
      "line 3, column 11: pages[0].slug: must be small letters, digits and -",
    ],
    [
      "a reserved slug",
      page("slug: api"),
      "line 3, column 11: pages[0].slug: is the address /api, which the program uses itself: choose another slug",
    ],
    [
      "a name that gives a reserved slug",
      `pages: [{name: Health, ${COLUMNS}}]`,
      "line 1, column 16: pages[0].name: gives the address /health, which the program uses itself: choose another slug",
    ],
    [
      "a name that gives no slug",
      `pages: [{name: "€", ${COLUMNS}}]`,
      "line 1, column 16: pages[0].name: gives no address: add a slug of small letters, digits and -",
    ],
    [
      "a slug twice",
      `pages:\n  - {name: A b, ${COLUMNS}}\n  - {name: c, slug: a-b, ${COLUMNS}}`,
      "line 3, column 21: pages[1].slug: is the address /a-b, which another page has: choose another slug",
    ],
    [
      "an unknown account",
      `accounts: {main: {stripe-api-key: ${TEST_KEY}}}\n${widget("type: head, account: mian")}`,
      "line 7, column 35: pages[0].columns[0].widgets[0].account: is no name under accounts: there is main; did you mean main?",
    ],
    [
      "a mode without key",
      widget("type: head, stripe-mode: test"),
      "line 6, column 39: pages[0].columns[0].widgets[0].stripe-mode: says a mode without a key: name an account, or add stripe-api-key",
    ],
    [
      "a key of the other mode",
      widget("type: head, stripe-mode: live, stripe-api-key: rk_test_1"),
      "line 6, column 61: pages[0].columns[0].widgets[0].stripe-api-key: The Stripe key is a test key but stripe-mode is live: change one of them",
    ],
    [
      "an account beside a key",
      widget("type: head, account: default, stripe: {api-key: rk_test_1}"),
      "line 6, column 35: pages[0].columns[0].widgets[0].account: stands beside a key of the widget's own: keep one of them",
    ],
  ] as const
) {
  Deno.test(`refused: ${rule}`, async () => {
    assert.deepEqual(await faultsOf(text), [`glance.yml, ${expected}`]);
  });
}

Deno.test("an address follows from the name", () => {
  assert.equal(slugOf("Café & Bar"), "cafe-bar");
  assert.equal(slugOf("  Q3 / 2026 "), "q3-2026");
  assert.equal(slugOf("日本"), "");
});

Deno.test("widgets are numbered over their page: head, then column by column", async () => {
  const { settings } = await loadText(`
pages:
  - name: Overview
    head-widgets: [{type: head}]
    columns:
      - {size: full, widgets: [{type: bridge}, {type: plans}]}
      - {size: small, widgets: [{type: cash, cache: 2d, title: Money, css-class: big}]}
  - {name: Second Page, width: slim, show-mobile-header: true, ${COLUMNS}}
`);
  const [first, second] = settings.pages;
  assert.equal(first!.slug, "");
  assert.equal(first!.width, "default");
  assert.deepEqual(first!.headWidgets.map(({ id }) => id), ["main-1"]);
  assert.deepEqual(first!.columns.map(({ widgets }) => widgets.map(({ id }) => id)), [
    ["main-2", "main-3"],
    ["main-4"],
  ]);
  assert.deepEqual(first!.columns[1]!.widgets[0], {
    id: "main-4",
    type: "cash",
    title: "Money",
    cssClass: "big",
    account: "default",
    cacheSeconds: 172_800,
  });
  assert.equal(second!.slug, "second-page");
  assert.equal(second!.columns[0]!.widgets[0]!.id, "second-page-1");
});

Deno.test("a widget without account shows the first; others the one they name", async () => {
  const { settings } = await load({
    files: {
      "glance.yml": `
accounts: {b: {stripe-api-key: rk_test_b}, a: {stripe-api-key: rk_test_a}}
pages:
  - name: One
    columns: [{size: full, widgets: [{type: plans}, {type: plans, account: a}]}]
`,
    },
  });
  assert.deepEqual(settings.pages[0]!.columns[0]!.widgets.map(({ account }) => account), [
    "b",
    "a",
  ]);
});

Deno.test("a widget's own key makes an account for each key, in the original's spellings", async () => {
  const { settings } = await load({
    files: {
      "glance.yml": `
accounts: {named: {stripe-api-key: rk_test_named}}
pages:
  - name: One
    columns:
      - size: full
        widgets:
          - {type: revenue, stripe-api-key: ${LIVE_KEY}, stripe-mode: live}
          - {type: customers, stripe: {api-key: ${LIVE_KEY}, mode: live}}
          - {type: revenue, stripe-api-key: rk_test_1}
          - {type: revenue, stripe-api-key: rk_test_2, stripe-mode: test}
          - {type: revenue, stripe-api-key: rk_test_named}
`,
    },
  });
  assert.deepEqual(settings.pages[0]!.columns[0]!.widgets.map(({ account }) => account), [
    "live-1",
    "live-1",
    "test-1",
    "test-2",
    "named",
  ]);
  assert.deepEqual(settings.accounts.map(({ name, mode }) => [name, mode]), [
    ["named", "test"],
    ["live-1", "live"],
    ["test-1", "test"],
    ["test-2", "test"],
  ]);
});

Deno.test("an account with the environment's key is that account, not a second one", async () => {
  const { settings } = await loadText("accounts: {acme: {stripe-api-key: '${STRIPE_SECRET_KEY}'}}");
  assert.deepEqual(settings.accounts.map(({ name }) => name), ["acme"]);
});

Deno.test("accounts.default without a key takes the environment's; with another it is refused", async () => {
  const { settings } = await loadText("accounts: {default: {time-zone: Asia/Tokyo}}");
  assert.deepEqual(settings.accounts.map((one) => [one.name, one.timeZone, one.key.reveal()]), [
    ["default", "Asia/Tokyo", TEST_KEY],
  ]);
  assert.deepEqual(await faultsOf("accounts: {default: {stripe-api-key: rk_test_b}}"), [
    "glance.yml, line 1, column 38: accounts.default.stripe-api-key: is set, and so is " +
    "STRIPE_SECRET_KEY: keep one of them, or give this account another name",
  ]);
});

Deno.test("an account without a key says what to add", async () => {
  assert.deepEqual(await faultsOf("accounts: {a: {}}"), [
    "glance.yml, line 1, column 12: accounts.a: has no stripe-api-key: add one, for instance " +
    "${STRIPE_SECRET_KEY}",
  ]);
});

Deno.test("an account's options are taken", async () => {
  const { settings } = await loadText(`
accounts:
  a:
    stripe-api-key: rk_test_a
    stripe-mode: test
    account: acct_1
    webhook-secrets: [whsec_a, whsec_b]
    exclude: {customers: [cus_1], products: [prod_1], prices: [price_1], metadata: {internal: "true"}}
    limits: {rate: 25, burst: 50, endpoint-rate: 20, attempt-timeout: 30s, concurrency: 8}
`);
  const account = settings.accounts[1]!;
  assert.equal(account.account, "acct_1");
  assert.deepEqual(account.webhookSecrets?.map((secret) => secret.reveal()), [
    "whsec_a",
    "whsec_b",
  ]);
  assert.deepEqual(account.exclude, {
    customers: ["cus_1"],
    products: ["prod_1"],
    prices: ["price_1"],
    metadata: { internal: "true" },
  });
  assert.deepEqual(account.limits, {
    rate: 25,
    burst: 50,
    endpointRate: 20,
    attemptTimeoutMs: 30_000,
    concurrency: 8,
  });
});
