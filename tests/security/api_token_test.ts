import assert from "node:assert/strict";
import {
  hashApiToken,
  isApiToken,
  makeApiToken,
  type Scope,
} from "../../src/security/api_token.ts";
import { createApiTokens } from "../../src/security/api_tokens.ts";
import { createMemoryAccess } from "../../src/store/access/memory.ts";

Deno.test("a token has a prefix, 256 random bits and a checksum that a slip does not pass", async () => {
  const { token, hash } = await makeApiToken();
  assert.match(token, /^glance_[0-9a-f]{72}$/);
  assert.match(hash, /^sha256:[0-9a-f]{64}$/);
  assert.equal(await hashApiToken(token), hash);
  assert.equal(isApiToken(token), true);
  for (let at = 7; at < token.length; at++) {
    const other = token[at] === "0" ? "1" : "0";
    assert.equal(isApiToken(token.slice(0, at) + other + token.slice(at + 1)), false, String(at));
  }
  for (const text of ["", "glance_", token.toUpperCase(), `${token}0`, ` ${token}`]) {
    assert.equal(isApiToken(text), false, text);
  }
});

Deno.test("the checksum is CRC-32", () => {
  // 64 zeros: crc32 of the text is 34b1e4cb.
  assert.equal(isApiToken(`glance_${"0".repeat(64)}34b1e4cb`), true);
});

async function world() {
  let now = 0;
  const store = createMemoryAccess();
  const used: string[] = [];
  const { token, hash } = await makeApiToken();
  const scopes: Scope[] = ["read:dashboard"];
  await store.tokens.add({ name: "bi", hash, scopes, created: 0, expires: 1e9, lastUsed: null });
  const configured: { name: string; hash: string; scopes: Scope[]; expires: number }[] = [];
  const tokens = createApiTokens({
    keeper: store.tokens,
    configured: () => configured,
    now: () => now,
    onFirstUse: ({ name }) => void used.push(name),
    onError: (error) => {
      throw error;
    },
  });
  return { store, token, tokens, used, configured, pass: (ms: number) => void (now += ms) };
}

Deno.test("a token holds until it expires or is revoked", async () => {
  const { store, token, tokens, pass } = await world();
  assert.deepEqual((await tokens.find(token))!.scopes, ["read:dashboard"]);
  await store.tokens.remove("bi");
  pass(5_000);
  assert.equal(await tokens.find(token), undefined);
  const other = await world();
  other.pass(1e9);
  assert.equal(await other.tokens.find(other.token), undefined);
});

Deno.test("its use is noted each minute, and told of once a day", async () => {
  const { store, token, tokens, used, pass } = await world();
  pass(100_000);
  for (let count = 0; count < 3; count++) await tokens.find(token);
  await Promise.resolve();
  assert.equal((await store.tokens.all())[0]!.lastUsed, 100_000);
  pass(60_000);
  await tokens.find(token);
  await Promise.resolve();
  assert.equal((await store.tokens.all())[0]!.lastUsed, 160_000);
  assert.deepEqual(used, ["bi"]);
  pass(86_400_000);
  await tokens.find(token);
  assert.deepEqual(used, ["bi", "bi"]);
});

Deno.test("the configuration may name tokens by their hash, where there is no database", async () => {
  const { tokens, configured } = await world();
  const { token, hash } = await makeApiToken();
  configured.push({ name: "grafana", hash, scopes: ["read:metrics"], expires: 1e9 });
  assert.equal((await tokens.find(token))!.name, "grafana");
});
