/** What a store of sessions, tokens, failures and the audit log keeps to, wherever it keeps them. */
import assert from "node:assert/strict";
import type { AccessStore, AuditRow, TokenRow } from "../../src/store/access/port.ts";

export interface OpenedAccess extends AsyncDisposable {
  readonly store: AccessStore;
}

const NOW = 1_800_000_000_000;

const SESSION = { id: "a".repeat(64), user: "ada", stamp: "s", begun: NOW - 5, expires: NOW + 1 };
const TOKEN: TokenRow = {
  name: "bi",
  hash: `sha256:${"b".repeat(64)}`,
  scopes: ["read:metrics", "read:dashboard"],
  created: NOW,
  expires: NOW + 1,
  lastUsed: null,
};
const ENTRY: AuditRow = {
  at: NOW,
  action: "signed_in",
  user: "ada",
  address: "203.0.113.9",
  subject: null,
};

export function accessRules(
  name: string,
  open: () => OpenedAccess | Promise<OpenedAccess>,
  test: (name: string, run: () => Promise<void>) => void = (text, run) => Deno.test(text, run),
): void {
  const rule = (text: string, run: (store: AccessStore) => Promise<void>) =>
    test(`${name}: ${text}`, async () => {
      await using opened = await open();
      await run(opened.store);
    });

  rule("a session is found by its id until it is removed, and may be extended", async (store) => {
    const { sessions } = store;
    await sessions.add(SESSION);
    await sessions.extend(SESSION.id, NOW + 9);
    assert.deepEqual(await sessions.find(SESSION.id), { ...SESSION, expires: NOW + 9 });
    await sessions.remove(SESSION.id);
    assert.equal(await sessions.find(SESSION.id), undefined);
    await sessions.extend(SESSION.id, NOW);
    assert.equal(await sessions.find(SESSION.id), undefined);
  });

  rule("all sessions of a user end together, and no other's", async ({ sessions }) => {
    await sessions.add(SESSION);
    await sessions.add({ ...SESSION, id: "b".repeat(64) });
    await sessions.add({ ...SESSION, id: "c".repeat(64), user: "bob" });
    assert.equal(await sessions.removeOf("ada"), 2);
    assert.equal(await sessions.find(SESSION.id), undefined);
    assert.ok(await sessions.find("c".repeat(64)));
  });

  rule("a token is found by its hash; a name is given once, and free again", async ({ tokens }) => {
    assert.equal(await tokens.add(TOKEN), true);
    assert.equal(await tokens.add({ ...TOKEN, hash: `sha256:${"c".repeat(64)}` }), false);
    await tokens.used(TOKEN.hash, NOW + 5);
    assert.deepEqual(await tokens.find(TOKEN.hash), { ...TOKEN, lastUsed: NOW + 5 });
    assert.deepEqual((await tokens.all()).map((token) => token.name), ["bi"]);
    assert.equal(await tokens.remove("bi"), true);
    assert.equal(await tokens.remove("bi"), false);
    assert.equal(await tokens.find(TOKEN.hash), undefined);
    assert.equal(await tokens.add(TOKEN), true);
  });

  rule(
    "failed sign-ins are counted by user since the last success, without own slips",
    async ({ audit }) => {
      const slips = { address: "198.51.100.7", since: NOW + 3 };
      const count = () => audit.failedTries("ada", slips);
      assert.deepEqual(await count(), { count: 0, at: null });
      const failed = { ...ENTRY, action: "sign_in_failed" };
      await audit.add(failed);
      await audit.add(ENTRY);
      assert.deepEqual(await count(), { count: 0, at: null });
      await audit.add({ ...failed, at: NOW + 1 });
      await audit.add({ ...failed, at: NOW + 2, address: slips.address });
      await audit.add({ ...failed, at: NOW + 3 });
      await audit.add({ ...failed, at: NOW + 4, address: null });
      await audit.add({ ...failed, at: NOW + 5, address: slips.address });
      await audit.add({ ...failed, at: NOW + 6, user: "bob" });
      await audit.add({ ...failed, at: NOW + 7, user: null });
      await audit.add({ ...ENTRY, at: NOW + 8, user: "eve" });
      assert.deepEqual(await count(), { count: 4, at: NOW + 4 });
    },
  );

  rule("failures are read and written with nobody between", async ({ failures }) => {
    const add = (names: readonly string[]) =>
      failures.change(names, (known) => ({
        next: known.map(({ count }) => ({ count: count + 1, at: NOW })),
        result: known.map(({ count }) => count),
      }));
    assert.deepEqual(await add(["a", "b"]), [0, 0]);
    // In either order, so that two that lock them would wait for each other.
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => add(index % 2 ? ["a", "b"] : ["b", "a"])),
    );
    const seen = all.map(([first]) => first).sort((a, b) => a! - b!);
    assert.deepEqual(seen, Array.from({ length: 20 }, (_, index) => index + 1));
    assert.deepEqual(await add(["b", "c"]), [21, 0]);
  });

  rule("the audit log is read newest first, page by page", async ({ audit }) => {
    for (const subject of ["1", "2", "3"]) await audit.add({ ...ENTRY, subject });
    const [newest, next] = await audit.list(2, null);
    assert.deepEqual([newest!.subject, next!.subject], ["3", "2"]);
    const { id: _, ...row } = newest!;
    assert.deepEqual(row, { ...ENTRY, subject: "3" });
    assert.deepEqual((await audit.list(2, next!.id)).map(({ subject }) => subject), ["1"]);
    assert.ok(newest!.id > next!.id);
  });

  rule("what has ended is let go of: sessions, old entries, old failures", async (store) => {
    await store.sessions.add({ ...SESSION, expires: NOW });
    await store.sessions.add({ ...SESSION, id: "b".repeat(64), expires: NOW + 1 });
    await store.audit.add({ ...ENTRY, at: NOW - 11, subject: "old" });
    await store.audit.add({ ...ENTRY, at: NOW - 10, subject: "kept" });
    const set = (name: string, at: number) =>
      store.failures.change([name], () => ({ next: [{ count: 3, at }], result: null }));
    await set("old", NOW - 3_600_001);
    await set("new", NOW - 3_600_000);
    await store.forget(NOW, NOW - 10);
    assert.equal(await store.sessions.find(SESSION.id), undefined);
    assert.ok(await store.sessions.find("b".repeat(64)));
    assert.deepEqual((await store.audit.list(9, null)).map(({ subject }) => subject), ["kept"]);
    const counts = await store.failures.change(["old", "new"], (known) => ({
      next: known,
      result: known.map(({ count }) => count),
    }));
    assert.deepEqual(counts, [0, 3]);
  });
}
