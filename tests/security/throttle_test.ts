import assert from "node:assert/strict";
import { createThrottle } from "../../src/security/throttle.ts";
import { createMemoryFailures } from "../../src/store/access/memory.ts";

const ADDRESS = "4:1";

function world() {
  let now = 1_000_000;
  const keeper = createMemoryFailures();
  const throttle = createThrottle({ keeper, now: () => now, secret: () => "hashes" });
  return { throttle, keeper, pass: (ms: number) => void (now += ms) };
}

Deno.test("five failures are free, then waits double up to a quarter of an hour", async () => {
  const { throttle, pass } = world();
  for (let tries = 0; tries < 5; tries++) assert.equal(await throttle.begin("ada", ADDRESS), 0);
  assert.equal(await throttle.begin("ada", ADDRESS), 30_000);
  pass(30_000);
  assert.equal(await throttle.begin("ada", ADDRESS), 0);
  assert.equal(await throttle.begin("ada", ADDRESS), 60_000);
  for (const wait of [60, 120, 240, 480, 900, 900]) {
    assert.equal(await throttle.begin("ada", ADDRESS), wait * 1000);
    pass(wait * 1000);
    assert.equal(await throttle.begin("ada", ADDRESS), 0);
  }
});

Deno.test("a user waits wherever the tries come from, an address whoever is tried", async () => {
  const { throttle } = world();
  for (let tries = 0; tries < 5; tries++) await throttle.begin("ada", `4:${tries}`);
  assert.equal(await throttle.begin("ada", "4:99"), 30_000);
  assert.equal(await throttle.begin("eve", "4:99"), 0);
  for (let tries = 0; tries < 4; tries++) await throttle.begin(`user${tries}`, "4:99");
  assert.equal(await throttle.begin("bob", "4:99"), 30_000);
});

Deno.test("tries that begin at the same time are counted one after the other", async () => {
  const { throttle } = world();
  const waits = await Promise.all(Array.from({ length: 9 }, () => throttle.begin("ada", ADDRESS)));
  assert.deepEqual(waits.sort(), [0, 0, 0, 0, 0, 30_000, 30_000, 30_000, 30_000]);
});

Deno.test("a user's success forgives the user, and the address that one try alone", async () => {
  const { throttle } = world();
  for (let tries = 0; tries < 4; tries++) await throttle.begin("victim", ADDRESS);
  await throttle.begin("own", ADDRESS);
  await throttle.succeed("own", ADDRESS);
  assert.equal(await throttle.begin("own", ADDRESS), 0);
  assert.equal(await throttle.begin("other", ADDRESS), 30_000);
});

Deno.test("an hour without a failure forgets everything", async () => {
  const { throttle, pass } = world();
  for (let tries = 0; tries < 5; tries++) await throttle.begin("ada", ADDRESS);
  pass(60 * 60_000);
  for (let tries = 0; tries < 5; tries++) assert.equal(await throttle.begin("ada", ADDRESS), 0);
});

/** Names under which a try is counted, where the password hashes are these. */
async function namesUnder(secret: string): Promise<readonly string[]> {
  const { keeper } = world();
  const asked: string[] = [];
  const throttle = createThrottle({
    keeper: {
      change: (names, decide) => {
        asked.push(...names);
        return keeper.change(names, decide);
      },
    },
    now: () => 0,
    secret: () => secret,
  });
  await throttle.begin("my password in the wrong field", "4:1");
  return asked;
}

Deno.test("what was typed as a name is counted by 32 bits that no reader of the database can guess at", async () => {
  const names = await namesUnder("the password hashes");
  for (const name of names) assert.match(name, /^(user|address) [0-9a-f]{8}$/);
  // The same on every replica, and another one with other hashes: a digest alone would not be.
  assert.deepEqual(await namesUnder("the password hashes"), names);
  assert.notDeepEqual(await namesUnder("other password hashes"), names);
});
