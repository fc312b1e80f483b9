/** What the configuration reads from: this process's environment and files. */
import type { ConfigIo } from "../../config/load.ts";
import type { RatesFiles } from "./rates_import.ts";

export function configIo(configPath: string | undefined): ConfigIo {
  return {
    env: (name) => Deno.env.get(name),
    readFile: (path) => Deno.readTextFile(path),
    ...(configPath === undefined ? {} : { configPath }),
  };
}

/** The file of rates; it is replaced in one step, as a running server may be reading it. */
export const ratesFiles: RatesFiles = {
  read: (path) => Deno.readTextFile(path),
  async write(path, text) {
    const folder = folderOf(path);
    if (folder !== "") await Deno.mkdir(folder, { recursive: true });
    await replaceFile(path, text);
  },
};

/** The folder of a path, with its last slash; empty where none is named. */
export function folderOf(path: string): string {
  return path.replace(/[^/\\]*$/, "");
}

/** Makes the folder of a database, for its owner alone; one that is there keeps its rights. */
export async function makeFolderOf(path: string): Promise<void> {
  const folder = folderOf(path);
  if (folder !== "") await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Who may read a file, and whose it is. */
async function ownersOf(path: string): Promise<Pick<Deno.FileInfo, "mode" | "uid" | "gid">> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { mode: null, uid: null, gid: null };
    throw error;
  }
}

/**
 * Puts a text in place of a file's, whole or not at all, whenever the machine stops; who may read it
 * stays, and a link stays a link.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  const { mode, uid, gid } = await ownersOf(target);
  const fresh = `${target}.new`;
  // One that an earlier try left may be open to more readers.
  await Deno.remove(fresh).catch(() => {});
  await Deno.writeTextFile(fresh, text, {
    createNew: true,
    ...(mode === null ? {} : { mode: 0o600 }),
  });
  await sync(fresh);
  if (mode !== null) {
    await Deno.chmod(fresh, mode & 0o7777);
    const own = await Deno.stat(fresh);
    if (own.uid !== uid || own.gid !== gid) await Deno.chown(fresh, uid, gid);
  }
  await Deno.rename(fresh, target);
  // Not every system can do so with a folder.
  await sync(folderOf(target) || ".").catch(() => {});
}

async function sync(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}
