import assert from "node:assert/strict";
import fc from "fast-check";
import { clientAddress, isWithin, parseRange, throttledAs } from "../../src/security/address.ts";

const PROXIES = ["10.0.0.0/8", "::1", "fc00::/7"].map(parseRange);
const one = { hops: 1, trusted: PROXIES };

Deno.test("a range holds the addresses that begin like it", () => {
  for (const inside of ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3", "::1", "fd12::1"]) {
    assert.equal(isWithin(inside, PROXIES), true, inside);
  }
  for (const outside of ["11.0.0.0", "9.255.255.255", "::2", "fe80::1", "", "10.0.0", "x"]) {
    assert.equal(isWithin(outside, PROXIES), false, outside);
  }
});

for (
  const text of [
    "",
    "10.0.0.0/33",
    "10.0.0/8",
    "010.0.0.1",
    "1.2.3.256",
    "::1::",
    "fc00::/129",
    "a",
  ]
) {
  Deno.test(`"${text}" is no range`, () => {
    assert.throws(() => parseRange(text), /must be an address or a range of them/);
  });
}

Deno.test("the visitor is the address that the nearest proxy saw, the rightmost", () => {
  assert.equal(clientAddress("10.0.0.2", "1.1.1.1, 203.0.113.9", one), "203.0.113.9");
  assert.equal(clientAddress("10.0.0.2", "203.0.113.9:4711", one), "203.0.113.9");
  assert.equal(clientAddress("10.0.0.2", "[2001:db8::1]:4711", one), "2001:db8::1");
});

Deno.test("behind two proxies it is the one before", () => {
  const two = { hops: 2, trusted: PROXIES };
  assert.equal(clientAddress("10.0.0.2", "1.1.1.1, 203.0.113.9, 10.0.0.3", two), "203.0.113.9");
  // It came by the inner one alone.
  assert.equal(clientAddress("10.0.0.2", "203.0.113.9", two), "203.0.113.9");
});

Deno.test("without proxies, or from an address that is none, the header counts for nothing", () => {
  const none = { hops: 0, trusted: PROXIES };
  assert.equal(clientAddress("10.0.0.2", "203.0.113.9", none), "10.0.0.2");
  assert.equal(clientAddress("198.51.100.7", "203.0.113.9", one), "198.51.100.7");
  assert.equal(clientAddress("10.0.0.2", null, one), "10.0.0.2");
  assert.equal(clientAddress("10.0.0.2", "unknown", one), "10.0.0.2");
});

Deno.test("1,000 forged headers lead to one address by which tries are counted", () => {
  const written = fc.array(
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom("", "unknown", "10.0.0.2", ",")),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(written, (forged) => {
      // nginx adds the address that it saw to whatever came.
      const behind = [...forged, "203.0.113.9"].join(", ");
      assert.equal(clientAddress("10.0.0.2", behind, one), "203.0.113.9");
      assert.equal(clientAddress("203.0.113.9", forged.join(", "), one), "203.0.113.9");
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("who has one address of IPv6 has its /64, so tries are counted by that", () => {
  assert.equal(throttledAs("2001:db8::1"), throttledAs("2001:db8::ffff:0:1"));
  assert.notEqual(throttledAs("2001:db8::1"), throttledAs("2001:db8:0:1::1"));
  assert.equal(throttledAs("::ffff:203.0.113.9"), throttledAs("203.0.113.9"));
  assert.notEqual(throttledAs("203.0.113.9"), throttledAs("203.0.113.8"));
});
