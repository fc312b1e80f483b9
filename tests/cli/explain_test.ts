/** `glance explain`, as a process. */
import assert from "node:assert/strict";
import { explainJson } from "../../src/cli/explain.ts";
import { makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";

const ROOT = new URL("../../", import.meta.url);

async function glance(args: readonly string[], input = "", env: Record<string, string> = {}) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-env", "--allow-read", "main.ts", ...args],
    cwd: ROOT,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const yearly = makeSubscription({
  id: "sub_1",
  lines: [makeItem({
    id: "si_1",
    price: makePrice({
      id: "price_1",
      product: "prod_1",
      unit_amount: 10_000,
      recurring: {
        interval: "year",
        interval_count: 1,
        meter: null,
        trial_period_days: null,
        usage_type: "licensed",
      },
    }),
  })],
});

Deno.test("explain --json gives an object for an object", async () => {
  const { code, out } = await glance(["explain", "--json"], JSON.stringify(yearly));
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), {
    kind: "value",
    mrr: { usd: 833 },
    exact: { usd: "2500/3" },
    issues: [],
    reason: null,
    lines: [{ item: "si_1", price: "price_1", product: "prod_1", exact: "2500/3" }],
  });
});

Deno.test("explain --json gives an array for an array, each with its options", async () => {
  const cancelled = { ...yearly, cancel_at_period_end: true };
  const { out } = await glance(
    ["explain", "--json"],
    JSON.stringify([
      { subscription: cancelled, options: {} },
      { subscription: cancelled, options: { cancellation: "at_end" } },
      { subscription: { ...yearly, discounts: ["di_1"] } },
    ]),
  );
  const [requested, ended, refused] = JSON.parse(out);
  assert.deepEqual([requested.mrr, requested.reason], [{ usd: 0 }, "cancel_scheduled"]);
  assert.deepEqual(ended.mrr, { usd: 833 });
  assert.deepEqual([refused.kind, refused.mrr, refused.issues], [
    "unresolved",
    {},
    ["discount_not_expanded"],
  ]);
});

Deno.test("explain says in words how the value comes about", async () => {
  const { out } = await glance(["explain"], JSON.stringify(yearly));
  assert.match(out, /^sub_1: \$8\.33 a month, exactly 2500\/3 minor units/);
  assert.match(out, /1 × price_1 = \$100\.00 a year/);
});

Deno.test("explain names the field of a subscription that it does not understand", async () => {
  const { code, err } = await glance(["explain", "--json"], JSON.stringify({ id: "sub_x" }));
  assert.equal(code, 1);
  assert.equal(err.trim(), "the subscription: items should be an object but is missing");
});

Deno.test("explain refuses what is no JSON, an unknown option, a missing file", async () => {
  const broken = await glance(["explain", "--json"], "{");
  assert.match(broken.err, /^the standard input is no JSON:/);
  const unknown = await glance(
    ["explain", "--json"],
    JSON.stringify({ subscription: yearly, options: { colour: 1 } }),
  );
  assert.match(unknown.err, /^the subscription: Unknown option colour: known are at, preset,/);
  const missing = await glance(["explain", "--json", "none.json"]);
  assert.match(missing.err, /^There is no such file:/);
});

Deno.test("an unknown command names the known ones, without a stack", async () => {
  const { code, err } = await glance(["explan"]);
  assert.equal(code, 1);
  assert.match(err, /^Unknown command explan: known are serve, demo, explain,/);
  assert.ok(!/\n\s+at /.test(err));
});

Deno.test("the demo refuses a key", async () => {
  const { code, err } = await glance(["demo"], "", { STRIPE_SECRET_KEY: "sk_live_canary" });
  assert.equal(code, 1);
  assert.match(err, /takes no key: unset STRIPE_SECRET_KEY/);
  assert.ok(!err.includes("canary"));
});

Deno.test("a live key is not served, on any address, until it is said who may see the figures", async () => {
  const { code, err } = await glance(["serve"], "", { STRIPE_SECRET_KEY: "rk_live_canary" });
  assert.equal(code, 1);
  assert.match(err, /auth: is missing, and a live key is configured\. Write one of these/);
  assert.ok(!err.includes("canary"));
});

Deno.test("config:schema prints a JSON Schema, version the version", async () => {
  const schema = await glance(["config:schema"]);
  assert.equal(JSON.parse(schema.out).type, "object");
  const version = await glance(["version"]);
  assert.match(version.out, /^businessglance \d+\.\d+\.\d+ \(deno /);
});

/** What explain says of a value that it does not take. */
function refusal(value: unknown): string {
  try {
    explainJson(JSON.stringify(value), "f.json", 0);
    return "taken";
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("a list or an event is called what it is, with how to get the subscription out", () => {
  const event = { id: "evt_1", object: "event", data: { object: yearly } };
  for (
    const [value, said] of [
      [
        { object: "list", data: [yearly, yearly] },
        "the subscription is a list of 2 objects, not a subscription: give explain its elements, " +
        "jq '.data' FILE, or one of them, jq '.data[0]' FILE",
      ],
      [
        event,
        "the subscription is an event, not a subscription: the subscription as it was then is in " +
        "it, jq '.data.object' FILE",
      ],
      [
        { object: "event", data: { object: { object: "invoice" } } },
        'the subscription is of the type "event", not a subscription: get the subscription ' +
        "itself by stripe subscriptions retrieve sub_…",
      ],
      [
        { object: "v2.core.event", related_object: { id: "sub_7" } },
        'the subscription is of the type "v2.core.event", not a subscription: get the ' +
        "subscription itself by stripe subscriptions retrieve sub_7",
      ],
      [
        { object: "invoice", subscription: "sub_8" },
        'the subscription is of the type "invoice", not a subscription: get the subscription ' +
        "itself by stripe subscriptions retrieve sub_8",
      ],
      [
        [yearly, { subscription: event }],
        "element 1 is an event, not a subscription: the subscription as it was then is in it, " +
        "jq '.data.object' FILE",
      ],
    ] as const
  ) assert.equal(refusal(value), said);
});

Deno.test("a byte-order mark before the JSON is skipped", () => {
  const found = explainJson(`\uFEFF${JSON.stringify(yearly)}`, "f.json", 0);
  assert.ok(!Array.isArray(found) && found.mrr.usd === 833);
});

Deno.test("an amount beyond 2^53 − 1 is text, digit by digit; one below is a number", () => {
  const worth = (quantity: number) => {
    const price = makePrice({ id: "price_1", product: "prod_1", unit_amount: 99_999_999 });
    const large = makeSubscription({
      id: "sub_1",
      lines: [makeItem({ id: "si_1", price, quantity })],
    });
    const found = explainJson(JSON.stringify(large), "f.json", 0);
    return Array.isArray(found) ? null : [found.mrr.usd, found.exact.usd];
  };
  assert.deepEqual(worth(999_999_999), ["99999998900000001", "99999998900000001"]);
  assert.deepEqual(worth(90_071_992), [9_007_199_109_928_008, "9007199109928008"]);
});
