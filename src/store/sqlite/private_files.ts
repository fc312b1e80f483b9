/**
 * The database and everything beside it (`-wal`, `-shm`, lock, backups, kept copies) are for their
 * owner alone: revenue stands in all of them. SQLite gives `-wal` and `-shm` the mode of the
 * database. Windows has no such modes: there the folder's rights count.
 *
 * @module
 */
const PRIVATE = 0o600;
const OF_OTHERS = 0o077;

/** Opens a file that is there already, or makes an empty one that its owner alone may read. */
export function makePrivateFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE }).close();
  } catch {
    // It is there, or cannot be made, which SQLite says in its own words.
    tighten(path);
  }
}

/** Takes the rights of others off a file. Returns whether some have had to stay. */
function tighten(path: string): boolean {
  try {
    const { mode, isFile } = Deno.statSync(path);
    if (!isFile || mode === null || (mode & OF_OTHERS) === 0) return false;
    Deno.chmodSync(path, mode & 0o700);
    return false;
  } catch (error) {
    // SQLite removes its files at any time; others' files only their owner may change.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * Takes the rights of others off a database and every file beside it.
 *
 * @returns Files that others may still read, as they belong to another user.
 */
export function tightenFiles(path: string): readonly string[] {
  const at = path.lastIndexOf("/");
  const [folder, file] = [path.slice(0, at + 1), path.slice(at + 1)];
  const ours = new RegExp(
    `^${
      RegExp.escape(file)
    }(-wal|-shm|-journal|\\.lock|\\.lock-journal|\\.backup-.+|\\.before-.+|\\.rescued.*|\\.partial)?$`,
  );
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder || ".")].map(({ name }) => name);
  } catch {
    names = [file];
  }
  return names.filter((name) => ours.test(name)).sort().map((name) => folder + name)
    .filter(tighten);
}
