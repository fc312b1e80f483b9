/** The SQLite store: the contract over a real file, and what is left after a restart. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { encodeFact } from "../../src/store/codec.ts";
import { createDurableStore } from "../../src/store/durable.ts";
import { StorageError } from "../../src/store/journal.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { lockSqlite, openSqlite } from "../../src/store/sqlite/database.ts";
import { migrate, MIGRATIONS, SCHEMA_VERSION } from "../../src/store/sqlite/migrations.ts";
import { inTransaction } from "../../src/store/sqlite/transaction.ts";
import { INFO, record, storeContract } from "./contract.ts";
import { journalRules, OPTIONS } from "./journal_rules.ts";

/** A file of its own, taken away with its companions. */
function temporary() {
  const folder = Deno.makeTempDirSync();
  return {
    path: `${folder}/glance.db`,
    folder,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

storeContract("SQLite store", (info) => {
  const file = temporary();
  const database = openSqlite(file.path);
  const store = createDurableStore(
    createMemoryStore(info),
    database.journal(info.name, "test"),
    OPTIONS,
  );
  return Object.assign(store, {
    [Symbol.asyncDispose]() {
      store.publish();
      database[Symbol.dispose]();
      file[Symbol.dispose]();
      return Promise.resolve();
    },
  });
});

journalRules("SQLite", () => {
  const file = temporary();
  const database = openSqlite(file.path);
  return Promise.resolve({
    source(name, mode) {
      const journal = database.journal(name, mode);
      return Promise.resolve({
        writer: journal,
        facts: (kind) => Promise.resolve([...journal.facts(kind)]),
        opening: () => Promise.resolve(journal.opening()),
        snapshots: (from, to) => Promise.resolve(journal.snapshots(from, to)),
        forget: () => Promise.resolve(journal.forget()),
      });
    },
    [Symbol.asyncDispose]() {
      database[Symbol.dispose]();
      file[Symbol.dispose]();
      return Promise.resolve();
    },
  });
});

Deno.test("SQLite: a file that a newer program wrote is refused with what to do", () => {
  using file = temporary();
  openSqlite(file.path)[Symbol.dispose]();
  const raw = new DatabaseSync(file.path);
  raw.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  raw.close();
  assert.throws(() => openSqlite(file.path), {
    name: "StorageError",
    message: `The database has schema ${SCHEMA_VERSION + 1}, and this program knows up to ` +
      `${SCHEMA_VERSION}: run the newer version that wrote it, or restore a backup from before`,
  });
});

Deno.test("SQLite: from every earlier schema with data in it, everything is still there", () => {
  for (let version = 1; version < SCHEMA_VERSION; version++) {
    using file = temporary();
    const raw = new DatabaseSync(file.path);
    for (const step of MIGRATIONS.slice(0, version)) raw.exec(step);
    raw.exec(`PRAGMA user_version = ${version}`);
    raw.exec("INSERT INTO sources (id, name, mode) VALUES (1, 'default', 'test')");
    raw.exec("INSERT INTO facts VALUES (1, 'product', 'prod_1', '{}')");
    raw.close();
    using database = openSqlite(file.path);
    assert.equal([...database.journal("default", "test").facts("product")].length, 1);
    assert.ok(Deno.statSync(`${file.path}.before-schema-${version + 1}`).isFile);
  }
});

Deno.test("SQLite: a second process is told that the file is in use", () => {
  using file = temporary();
  using _first = openSqlite(file.path);
  const script = `
    const { openSqlite } = await import("./src/store/sqlite/database.ts");
    try { openSqlite(Deno.args[0]); } catch (error) { console.log(error.message); }
  `;
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["eval", script, file.path],
    cwd: new URL("../../", import.meta.url),
  }).outputSync();
  assert.match(
    new TextDecoder().decode(stdout),
    /another process uses it: stop that one, or give each its own DATABASE_PATH/,
  );
});

Deno.test("SQLite: a damaged file and a missing folder are said, with what to do", () => {
  using file = temporary();
  Deno.writeTextFileSync(
    file.path,
    "no database at all, but long enough to be read as one".repeat(50),
  );
  assert.throws(() => openSqlite(file.path), /the file is damaged: restore a backup/);
  assert.throws(
    () => openSqlite(`${file.folder}/none/glance.db`),
    /the file cannot be opened: check that its folder exists/,
  );
});

/** Another program's database, and everything that is in its folder. */
function foreign(folder: string, pragma: string) {
  const path = `${folder}/other.db`;
  const database = new DatabaseSync(path);
  database.exec(`${pragma}; CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)`);
  database.close();
  const inFolder = () =>
    [...Deno.readDirSync(folder)].map(({ name }) => name).sort()
      .map((name) => [name, Deno.readFileSync(`${folder}/${name}`).toBase64()]);
  return { path, inFolder };
}

for (
  const pragma of ["PRAGMA user_version = 0", "PRAGMA user_version = 3", "PRAGMA user_version = 99"]
) {
  Deno.test(`SQLite: another program's file is refused as it is (${pragma})`, () => {
    for (
      const use of [openSqlite, (path: string) => openSqlite(path, { shared: true }), lockSqlite]
    ) {
      using file = temporary();
      const { path, inFolder } = foreign(file.folder, pragma);
      const before = inFolder();
      assert.throws(() => use(path), {
        name: "StorageError",
        message:
          `The database ${path} is another program's SQLite file: nothing in it was changed. ` +
          "Name another file, which need not be there yet, in DATABASE_PATH",
      });
      assert.deepEqual(inFolder(), before);
    }
  });
}

Deno.test("SQLite: a folder is no database, and nothing is put beside it", () => {
  using file = temporary();
  Deno.mkdirSync(file.path);
  assert.throws(() => openSqlite(`${file.path}/`), {
    message:
      `DATABASE_PATH ${file.path}/ is a folder: name a file in it, such as ${file.path}/glance.db`,
  });
  assert.deepEqual([...Deno.readDirSync(file.folder)].map(({ name }) => name), ["glance.db"]);
});

Deno.test("SQLite: a link to the file has the lock of the file", () => {
  using file = temporary();
  using _held = openSqlite(file.path);
  const link = `${file.folder}/link.db`;
  Deno.symlinkSync(file.path, link);
  assert.throws(() => openSqlite(link), /another process uses it/);
});

for (const replaced of [false, true]) {
  const done = replaced ? "replaced" : "removed";
  Deno.test(`SQLite: a file that is ${done} while it is open is noticed, rescued, and taken again`, () => {
    using file = temporary();
    using database = openSqlite(file.path);
    const journal = database.journal("default", "test");
    const facts = ["prod_1", "prod_2"].map((id) => ({ kind: "product", id, body: "{}" } as const));
    journal.write(facts, []);
    Deno.renameSync(file.path, `${file.path}.away`);
    if (replaced) Deno.writeTextFileSync(file.path, "");
    const noticed = /was removed or replaced .* what it held is in .*\.rescued: stop the program/;
    assert.throws(() => database.probe(), noticed);
    assert.throws(() => journal.addEvents([]), noticed, "a webhook is not acknowledged");
    assert.throws(() => journal.write(facts, []), noticed);
    {
      using rescued = openSqlite(`${file.path}.rescued`);
      assert.equal([...rescued.journal("default", "test").facts("product")].length, 2);
    }
    Deno.renameSync(`${file.path}.away`, file.path);
    database.probe();
    journal.write([{ kind: "product", id: "prod_3", body: "{}" }], []);
    assert.equal([...journal.facts("product")].length, 3);
  });
}

Deno.test("SQLite: an empty file is taken, as an interrupted start leaves it", () => {
  using file = temporary();
  Deno.writeTextFileSync(file.path, "");
  openSqlite(file.path)[Symbol.dispose]();
  using again = openSqlite(file.path);
  assert.deepEqual(again.sources(), []);
});

Deno.test("SQLite: a backup is made while the file is in use, and is whole", async () => {
  using file = temporary();
  using database = openSqlite(file.path);
  database.journal("default", "test").write([{ kind: "product", id: "prod_1", body: "{}" }], []);
  await database.backup(`${file.folder}/copy.db`);
  using copy = openSqlite(`${file.folder}/copy.db`);
  assert.deepEqual(copy.check(), []);
  assert.equal([...copy.journal("default", "test").facts("product")].length, 1);
});

Deno.test("a journal that fails is told once, figures go on, and what it missed goes with the next", () => {
  using file = temporary();
  using database = openSqlite(file.path);
  const journal = database.journal("default", "test");
  let broken = true;
  const faults: (string | null)[] = [];
  const store = createDurableStore(createMemoryStore(INFO), {
    ...journal,
    write(facts, snapshots) {
      if (broken) throw new StorageError("the disk is full");
      journal.write(facts, snapshots);
    },
  }, { ...OPTIONS, onFault: (fault) => faults.push(fault?.message ?? null) });
  record(store, { id: "sub_1" });
  store.publish();
  record(store, { id: "sub_2" });
  store.publish();
  assert.deepEqual(faults, ["the disk is full"]);
  assert.equal(store.status.storageProblem, "the disk is full");
  assert.equal(store.tally.customers(), 1);
  broken = false;
  store.publish();
  assert.deepEqual(faults, ["the disk is full", null]);
  assert.equal(store.status.storageProblem, null);
  assert.deepEqual([...journal.facts("subscription")].map(({ id }) => id), ["sub_1", "sub_2"]);
});

Deno.test("facts keep fractions, whole numbers beyond 2^53 and maps exactly", () => {
  assert.equal(
    encodeFact({ a: { n: 1n, d: 3n }, b: 2n ** 60n, c: new Map([["x", { n: 5n, d: 1n }]]) }),
    '{"a":{"~":"1/3"},"b":{"~b":"1152921504606846976"},"c":{"~m":[["x",{"~":"5"}]]}}',
  );
});

Deno.test("a disk that is full while the schema is made or a row is written is what is told", () => {
  using database = new DatabaseSync(":memory:");
  database.exec("PRAGMA max_page_count = 3");
  assert.throws(() => migrate(database), /disk is full/);
  assert.throws(
    () =>
      inTransaction(database, () => {
        database.exec("CREATE TABLE one (body TEXT)");
        database.exec("INSERT INTO one VALUES (hex(zeroblob(100000)))");
      }),
    /disk is full/,
  );
  // The next one begins and ends as if nothing had been.
  inTransaction(database, () => database.exec("CREATE TABLE one (body TEXT)"));
});
