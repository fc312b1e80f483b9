/** Keys and values: what is refused, where, and which word is near. */
import assert from "node:assert/strict";
import { configJsonSchema } from "../../config/json_schema.ts";
import { nearest } from "../../config/nearest.ts";
import { faultsOf, loadText } from "./support.ts";

for (
  const [text, expected] of [
    ["sever: {}", "line 1, column 1: sever: is no known key; did you mean server?"],
    ["server: {prot: 1}", "line 1, column 10: server.prot: is no known key; did you mean port?"],
    ["server: {port: -1}", "line 1, column 16: server.port: must be at least 0"],
    ["server: {port: 65536}", "line 1, column 16: server.port: must be at most 65535"],
    ["server: {port: 1.5}", "line 1, column 16: server.port: must be a whole number"],
    ["server: {port: '80'}", "line 1, column 16: server.port: must be a number"],
    ["server: {proxied: yes}", "line 1, column 19: server.proxied: must be true or false"],
    ["server: [1]", "line 1, column 1: server: must be a mapping of keys"],
    [
      "server: {base-url: glance}",
      "line 1, column 20: server.base-url: must be a path such as /glance, or an address with http or https",
    ],
    [
      "log: {level: wran}",
      "line 1, column 14: log.level: must be one of debug, info, warn, error; did you mean warn?",
    ],
    [
      "metrics: {open: true}",
      "line 1, column 11: metrics.open: is no known key: known are enabled, public, business",
    ],
    [
      "branding: {logo-text: 42}",
      "line 1, column 23: branding.logo-text: must be a text; put it in quotes if it looks like something else",
    ],
    [
      "branding: {logo-url: 'https://cdn.example/x.png'}",
      "line 1, column 22: branding.logo-url: must be a path of this server, such as /assets/logo.svg, as pages load nothing from elsewhere",
    ],
    [
      "branding: {logo-url: //cdn.example}",
      "line 1, column 22: branding.logo-url: must be a path of this server, such as /assets/logo.svg, as pages load nothing from elsewhere",
    ],
    [
      "branding: {app-background-color: red}",
      'line 1, column 34: branding.app-background-color: must be a colour such as "#151519", in quotes',
    ],
    [
      "theme: {background-color: 361 1 1}",
      "line 1, column 27: theme.background-color: must be hue (0 to 360), saturation and lightness (0 to 100), such as 240 8 9",
    ],
    [
      "theme: {primary-color: 1 101 1}",
      "line 1, column 24: theme.primary-color: must be hue (0 to 360), saturation and lightness (0 to 100), such as 240 8 9",
    ],
    [
      "theme: {presets: {Night: {}}}",
      "line 1, column 19: theme.presets.Night: as a key, must be small letters, digits or -",
    ],
    [
      "theme: {presets: {a: {ligth: true}}}",
      "line 1, column 23: theme.presets.a.ligth: is no known key; did you mean light?",
    ],
    [
      "auth: {users: {}}",
      "line 1, column 8: auth.users: must name a user at least",
    ],
    [
      "auth: {users: {ada: {password-hash: abc}}}",
      "line 1, column 37: auth.users.ada.password-hash: is no password hash of pbkdf2-sha256 with 100,000 rounds or more: make one with glance password:hash",
    ],
    [
      "document: {head: <b>}",
      "line 1, column 1: document: is not supported: the content security policy lets no markup of its own into the page. Remove it; theme.custom-css-file is for styles",
    ],
    [
      "accounts: {'a b': {}}",
      "line 1, column 12: accounts.a b: as a key, must be letters, digits, - or _",
    ],
    [
      "accounts: {a: {stripe-mode: prod}}",
      "line 1, column 29: accounts.a.stripe-mode: must be one of live, test",
    ],
    [
      "accounts: {a: {time-zone: Berlin}}",
      "line 1, column 27: accounts.a.time-zone: must be a time zone of the IANA list, such as Europe/Berlin or UTC",
    ],
    [
      "accounts: {a: {account: cus_1}}",
      "line 1, column 25: accounts.a.account: must be an account's id, which begins with acct_",
    ],
    [
      "accounts: {a: {customer-label: face}}",
      "line 1, column 32: accounts.a.customer-label: must be id, name, description, email or metadata.KEY",
    ],
    [
      "accounts: {a: {limits: {attempt-timeout: 20}}}",
      "line 1, column 42: accounts.a.limits.attempt-timeout: must be a text; put it in quotes if it looks like something else",
    ],
    [
      "accounts: {a: {limits: {attempt-timeout: 1d}}}",
      "line 1, column 42: accounts.a.limits.attempt-timeout: must be from 1s to 10m",
    ],
    [
      "accounts: {a: {limits: {rate: 0}}}",
      "line 1, column 31: accounts.a.limits.rate: must be above 0",
    ],
    [
      "accounts: {a: {webhook-secrets: [abc]}}",
      "line 1, column 34: accounts.a.webhook-secrets[0]: must be a webhook secret of Stripe, which begins with whsec_",
    ],
    [
      "figures: {preset: chartmogl}",
      "line 1, column 19: figures.preset: must be one of stripe, chartmogul, baremetrics, profitwell, recurly; did you mean chartmogul?",
    ],
    [
      "figures: {cancellation: at-end}",
      "line 1, column 25: figures.cancellation: must be one of at_request, at_end; did you mean at_end?",
    ],
    [
      "figures: {activation: first_payment}",
      "line 1, column 23: figures.activation: needs invoices, which are not read yet: use start",
    ],
    [
      "figures: {past-due: {max-dys: 3}}",
      "line 1, column 22: figures.past-due.max-dys: is no known key; did you mean max-days?",
    ],
    [
      "figures: {weeks-per-month: many}",
      'line 1, column 28: figures.weeks-per-month: must be a number such as "1.0834" or "13/3"',
    ],
    ["figures: {days-per-month: 0}", "line 1, column 27: figures.days-per-month: must be above 0"],
    [
      "figures: {gross-margin: 80}",
      "line 1, column 25: figures.gross-margin: must be above 0 and at most 1, such as 0.8 for 80 %",
    ],
    [
      "figures: {reporting-currency: euro}",
      "line 1, column 31: figures.reporting-currency: must be a currency's three letters, such as eur",
    ],
    [
      "figures: {rates: {eur: '1.1'}}",
      "line 1, column 11: figures.rates: needs reporting-currency beside it: what the rates lead to",
    ],
    [
      "figures: {reporting-currency: usd, rates: {USD: 2}}",
      "line 1, column 36: figures.rates.usd: is the reporting currency itself, which is worth 1: remove it",
    ],
  ] as const
) {
  Deno.test(`refused: ${text}`, async () => {
    const faults = (await faultsOf(text)).filter((fault) =>
      !fault.includes("max-days: is missing")
    );
    assert.deepEqual(faults, [`glance.yml, ${expected}`]);
  });
}

Deno.test("the nearest word is offered for typing errors, and none for another word", () => {
  const words = ["revenue", "needs-you", "head", "stripe-api-key"];
  assert.equal(nearest("revenu", words), "revenue");
  assert.equal(nearest("reveune", words), "revenue");
  assert.equal(nearest("NEEDS_YOU", words), "needs-you");
  assert.equal(nearest("stripe-apikey", words), "stripe-api-key");
  assert.equal(nearest("weather", words), null);
  assert.equal(nearest("x".repeat(5000), words), null);
});

Deno.test("figures: a preset, with single options set over it", async () => {
  const { settings } = await loadText(`
figures:
  preset: chartmogul
  past-due: {max-days: 30}
  subtract-once: false
  weeks-per-month: "433/100"
  days-per-month: 30
  gross-margin: 0.8
  reporting-currency: USD
  rates: {eur: "1.0834", jpy: 0.0067}
`);
  const { preset, options, reporting, inputs } = settings.figures;
  assert.equal(preset, "chartmogul");
  assert.deepEqual(options, {
    pastDue: { maxDays: 30 },
    trialing: "exclude",
    cancellation: "at_end",
    pauseCollection: "count",
    trialOffers: "exclude",
    subtractRepeating: true,
    subtractOnce: false,
    weeksPerMonth: { n: 433n, d: 100n },
    daysPerMonth: { n: 30n, d: 1n },
    inclusiveTax: "deduct",
    testClocks: "exclude",
    activation: "start",
  });
  assert.deepEqual(reporting, {
    ratesFile: "data/rates.csv",
    currency: "usd",
    rates: { eur: { n: 5417n, d: 5000n }, jpy: { n: 67n, d: 10_000n } },
  });
  assert.deepEqual(inputs.grossMargin, { n: 4n, d: 5n });
});

Deno.test("branding and theme become what the views take", async () => {
  const { settings } = await loadText(`
branding: {app-name: Acme, logo-url: /assets/a.svg, app-background-color: "#151519", hide-footer: true}
theme: {light: true, background-color: 240 8 95, contrast-multiplier: 1.2, presets: {night: {background-color: 240 8% 9%}}}
`);
  assert.deepEqual(settings.branding, {
    appName: "Acme",
    logoText: "Acme",
    logoHref: "/assets/a.svg",
    appBackgroundColor: "#151519",
    hideFooter: true,
  });
  assert.deepEqual(settings.theme, {
    colors: {
      light: true,
      background: { hue: 240, saturation: 8, lightness: 95 },
      contrastMultiplier: 1.2,
    },
    customCssFile: null,
    disablePicker: false,
    presets: { night: { background: { hue: 240, saturation: 8, lightness: 9 } } },
  });
});

Deno.test("the JSON Schema knows every section and refuses unknown keys", () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { additionalProperties?: unknown }>;
    additionalProperties: boolean;
  };
  assert.deepEqual(Object.keys(schema.properties), [
    "auth",
    "server",
    "branding",
    "theme",
    "pages",
    "accounts",
    "figures",
    "metrics",
    "network",
    "health",
    "log",
  ]);
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.properties.server!.additionalProperties, false);
});
