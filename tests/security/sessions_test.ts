import assert from "node:assert/strict";
import { createSessions, SESSION_MS } from "../../src/security/sessions.ts";
import { createMemoryAccess } from "../../src/store/access/memory.ts";

const DAY_MS = 86_400_000;

function world() {
  let now = 0;
  const store = createMemoryAccess();
  let lifetime = 90 * DAY_MS;
  const replica = () => createSessions(store.sessions, () => now, () => lifetime);
  return {
    limit: (ms: number) => void (lifetime = ms),
    store,
    replica,
    pass: (ms: number) => void (now += ms),
  };
}

Deno.test("a session lasts 14 days, and is due for renewal once seven are over", async () => {
  const { replica, pass } = world();
  const sessions = replica();
  const session = await sessions.begin("ada", "stamp");
  assert.match(session.token, /^[0-9a-f]{64}$/);
  assert.equal(sessions.isDue(session), false);
  pass(SESSION_MS / 2);
  assert.equal(sessions.isDue(session), true);
  assert.equal((await sessions.renew(session)).expires, SESSION_MS * 1.5);
  pass(SESSION_MS - 1);
  assert.equal((await sessions.find(session.token))!.user, "ada");
  pass(1);
  assert.equal(await sessions.find(session.token), undefined);
});

Deno.test("a session that is used every day ends 90 days after its user signed in", async () => {
  const { replica, pass } = world();
  const sessions = replica();
  const { token } = await sessions.begin("ada", "stamp");
  let days = 0;
  for (let session = await sessions.find(token); session; session = await sessions.find(token)) {
    if (days > 90) break;
    if (sessions.isDue(session)) await sessions.renew(session);
    pass(DAY_MS);
    days++;
  }
  assert.equal(days, 90);
});

Deno.test("a lifetime that is made shorter ends sessions that are older at once", async () => {
  const { replica, pass, limit } = world();
  const sessions = replica();
  const session = await sessions.begin("ada", "stamp");
  pass(2 * DAY_MS);
  assert.ok(await sessions.find(session.token));
  limit(DAY_MS);
  assert.equal(await sessions.find(session.token), undefined);
  assert.equal((await sessions.begin("ada", "stamp")).expires, 3 * DAY_MS);
});

Deno.test("a session in its last days is not renewed again and again", async () => {
  const { replica, pass, limit } = world();
  limit(DAY_MS);
  const sessions = replica();
  const session = await sessions.begin("ada", "stamp");
  pass(DAY_MS - 1);
  assert.equal(sessions.isDue(session), false);
});

Deno.test("a session is ended at once, and no other with it", async () => {
  const sessions = world().replica();
  const one = await sessions.begin("ada", "stamp");
  const two = await sessions.begin("ada", "stamp");
  await sessions.end(one);
  assert.equal(await sessions.find(one.token), undefined);
  assert.ok(await sessions.find(two.token));
});

Deno.test("of a session its SHA-256 is kept, from which no cookie can be made", async () => {
  const { store, replica } = world();
  const { token, id } = await replica().begin("ada", "stamp");
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.notEqual(id, token);
  assert.deepEqual(await store.sessions.find(id), {
    id,
    user: "ada",
    stamp: "stamp",
    begun: 0,
    expires: SESSION_MS,
  });
  assert.equal(await store.sessions.find(token), undefined);
  assert.equal(await replica().find(id), undefined);
});

Deno.test("what one replica ends, another believes for five seconds more", async () => {
  const { replica, pass } = world();
  const [here, there] = [replica(), replica()];
  const session = await here.begin("ada", "stamp");
  assert.ok(await there.find(session.token));
  await here.end(session);
  assert.ok(await there.find(session.token));
  pass(5_000);
  assert.equal(await there.find(session.token), undefined);
});

Deno.test("while the store is away, known sessions go on and unknown ones are an error", async () => {
  let now = 0;
  const store = createMemoryAccess();
  let away = false;
  let looked = Promise.withResolvers<void>();
  const sessions = createSessions(
    {
      ...store.sessions,
      find(id) {
        looked.resolve();
        looked = Promise.withResolvers();
        return away ? Promise.reject(new Error("away")) : store.sessions.find(id);
      },
    },
    () => now,
    () => 90 * DAY_MS,
  );
  const session = await sessions.begin("ada", "stamp");
  away = true;
  now = 3_600_000;
  assert.ok(await sessions.find(session.token));
  await assert.rejects(async () => await sessions.find("0".repeat(64)), /away/);
  now += 3_600_000;
  // Nothing is waited for any more, however long a look takes.
  const look = looked.promise;
  const known = sessions.find(session.token);
  assert.equal((known as { user: string }).user, "ada");
  await look;
});
