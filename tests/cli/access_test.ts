/** The commands about tokens and sessions. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { createToken, endSessions, listTokens, revokeToken } from "../../src/cli/access.ts";
import { exportAll } from "../../src/cli/database/commands.ts";
import { makeFolderOf } from "../../src/cli/io.ts";
import { hashApiToken, isApiToken } from "../../src/security/api_token.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { settingsFrom } from "../support/dashboard.ts";

const NOW = Date.UTC(2026, 10, 24, 14, 2, 10);

/** Runs commands over one file, and looks into it. */
async function world() {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}/data`);
  const settings = await settingsFrom({ DATABASE_PATH: `${folder}/data/glance.db` });
  const lines: string[] = [];
  const command = (rest: string[], scope?: string, days?: string, own: Settings = settings) => ({
    settings: own,
    rest,
    scope,
    days,
    nowMs: NOW,
    print: (line: string) => void lines.push(line),
  });
  return {
    settings,
    lines,
    command,
    async look<T>(read: (access: ReturnType<typeof openSqlite>["access"]) => T): Promise<T> {
      using database = openSqlite(settings.databasePath!, { shared: true });
      return await read(database.access);
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

Deno.test({
  name: "a folder that is made for the database is for its owner alone",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = Deno.makeTempDirSync();
    await makeFolderOf(`${folder}/deep/data/glance.db`);
    for (const made of ["deep", "deep/data"]) {
      assert.equal(Deno.statSync(`${folder}/${made}`).mode! & 0o777, 0o700);
    }
    // One that was there keeps its rights: it may be shared on purpose.
    Deno.chmodSync(`${folder}/deep/data`, 0o750);
    await makeFolderOf(`${folder}/deep/data/glance.db`);
    assert.equal(Deno.statSync(`${folder}/deep/data`).mode! & 0o777, 0o750);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test("token:create prints the token once and keeps its hash; token:list tells what it may", async () => {
  using own = await world();
  await createToken(own.command(["bi"], "read:dashboard", "30"));
  const [token, about] = own.lines;
  assert.equal(isApiToken(token!), true);
  assert.equal(about, "It is shown this once. bi may read:dashboard until 2026-12-24");
  const hash = await hashApiToken(token!);
  const kept = await own.look(({ tokens }) => tokens.find(hash));
  assert.deepEqual(kept, {
    name: "bi",
    hash,
    scopes: ["read:dashboard"],
    created: NOW,
    expires: Date.UTC(2026, 11, 24),
    lastUsed: null,
  });
  own.lines.length = 0;
  await listTokens(own.command([]));
  assert.deepEqual(own.lines, ["bi: read:dashboard; until 2026-12-24; never used"]);
  await assert.rejects(
    createToken(own.command(["bi"], "read:metrics")),
    /There is a token bi already: revoke it, or choose another name/,
  );
});

Deno.test("token:revoke ends it; both stand in the audit log as the command line's", async () => {
  using own = await world();
  await createToken(own.command(["bi"], "read:dashboard,read:metrics"));
  await revokeToken(own.command(["bi"]));
  await assert.rejects(revokeToken(own.command(["bi"])), /There is no token bi/);
  assert.deepEqual(await own.look(({ tokens }) => tokens.all()), []);
  const entries = await own.look(({ audit }) => audit.list(9, null));
  assert.deepEqual(
    entries.map(({ at, action, user, address, subject }) => [at, action, user, address, subject]),
    [
      [NOW, "token_revoked", "command line", null, "bi"],
      [NOW, "token_created", "command line", null, "bi"],
    ],
  );
});

Deno.test("session:end ends every session of a user", async () => {
  using own = await world();
  await own.look(({ sessions }) =>
    sessions.add({ id: "a", user: "ada", stamp: "s", begun: NOW, expires: NOW + 1 })
  );
  await endSessions(own.command(["ada"]));
  assert.deepEqual(own.lines, ["1 session of ada ended"]);
  assert.equal(await own.look(({ sessions }) => sessions.find("a")), undefined);
});

Deno.test("without a database token:create prints what to write into the configuration", async () => {
  using own = await world();
  const settings = { ...own.settings, databasePath: null };
  await createToken(own.command(["bi"], "read:metrics", "1", settings));
  const [token, , ...yaml] = own.lines;
  assert.deepEqual(yaml, [
    "auth:",
    "  tokens:",
    "    - name: bi",
    `      hash: ${await hashApiToken(token!)}`,
    '      scopes: ["read:metrics"]',
    "      expires: 2026-11-25",
  ]);
  await assert.rejects(revokeToken(own.command(["bi"], undefined, undefined, settings)), {
    message: "There is no database that keeps tokens: set DATABASE_PATH or DATABASE_URL",
  });
});

Deno.test("a token needs scopes that there are, days, and a name of letters", async () => {
  using own = await world();
  for (const scope of [undefined, "", "read", "read:metrics,write"]) {
    await assert.rejects(createToken(own.command(["bi"], scope)), /A token needs --scope/);
  }
  for (const days of ["0", "-1", "1.5", "4000", "x"]) {
    await assert.rejects(createToken(own.command(["bi"], "read:metrics", days)), /--days must be/);
  }
  await assert.rejects(createToken(own.command(["a b"], "read:metrics")), /needs a name/);
});

Deno.test("db:export stands in the audit log", async () => {
  using own = await world();
  await createToken(own.command(["bi"], "read:metrics"));
  const { settings, lines } = own;
  await exportAll({
    settings,
    rest: [],
    verify: false,
    nowMs: NOW,
    print: (line) => void lines.push(line),
  });
  const [entry] = await own.look(({ audit }) => audit.list(1, null));
  assert.deepEqual([entry!.action, entry!.subject], ["exported", "db:export"]);
  // Neither hashes nor names of those who look are exported.
  assert.doesNotMatch(lines.slice(2).join("\n"), /bi|sha256/);
});
