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

/** The file that a path leads to, whatever links are between; the path itself before there is one. */
export function resolvedPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}
