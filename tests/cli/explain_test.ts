/** `glance explain`, as a process. */
import assert from "node:assert/strict";
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
