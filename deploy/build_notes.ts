/**
 * What Deno noted while an image was built, made the same in each build of the same source: analyses
 * of modules, which threads wrote in any order, and what a registry told of packages on that day,
 * which nothing reads again.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";

/** The analyses that spare a start-up the parsing of every module. */
const ANALYSES = /^(dep|node)_analysis_cache_v\d+$/;

/** Copies the tables of a database, each in the order of its keys. */
function copyInOrder(from: DatabaseSync, to: DatabaseSync): void {
  const tables = from.prepare(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  ).all();
  for (const { name, sql } of tables) {
    to.exec(String(sql));
    const rows = from.prepare(`SELECT * FROM "${name}" ORDER BY 1`);
    // Hashes are of 64 bits.
    rows.setReadBigInts(true);
    for (const row of rows.all()) {
      const values = Object.values(row);
      to.prepare(`INSERT INTO "${name}" VALUES (${values.map(() => "?")})`).run(...values);
    }
  }
}

/** Writes a database anew, with the same bytes whatever the order in which it was filled. */
function inOrder(path: string): void {
  const fresh = `${path}.new`;
  {
    using from = new DatabaseSync(path);
    using to = new DatabaseSync(fresh);
    to.exec("PRAGMA journal_mode = WAL; BEGIN");
    copyInOrder(from, to);
    // Else a start would want to, and to write it down.
    to.exec("COMMIT; ANALYZE");
  }
  Deno.renameSync(fresh, path);
  // On a read-only file system a database of this mode is opened only beside both of its files.
  for (const beside of [`${path}-shm`, `${path}-wal`]) Deno.writeFileSync(beside, new Uint8Array());
}

/** Removes what a registry told about packages; what is locked is there without it. */
function removeListings(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) removeListings(path);
    else if (name === "registry.json") Deno.removeSync(path);
  }
}

/** Settles a cache folder of Deno's that no process has open. */
export function settle(folder: string): void {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  for (const name of names.filter((name) => ANALYSES.test(name))) inOrder(`${folder}/${name}`);
  // What V8 compiled differs from run to run.
  for (const name of names.filter((name) => name.startsWith("v8_code_cache"))) {
    Deno.removeSync(`${folder}/${name}`);
  }
  removeListings(`${folder}/npm`);
}

if (import.meta.main) settle(Deno.args[0]!);
