/** The commands about the database, over real files. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { recordCommand } from "../../src/cli/access.ts";
import { backupName, backupsOf } from "../../src/cli/database/backups.ts";
import * as commands from "../../src/cli/database/commands.ts";
import type { InboxRow } from "../../src/store/inbox.ts";
import { tombstoneOf } from "../../src/store/forgotten.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { settingsFrom } from "../support/dashboard.ts";

const cluster = await clusterForFile();
const NOW = Date.parse("2026-11-24T18:05:09Z");

function event(id: string, state: InboxRow["state"]): InboxRow {
  return {
    event: {
      id,
      type: "customer.subscription.updated",
      created: 1_795_000_000,
      livemode: false,
      account: null,
      apiVersion: null,
      ids: { id: "sub_1" },
      previous: {},
    },
    via: "webhook",
    receivedAt: 1_795_000_000_000,
    state,
    tries: state === "set_aside" ? 6 : 0,
    error: state === "set_aside" ? "It could not be applied" : null,
    settledAt: state === "waiting" ? null : 1_795_000_001_000,
  };
}

const OPEN = [event("evt_1", "waiting"), event("evt_2", "set_aside")];

/** A database with a source, in a folder of its own. */
function filled() {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/glance.db`;
  using database = openSqlite(path);
  database.journal("default", "test").write(
    [
      { kind: "product", id: "prod_1", body: '{"id":"prod_1","name":"Team"}' },
      { kind: "price", id: "price_1", body: '{"unit":{"~":"1/3"}}' },
    ],
    [{ currency: "usd", day: "2026-11-23", mrr: "2900", customers: 1, movements: "{}" }],
    [event("evt_1", "waiting"), event("evt_2", "set_aside"), event("evt_3", "done")],
  );
  return { folder, path, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

/** @param at A file, or the address of a PostgreSQL database. */
async function run(
  name: keyof typeof commands,
  at: string,
  rest: readonly string[] = [],
  verify = false,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const variable = at.startsWith("postgres") ? "DATABASE_URL" : "DATABASE_PATH";
  const settings = await settingsFrom({ [variable]: at });
  await commands[name]({ settings, rest, verify, nowMs: NOW, print: (line) => lines.push(line) });
  return lines;
}

Deno.test("db:status tells schema, wholeness, backups and what each source has", async () => {
  using file = filled();
  const lines = await run("status", file.path);
  assert.match(lines[0]!, /glance\.db: SQLite, schema \d+ of \d+, \d+\.\d MiB$/);
  assert.deepEqual(lines.slice(1), [
    "Every page is whole",
    "There is no backup",
    "default (test)",
    "  price: 1",
    "  product: 1",
    "  daily snapshots: 1, 2026-11-23",
    "  events that wait or were set aside: 2",
    "Audit log: proves nothing, as there is no master key to seal it with: whoever may write the " +
    "database may change it. Set GLANCE_MASTER_KEY",
  ]);
});

const MASTER = "the master key of now, of 32 letters or more";

const isOfData = (line: string) => !line.startsWith("Audit log");

/** The line of db:status about the audit log, with these master keys. */
async function auditLineOf(at: string, master: string, previous?: string): Promise<string> {
  const variable = at.startsWith("postgres") ? "DATABASE_URL" : "DATABASE_PATH";
  const settings = await settingsFrom({
    [variable]: at,
    GLANCE_MASTER_KEY: master,
    ...(previous ? { GLANCE_MASTER_KEY_PREVIOUS: previous } : {}),
  });
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  await commands.status({ settings, rest: [], verify: false, nowMs: NOW, print });
  return lines.find((line) => line.startsWith("Audit log"))!;
}

/** Leaves an entry, as every command does that changes something. */
async function deed(at: string, subject: string): Promise<void> {
  const variable = at.startsWith("postgres") ? "DATABASE_URL" : "DATABASE_PATH";
  const settings = await settingsFrom({ [variable]: at, GLANCE_MASTER_KEY: MASTER });
  await recordCommand(settings, NOW, { action: "token_revoked", subject });
}

const SEALED = (count: number) =>
  `Audit log: ${count} entries sealed under the master key, none changed or taken out`;

Deno.test("db:status tells whether the audit log is whole, or which entry was changed", async () => {
  using file = filled();
  assert.equal(
    await auditLineOf(file.path, MASTER),
    "Audit log: no entry is sealed yet; if one was, somebody has taken the seals off",
  );
  for (const name of ["a", "b", "c"]) await deed(file.path, name);
  assert.equal(await auditLineOf(file.path, MASTER), SEALED(3));
  const other = "another master key, of 32 letters or more";
  assert.match(await auditLineOf(file.path, other), /BROKEN: .* or is of another master key$/);
  assert.equal(await auditLineOf(file.path, other, MASTER), SEALED(3));
  const raw = new DatabaseSync(file.path);
  raw.exec("UPDATE audit SET subject = 'x' WHERE subject = 'b'");
  raw.close();
  assert.equal(
    await auditLineOf(file.path, MASTER),
    "Audit log: BROKEN: entry 2 was changed, or one before it was taken out or put in",
  );
});

postgresTest(cluster, "db:status looks through the audit log of PostgreSQL too", async () => {
  const url = await cluster!.create();
  for (const name of ["a", "b"]) await deed(url, name);
  assert.equal(await auditLineOf(url, MASTER), SEALED(2));
  const sql = postgres(url, { max: 1 });
  await sql`DELETE FROM audit WHERE subject = 'b'`;
  await sql.end();
  assert.equal(
    await auditLineOf(url, MASTER),
    "Audit log: BROKEN: entries after 1 were taken out: the newest was 2",
  );
});

Deno.test("db:backup copies while a server has the database, and says that the copy is whole", async () => {
  using file = filled();
  using _server = openSqlite(file.path);
  const name = `${file.path}.backup-20261124T180509Z`;
  assert.equal(backupName(file.path, NOW), name);
  assert.deepEqual(await run("backup", file.path), [`${name}: 2 facts, whole`]);
  assert.deepEqual(backupsOf(file.path), [{ path: name, at: NOW }]);
});

Deno.test("db:restore puts a backup in place and keeps what was there", async () => {
  using file = filled();
  const copy = `${file.folder}/copy.db`;
  await run("backup", file.path, [copy]);
  {
    using database = openSqlite(file.path);
    database.journal("default", "test").forget();
  }
  assert.deepEqual(await run("restoreBackup", file.path, [copy], true), [
    `${copy}: 2 facts, whole, can be restored`,
  ]);
  const kept = `${file.path}.before-restore-20261124T180509Z`;
  assert.deepEqual(await run("restoreBackup", file.path, [copy]), [
    `${file.path} is ${copy} now; what was there before is ${kept}`,
  ]);
  using database = openSqlite(file.path);
  assert.equal([...database.journal("default", "test").facts("price")].length, 1);
});

/** Files of a folder that anyone but their owner may use. */
function openToOthers(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort()
    .filter((name) => (Deno.statSync(`${folder}/${name}`).mode! & 0o077) !== 0);
}

const modesTest = Deno.build.os === "windows" ? Deno.test.ignore : Deno.test;

modesTest(
  "database, lock, backups, kept copies and exports are for their owner alone",
  async () => {
    using file = filled();
    const { folder, path } = file;
    {
      using server = openSqlite(path);
      server.journal("default", "test").write([{ kind: "product", id: "prod_2", body: "{}" }], []);
      assert.deepEqual(
        ["", "-wal", "-shm", ".lock"].filter((suffix) => !exists(path + suffix)),
        [],
      );
      assert.deepEqual(openToOthers(folder), []);
      await run("backup", path);
      await run("backup", path, [`${folder}/copy.db`]);
      await run("exportAll", path, [`${folder}/export.ndjson`]);
    }
    await run("restoreBackup", path, [`${folder}/copy.db`]);
    assert.deepEqual(openToOthers(folder), []);
  },
);

modesTest(
  "files of the version before, which everyone may read, are taken from others at the next start",
  () => {
    using file = filled();
    const { folder, path } = file;
    const left = ["", ".lock", ".backup-20261101T000000Z", ".before-schema-3"];
    for (const suffix of left) {
      if (!exists(path + suffix)) Deno.writeTextFileSync(path + suffix, "");
      Deno.chmodSync(path + suffix, 0o644);
    }
    // A file of somebody else's beside it stays as it is.
    Deno.writeTextFileSync(`${folder}/glance.db.notes`, "", { mode: 0o644 });
    const exposed: string[] = [];
    openSqlite(path, { onExposed: (paths) => exposed.push(...paths) })[Symbol.dispose]();
    assert.deepEqual(openToOthers(folder), ["glance.db.notes"]);
    assert.deepEqual(exposed, []);
  },
);

modesTest("what only another user may close is said", async () => {
  using file = filled();
  const { chmodSync } = Deno;
  Deno.chmodSync(file.path, 0o644);
  try {
    Deno.chmodSync = () => {
      throw new Deno.errors.PermissionDenied("Operation not permitted");
    };
    assert.equal(
      (await run("status", file.path))[3],
      `Readable by other users of this machine: ${file.path}. As its owner: chmod 600 ${file.path}`,
    );
  } finally {
    Deno.chmodSync = chmodSync;
  }
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("db:restore also replaces a database that is damaged", async () => {
  using file = filled();
  const copy = `${file.folder}/copy.db`;
  await run("backup", file.path, [copy]);
  Deno.writeTextFileSync(file.path, "damaged".repeat(2000));
  await assert.rejects(run("status", file.path), /the file is damaged: restore a backup/);
  await run("restoreBackup", file.path, [copy]);
  assert.equal((await run("status", file.path))[1], "Every page is whole");
});

Deno.test("db:restore refuses while a server has the database, and a backup that is damaged", async () => {
  using file = filled();
  const copy = `${file.folder}/copy.db`;
  await run("backup", file.path, [copy]);
  {
    using _server = openSqlite(file.path);
    await assert.rejects(run("restoreBackup", file.path, [copy]), /another process uses it/);
  }
  Deno.writeTextFileSync(copy, "damaged".repeat(2000));
  await assert.rejects(run("restoreBackup", file.path, [copy], true), /the file is damaged/);
  await assert.rejects(run("restoreBackup", file.path, [`${copy}.no`]), /There is no backup at/);
});

Deno.test("an export is everything, line by line, and an import gives it back", async () => {
  using file = filled();
  const path = `${file.folder}/other.db`;
  const exported = `${file.folder}/all.ndjson`;
  await run("exportAll", file.path, [exported]);
  const lines = Deno.readTextFileSync(exported).trim().split("\n");
  assert.deepEqual(
    lines.filter((line) => line.startsWith('{"event"')).map((line) => JSON.parse(line)),
    [
      { event: OPEN[0] },
      { event: OPEN[1] },
    ],
  );
  assert.deepEqual(lines.filter((line) => !line.startsWith('{"event"')), [
    '{"businessglance":"export","version":1}',
    '{"source":{"name":"default","mode":"test"}}',
    '{"kind":"price","id":"price_1","body":{"unit":{"~":"1/3"}}}',
    '{"kind":"product","id":"prod_1","body":{"id":"prod_1","name":"Team"}}',
    '{"snapshot":{"currency":"usd","day":"2026-11-23","mrr":"2900","customers":1,"movements":"{}"}}',
    '{"end":{"facts":2,"snapshots":1,"events":2}}',
  ]);
  assert.deepEqual(await run("importAll", path, [exported]), [
    "2 facts, 1 daily snapshots and 2 events were taken in",
  ]);
  const again = `${file.folder}/again.ndjson`;
  await run("exportAll", path, [again]);
  assert.equal(Deno.readTextFileSync(again), Deno.readTextFileSync(exported));
  await assert.rejects(
    run("importAll", path, [exported]),
    /has the source default \(test\) already/,
  );
});

Deno.test("an export of an older program, without events, is taken in", async () => {
  using file = filled();
  const lines = await run("exportAll", file.path);
  const old = `${file.folder}/old.ndjson`;
  const kept = lines.filter((line) => !/^{"(event|end)"/.test(line));
  Deno.writeTextFileSync(old, [...kept, '{"end":{"facts":2,"snapshots":1}}'].join("\n"));
  assert.deepEqual(await run("importAll", `${file.folder}/new.db`, [old]), [
    "2 facts, 1 daily snapshots and 0 events were taken in",
  ]);
});

Deno.test("a file that was cut off is not taken in at all", async () => {
  using file = filled();
  const path = `${file.folder}/new.db`;
  const lines = await run("exportAll", file.path);
  const cut = `${file.folder}/cut.ndjson`;
  async function taking(text: string): Promise<string> {
    Deno.writeTextFileSync(cut, text);
    try {
      await run("importAll", path, [cut]);
      return "taken";
    } catch (error) {
      return (error as Error).message.replace(cut, "FILE");
    }
  }
  assert.equal(
    await taking(lines.slice(0, -1).join("\n")),
    "FILE is not whole: it has 2 facts, 1 snapshots and 2 events, and no end",
  );
  {
    using database = openSqlite(path);
    assert.deepEqual(database.sources(), []);
  }
  assert.equal(await taking("{"), "FILE, line 1: this is no JSON: the file is not an export");
  assert.equal(await taking('{"a":1}'), "FILE, line 1: this is no export");
});

Deno.test("source:forget lets go of one source, and names those there are", async () => {
  using file = filled();
  await assert.rejects(run("forgetSource", file.path, ["other"]), {
    message: "The database has no source other: it has default",
  });
  assert.deepEqual(await run("forgetSource", file.path, ["default"]), [
    "default (test) is forgotten; the next start reads the account again",
  ]);
  using database = openSqlite(file.path);
  assert.deepEqual(database.sources(), []);
});

Deno.test("what is forgotten stands in the audit log, a customer by the tombstone", async () => {
  using file = filled();
  {
    using database = openSqlite(file.path);
    database.journal("default", "test").write(
      [{ kind: "discount", id: "cus_1", body: '{"id":"di_1"}' }],
      [],
      [],
    );
  }
  await run("forgetCustomer", file.path, ["cus_1"]);
  await run("forgetSource", file.path, ["default"]);
  using database = openSqlite(file.path);
  const entries = await database.access.audit.list(9, null);
  assert.deepEqual(entries.map(({ action, user, subject }) => [action, user, subject]), [
    ["source_forgotten", "command line", "default"],
    ["customer_forgotten", "command line", tombstoneOf("cus_1")],
  ]);
});

Deno.test("customer:forget leaves no byte of the id in the file or its log, and says until when backups do", async () => {
  using file = filled();
  {
    using database = openSqlite(file.path);
    const journal = database.journal("default", "test");
    const body = JSON.stringify({ customer: "cus_SECRET" });
    // Rows that were replaced before leave their text in free space.
    journal.write([{ kind: "closed", id: "", body: body.repeat(500) }], []);
    journal.write([{ kind: "closed", id: "", body }], []);
    journal.write([{ kind: "subscription", id: "sub_1", body }], []);
    journal.writeOpening(body);
  }
  await run("backup", file.path);
  const lines = await run("forgetCustomer", file.path, ["cus_SECRET"]);
  assert.deepEqual(lines, [
    `cus_SECRET is ${tombstoneOf("cus_SECRET")} from now on, in 2 facts`,
    "Daily backups hold the id until 2026-12-01 if a server runs (1 of them): " +
    "remove them now, or wait; other copies are yours to remove",
  ]);
  for (const suffix of ["", "-wal"]) {
    const bytes = await Deno.readFile(file.path + suffix).catch(() => new Uint8Array());
    assert.ok(!new TextDecoder("latin1").decode(bytes).includes("cus_SECRET"), suffix);
  }
});

Deno.test("commands say what is missing: a database, a file", async () => {
  const settings = await settingsFrom({});
  const none = { settings, rest: [], verify: false, nowMs: NOW, print: () => {} };
  await assert.rejects(commands.status(none), {
    message: "There is no database: set DATABASE_PATH to the path of a SQLite file",
  });
  await assert.rejects(run("status", "none/glance.db"), {
    message: "There is no database at none/glance.db yet: it is made by the first start",
  });
});

postgresTest(
  cluster,
  "an export of SQLite goes into PostgreSQL and back, with the events that wait",
  async () => {
    using file = filled();
    const url = await cluster!.create();
    const [exported, again] = ["one", "two"].map((name) => `${file.folder}/${name}.ndjson`);
    await run("exportAll", file.path, [exported!]);
    assert.deepEqual(await run("importAll", url, [exported!]), [
      "2 facts, 1 daily snapshots and 2 events were taken in",
    ]);
    const [title, ...lines] = (await run("status", url)).filter(isOfData);
    assert.match(title!, /^PostgreSQL, \d+\.\d MiB$/);
    assert.deepEqual(lines, [
      "default (test)",
      "  price: 1",
      "  product: 1",
      "  daily snapshots: 1, 2026-11-23",
      "  events that wait or were set aside: 2",
    ]);
    await run("exportAll", url, [again!]);
    assert.deepEqual(
      Deno.readTextFileSync(again!).split("\n").sort(),
      Deno.readTextFileSync(exported!).split("\n").sort(),
    );
    const back = `${file.folder}/back.db`;
    await run("importAll", back, [again!]);
    {
      using database = openSqlite(back);
      const journal = database.journal("default", "test");
      assert.deepEqual(journal.openEvents(), OPEN);
      assert.deepEqual(journal.countEvents(), 2);
    }
    await assert.rejects(
      run("backup", url),
      /db:backup is for SQLite: PostgreSQL is backed up with/,
    );
    assert.equal((await run("forgetSource", url, ["default"])).length, 1);
    assert.deepEqual((await run("status", url)).filter(isOfData).slice(1), []);
  },
);
