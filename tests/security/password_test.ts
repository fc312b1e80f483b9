import assert from "node:assert/strict";
import { hashPassword, verifyPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";

Deno.test("a hash says how it was made, and only its password is let in", async () => {
  const hash = await hashPassword(new Secret("correct horse battery"));
  assert.match(hash, /^pbkdf2-sha256\$600000\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal((await verifyPassword("correct horse battery", hash)).ok, true);
  assert.equal((await verifyPassword("correct horse batterx", hash)).ok, false);
  assert.equal((await verifyPassword("", hash)).ok, false);
});

Deno.test("a hash that another program made is understood: PBKDF2-SHA256 as everyone has it", async () => {
  // Sixteen zero bytes of salt and 100,000 rounds, by Python's hashlib.
  const hash =
    "pbkdf2-sha256$100000$AAAAAAAAAAAAAAAAAAAAAA$ZyuVe4tSgzJKMMUpgxdDUSESaGdgs8nINRrT1gjZ4E0";
  assert.equal((await verifyPassword("passwordpassword", hash)).ok, true);
});

Deno.test("a user that does not exist is refused after the same work", async () => {
  assert.equal((await verifyPassword("correct horse battery", null)).ok, false);
});

Deno.test("letters that look alike are the same password, however they were typed", async () => {
  const hash = await hashPassword(new Secret("café and more letters"));
  assert.equal((await verifyPassword("cafe\u0301 and more letters", hash)).ok, true);
});

Deno.test("passwords and hashes that cannot be are refused in a sentence", async () => {
  await assert.rejects(hashPassword(new Secret("short")), {
    message: "A password must have 12 to 1024 characters: this one has 5",
  });
  for (const text of ["", "plain", "pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA$x"]) {
    await assert.rejects(verifyPassword("anything at all", text), /is no password hash/);
  }
});

Deno.test("no hash is made of a password that guessers try first, in whatever dress", async () => {
  for (
    const common of [
      ...["Password1234", "P@ssw0rd2026!", "passwordpassword", "iloveyou1234", "!!letmein!!2024"],
      ...["123456789012", "987654321098", "qwertyuiop123", "1q2w3e4r5t6y", "QWERTZUIOPASDF"],
      ...["aaaaaaaaaaaa", "abcabcabcabc", "Administrator", "Correct Horse Battery Staple"],
    ]
  ) {
    await assert.rejects(hashPassword(new Secret(common)), {
      message: "This password is among the first that guessers try: choose another, such as four " +
        "words that have nothing to do with each other",
    }, common);
  }
  for (const fine of ["violet anchor ninety", "summerhouse in april", "x9F!kd02lqPz"]) {
    assert.match(await hashPassword(new Secret(fine)), /^pbkdf2-sha256\$/, fine);
  }
});

Deno.test("twelve characters are twelve that people see, not twelve units of UTF-16", async () => {
  await assert.rejects(hashPassword(new Secret("🐙🦑🐡🐠🐟🐬")), { message: /this one has 6$/ });
});

Deno.test("a wrong name costs one derivation like a wrong password, of as many rounds", async () => {
  const hash = await hashPassword(new Secret("correct horse battery"));
  const rounds: number[] = [];
  const count = (_: string, __: Uint8Array, made: number) => {
    rounds.push(made);
    return Promise.resolve(new Uint8Array(32));
  };
  await verifyPassword("wrong", hash, hash, count);
  await verifyPassword("wrong", null, hash, count);
  await verifyPassword("wrong", null, null, count);
  assert.deepEqual(rounds, [600_000, 600_000, 600_000]);
  rounds.length = 0;
  const weak = hash.replace("$600000$", "$100000$");
  await verifyPassword("wrong", weak, weak, count);
  await verifyPassword("wrong", null, weak, count);
  assert.deepEqual(rounds, [100_000, 100_000]);
});

Deno.test("a hash of fewer rounds than are made now is said to be weak once it fits", async () => {
  const hash =
    "pbkdf2-sha256$100000$AAAAAAAAAAAAAAAAAAAAAA$ZyuVe4tSgzJKMMUpgxdDUSESaGdgs8nINRrT1gjZ4E0";
  assert.deepEqual(await verifyPassword("passwordpassword", hash), { ok: true, weak: true });
  assert.deepEqual(await verifyPassword("something else", hash), { ok: false, weak: false });
});
