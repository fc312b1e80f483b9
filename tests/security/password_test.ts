import assert from "node:assert/strict";
import { hashPassword, verifyPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";

Deno.test("a hash says how it was made, and only its password is let in", async () => {
  const hash = await hashPassword(new Secret("correct horse battery"));
  assert.match(hash, /^pbkdf2-sha256\$600000\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword("correct horse battery", hash), true);
  assert.equal(await verifyPassword("correct horse batterx", hash), false);
  assert.equal(await verifyPassword("", hash), false);
});

Deno.test("a hash that another program made is understood: PBKDF2-SHA256 as everyone has it", async () => {
  // Sixteen zero bytes of salt and 100,000 rounds, by Python's hashlib.
  const hash =
    "pbkdf2-sha256$100000$AAAAAAAAAAAAAAAAAAAAAA$ZyuVe4tSgzJKMMUpgxdDUSESaGdgs8nINRrT1gjZ4E0";
  assert.equal(await verifyPassword("passwordpassword", hash), true);
});

Deno.test("a user that does not exist is refused after the same work", async () => {
  assert.equal(await verifyPassword("correct horse battery", null), false);
});

Deno.test("letters that look alike are the same password, however they were typed", async () => {
  const hash = await hashPassword(new Secret("café and more letters"));
  assert.equal(await verifyPassword("cafe\u0301 and more letters", hash), true);
});

Deno.test("passwords and hashes that cannot be are refused in a sentence", async () => {
  await assert.rejects(hashPassword(new Secret("short")), {
    message: "A password must have 12 to 1024 characters: this one has 5",
  });
  for (const text of ["", "plain", "pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA$x"]) {
    await assert.rejects(verifyPassword("anything at all", text), /is no password hash/);
  }
});
