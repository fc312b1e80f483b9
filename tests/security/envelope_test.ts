import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { createVault, makeMasterKey } from "../../src/security/envelope.ts";
import { Secret } from "../../src/security/secret.ts";

const MASTER = new Secret("correct horse battery staple 0123456789");
const KEY = { purpose: "stripe-api-key", source: "main" };

Deno.test("what is sealed is opened again, and says which key, rounds and version it has", async () => {
  const vault = createVault(MASTER);
  const envelope = await vault.seal(new Secret("rk_live_abc"), KEY);
  assert.match(
    envelope,
    /^encrypted:v2\.[\w-]{22}\.600000~[\w-]{22}\.[\w-]{16}\.[\w-]+$/,
  );
  assert.ok(!envelope.includes("rk_live"));
  assert.equal((await vault.open(envelope, KEY)).reveal(), "rk_live_abc");
  // Another process draws another salt and opens it all the same.
  assert.equal((await createVault(MASTER).open(envelope, KEY)).reveal(), "rk_live_abc");
});

Deno.test("the same secret is never sealed to the same text", async () => {
  const vault = createVault(MASTER);
  const sealed = await Promise.all([1, 2, 3].map(() => vault.seal(new Secret("x"), KEY)));
  assert.equal(new Set(sealed).size, 3);
});

Deno.test("a secret is opened in its own place alone", async () => {
  const vault = createVault(MASTER);
  const envelope = await vault.seal(new Secret("rk_live_abc"), KEY);
  for (const place of [{ ...KEY, source: "other" }, { ...KEY, purpose: "webhook-secret" }]) {
    await assert.rejects(vault.open(envelope, place), {
      name: "EnvelopeError",
      message: `The encrypted value cannot be opened as ${place.purpose} of ${place.source}: it ` +
        "was changed, or sealed for another place. Seal the secret again for this one",
    });
  }
});

Deno.test("no changed character goes unnoticed, and no error tells the secret", async () => {
  const vault = createVault(MASTER);
  const envelope = await vault.seal(new Secret("rk_live_abc"), KEY);
  const start = "encrypted:v2.".length;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: start, max: envelope.length - 1 }),
      fc.constantFrom(..."abcdefXYZ019_-"),
      async (index, char) => {
        // The last character of each part holds bits that stand for nothing.
        const next = envelope[index + 1];
        if (envelope[index] === char || next === "." || next === undefined) return;
        // More rounds are slow, and another number is another key anyway.
        const rounds = envelope.indexOf(".600000~");
        if (index > rounds && index < envelope.indexOf("~")) return;
        const changed = envelope.slice(0, index) + char + envelope.slice(index + 1);
        await assert.rejects(vault.open(changed, KEY), (error: Error) => {
          assert.equal(error.name, "EnvelopeError");
          return !error.message.includes("rk_live");
        });
      },
    ),
    { numRuns: 40 },
  );
});

/** The part of an envelope between the dots, with one bit of its bytes flipped. */
function flipped(envelope: string, part: number, bit: number): string {
  const parts = envelope.split(".");
  const [rounds, text] = part === 2 ? parts[2]!.split("~") as [string, string] : ["", parts[part]!];
  const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  const changed = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  parts[part] = part === 2 ? `${rounds}~${changed}` : changed;
  return parts.join(".");
}

Deno.test("every single bit of salt, nonce and ciphertext counts", async () => {
  const vault = createVault(MASTER);
  const envelope = await vault.seal(new Secret("rk_live_abc"), KEY);
  const bits = (part: number, bytes: number, each: number) =>
    Array.from({ length: bytes * 8 / each }, (_, index) => [part, index * each] as const);
  const all = [
    // Each salt is stretched anew, which is slow on purpose: one bit a byte, all of them in full.
    ...bits(2, 16, Deno.env.get("LONG_TESTS_FULL") ? 1 : 8),
    ...bits(3, 12, 1),
    ...bits(4, "rk_live_abc".length + 16, 1),
  ];
  assert.ok(all.length >= 16 + 96 + 216);
  for (const [part, bit] of all) {
    const changed = flipped(envelope, part, bit);
    assert.notEqual(changed, envelope);
    await assert.rejects(vault.open(changed, KEY), { name: "EnvelopeError" }, `${part} ${bit}`);
  }
});

Deno.test("during a rotation the key before still opens; what it sealed is not current", async () => {
  const next = makeMasterKey();
  const old = await createVault(MASTER).seal(new Secret("rk_live_abc"), KEY);
  const vault = createVault(next, MASTER);
  assert.equal((await vault.open(old, KEY)).reveal(), "rk_live_abc");
  assert.equal(await vault.isCurrent(old), false);
  const anew = await vault.seal(await vault.open(old, KEY), KEY);
  assert.equal(await vault.isCurrent(anew), true);
  await assert.rejects(createVault(next).open(old, KEY), /give that key, or seal the secret again/);
});

/** Written by the version before, whose key id was one SHA-256 of the master key. */
const OF_VERSION_1 = {
  key: "encrypted:v1.01fec3c1.600000~nJd_vWGL6gLttsq4FSTI8g.OWuXxBFEdAPHDmn1." +
    "1GkRxJDE0FieZno6HDwj7VO8-FSLNaJ9OP8f0YuJYcFC",
  webhook: "encrypted:v1.01fec3c1.600000~nJd_vWGL6gLttsq4FSTI8g.aACHcIE05-x2Dkp9." +
    "rbxm9b4J9c9Cq8r4GFns5efHnW9K8cwBGqi6AzAqtw",
};

Deno.test("envelopes of version 1 still open, in their place alone, and are not current", async () => {
  const vault = createVault(MASTER);
  const webhook = { purpose: "webhook-secret", source: "main" };
  assert.equal((await vault.open(OF_VERSION_1.key, KEY)).reveal(), "rk_live_of_before");
  assert.equal((await vault.open(OF_VERSION_1.webhook, webhook)).reveal(), "whsec_of_before");
  await assert.rejects(vault.open(OF_VERSION_1.key, webhook), /sealed for another place/);
  assert.equal(await vault.isCurrent(OF_VERSION_1.key), false);
  const next = createVault(makeMasterKey(), MASTER);
  assert.equal((await next.open(OF_VERSION_1.key, KEY)).reveal(), "rk_live_of_before");
  await assert.rejects(
    createVault(makeMasterKey()).open(OF_VERSION_1.key, KEY),
    /sealed under a master key that is neither GLANCE_MASTER_KEY nor/,
  );
});

/** Key id, rounds and salt as text. */
function idOf(envelope: string) {
  const [, id, stretched] = envelope.split(".");
  const [rounds, salt] = stretched!.split("~");
  return { id: id!, rounds: Number(rounds), salt: salt! };
}

Deno.test("the key id is an HMAC of a fixed label under the stretched key of the envelope's own salt", async () => {
  const { id, rounds, salt } = idOf(await createVault(MASTER).seal(new Secret("x"), KEY));
  const stretched = pbkdf2Sync(
    "correct horse battery staple 0123456789",
    Buffer.from(salt, "base64url"),
    rounds,
    32,
    "sha256",
  );
  const hmac = createHmac("sha256", stretched).update("glance key id").digest();
  assert.equal(id, hmac.subarray(0, 16).toString("base64url"));
  // Another vault of the same master key has another salt, and so another id.
  assert.notEqual(idOf(await createVault(MASTER).seal(new Secret("x"), KEY)).id, id);
});

Deno.test("weak master keys, weak rounds and damaged texts are refused in a sentence", async () => {
  for (const weak of ["short", "a".repeat(64)]) {
    assert.throws(
      () => createVault(new Secret(weak)),
      /^EnvelopeError: GLANCE_MASTER_KEY is too weak/,
    );
  }
  const vault = createVault(MASTER);
  const envelope = await vault.seal(new Secret("x"), KEY);
  for (
    const [text, message] of [
      ["encrypted:abc", /is not whole: it must be as glance secret:seal printed it/],
      [envelope.replace("v2", "v3"), /is of version 3, and this program knows 1 and 2: update it/],
      [envelope.replace("600000~", "1000~"), /was sealed with 1000 rounds/],
      [envelope.replace("600000~", "99999999999~"), /was sealed with 99999999999 rounds/],
    ] as const
  ) {
    await assert.rejects(vault.open(text, KEY), message);
  }
});

Deno.test("a master key that is made has 256 random bits and is strong enough", () => {
  const key = makeMasterKey();
  assert.match(key.reveal(), /^[\w-]{43}$/);
  assert.notEqual(key.reveal(), makeMasterKey().reveal());
  createVault(key);
  assert.equal(String(key), "[secret]");
});
