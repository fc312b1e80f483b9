import assert from "node:assert/strict";
import { checkBase } from "../../src/stripe/base.ts";
import { checkMode, createKeyUrl, keyDigest, keyFacts } from "../../src/stripe/key.ts";

/** Must never come back in any message. */
const CANARY = "51CanaryQz7";

Deno.test("each prefix tells mode and kind; restricted keys need no warning", () => {
  const cases: [string, string, string, boolean][] = [
    ["rk_live_", "live", "restricted", false],
    ["rk_test_", "test", "restricted", false],
    ["sk_live_", "live", "secret", true],
    ["sk_test_", "test", "secret", true],
    ["sk_org_live_", "live", "organization", true],
    ["sk_org_test_", "test", "organization", true],
  ];
  for (const [prefix, mode, kind, warned] of cases) {
    const facts = keyFacts(prefix + CANARY);
    assert.deepEqual(
      [facts.mode, facts.kind, facts.warning !== null],
      [mode, kind, warned],
      prefix,
    );
    assert.ok(!JSON.stringify(facts).includes("Canary"));
  }
});

Deno.test("what is no key for reading is refused; the sentence says what to do and holds no part of it", () => {
  const cases: [key: string, sentence: RegExp][] = [
    [
      `pk_live_${CANARY}`,
      /^The Stripe key is a publishable one \(pk_…\), which cannot read subscriptions\./,
    ],
    [`pk_test_${CANARY}`, /publishable/],
    [`whsec_${CANARY}`, /webhook secret \(whsec_…\), which belongs in STRIPE_WEBHOOK_SECRET/],
    [`rk_live_${CANARY} `, /white space/],
    [`rk_live_${CANARY}\n`, /white space/],
    [`rk_${CANARY}`, /form that is not known/],
    [`rk_prod_${CANARY}`, /form that is not known/],
    [`RK_LIVE_${CANARY}`, /form that is not known/],
    ["rk_live_", /form that is not known/],
    [CANARY, /form that is not known/],
    ["", /form that is not known/],
    ["x", /form that is not known/],
  ];
  for (const [key, sentence] of cases) {
    assert.throws(() => keyFacts(key), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, sentence);
      assert.match(error.message, /Create a restricted key with read permissions/);
      assert.ok(!`${error.message} ${error.stack}`.includes("Canary"), error.message);
      return true;
    });
  }
});

Deno.test("key and configured mode must agree; without one the key decides", () => {
  const live = keyFacts(`rk_live_${CANARY}`);
  assert.equal(checkMode(live, undefined), "live");
  assert.equal(checkMode(live, "live"), "live");
  assert.throws(
    () => checkMode(live, "test"),
    new TypeError("The Stripe key is a live key but stripe-mode is test: change one of them"),
  );
});

Deno.test("a digest tells nothing of the key, and two keys with one beginning differ", async () => {
  const first = await keyDigest("rk_test_51AccountA111", "salt");
  const second = await keyDigest("rk_test_51AccountA222", "salt");
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.notEqual(first, second);
  assert.notEqual(first, await keyDigest("rk_test_51AccountA111", "pepper"));
  assert.equal(first, await keyDigest("rk_test_51AccountA111", "salt"));
});

Deno.test("the page that creates the key names read permissions only, in the right mode", () => {
  const live = new URL(createKeyUrl("live"));
  assert.equal(live.origin + live.pathname, "https://dashboard.stripe.com/apikeys/create");
  assert.match(createKeyUrl("test"), /dashboard\.stripe\.com\/test\/apikeys\/create/);
  const slugs = [...live.searchParams].filter(([name]) => name !== "name").map(([, slug]) => slug);
  assert.equal(slugs.length, 19);
  assert.ok(slugs.every((slug) => /^rak_\w+_read$/.test(slug)));
  assert.ok(slugs.includes("rak_plan_read") && !slugs.includes("rak_price_read"));
});

Deno.test("a base is https, or http on this machine", () => {
  for (
    const base of [
      "https://api.stripe.com",
      "https://api.stripe.com/",
      "https://stripe.internal:8443",
      "http://localhost:12111",
      "http://127.0.0.1:12111",
      "http://127.1.2.3",
      "http://[::1]:12111",
    ]
  ) assert.equal(checkBase(base).href, new URL(base).href);
});

Deno.test("plain http to another machine, other schemes and no addresses are refused", () => {
  assert.throws(
    () => checkBase("http://stripe.internal"),
    new TypeError(
      "STRIPE_API_BASE must use https (plain http is for this machine only): it names stripe.internal",
    ),
  );
  for (
    const base of [
      "http://127.0.0.1.example.com",
      "http://localhost.example.com",
      "ftp://localhost",
      "file:///etc",
    ]
  ) assert.throws(() => checkBase(base), TypeError, base);
  for (const base of ["api.stripe.com", "", "https://"]) {
    assert.throws(
      () => checkBase(base),
      new TypeError(
        "STRIPE_API_BASE is no address: write it as https://host or http://127.0.0.1:12111",
      ),
    );
  }
});

Deno.test("a base with more than a host is refused, and its password is not told", () => {
  for (
    const base of [
      "https://api.stripe.com/v1",
      "https://api.stripe.com/?x=1",
      "https://api.stripe.com/#x",
      "https://user:Canary@api.stripe.com",
    ]
  ) {
    assert.throws(() => checkBase(base), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.equal(
        error.message,
        "STRIPE_API_BASE must be a host alone, without path, query or user: it names api.stripe.com",
      );
      return true;
    });
  }
});
