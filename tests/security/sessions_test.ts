import assert from "node:assert/strict";
import { createSessions, SESSION_MS } from "../../src/security/sessions.ts";
import { createThrottle } from "../../src/security/throttle.ts";

Deno.test("a session lasts 14 days, and is renewed once seven are over", () => {
  let now = 0;
  const sessions = createSessions(() => now);
  const session = sessions.begin("ada");
  assert.match(session.token, /^[0-9a-f]{64}$/);
  assert.equal(sessions.renew(session), null);
  now = SESSION_MS / 2;
  assert.equal(sessions.renew(session)!.expires, now + SESSION_MS);
  now += SESSION_MS - 1;
  assert.equal(sessions.find(session.token)!.user, "ada");
  now += 1;
  assert.equal(sessions.find(session.token), undefined);
});

Deno.test("a session is ended at once, and no other with it", () => {
  const sessions = createSessions(() => 0);
  const [one, two] = ["ada", "ada"].map(sessions.begin);
  sessions.end(one!.token);
  assert.equal(sessions.find(one!.token), undefined);
  assert.ok(sessions.find(two!.token));
});

Deno.test("five failures are free, then waits double up to a quarter of an hour", () => {
  let now = 0;
  const throttle = createThrottle({ now: () => now });
  for (let tries = 0; tries < 5; tries++) {
    assert.equal(throttle.wait("ada"), 0);
    throttle.fail("ada");
  }
  assert.equal(throttle.wait("ada"), 30_000);
  assert.equal(throttle.wait("eve"), 0);
  now += 30_000;
  assert.equal(throttle.wait("ada"), 0);
  throttle.fail("ada");
  assert.equal(throttle.wait("ada"), 60_000);
  for (let tries = 0; tries < 9; tries++) throttle.fail("ada");
  assert.equal(throttle.wait("ada"), 900_000);
  throttle.succeed("ada");
  assert.equal(throttle.wait("ada"), 0);
});
