/**
 * Files that survive a power cut.
 *
 * @module
 */

/** Writes what the system still holds of a file, or of a folder's list of names, to the disk. */
export function syncFile(path: string): void {
  using file = Deno.openSync(path, { read: true });
  file.syncSync();
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : path.slice(0, at) || "/";
}

/** Puts a finished file in the place of another: after a crash one of the two is there, whole. */
export function replaceDurably(fresh: string, path: string): void {
  syncFile(fresh);
  Deno.renameSync(fresh, path);
  syncFile(folderOf(path));
}

/** Links are followed this far. */
const LINKS_MAX = 40;

/**
 * The file that a path leads to where it is a link; the path itself otherwise. Folders stay as they
 * are written: permissions are given for them under that name.
 */
export function resolvedPath(path: string): string {
  let file = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    let target: string;
    try {
      target = Deno.readLinkSync(file);
    } catch {
      // It is no link, or is not there yet.
      return file;
    }
    const isWhole = /^(?:[a-z]:)?[\\/]/i.test(target);
    file = isWhole ? target : `${folderOf(file)}/${target}`;
  }
  return file;
}
