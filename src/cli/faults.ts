/**
 * What a command can fail with, in words that say what to do.
 *
 * @module
 */
import { whyUnreadable } from "../../config/io.ts";
import { ConfigError } from "../../config/problems.ts";
import { StorageError } from "../store/journal.ts";

const { AddrInUse, AddrNotAvailable, IsADirectory, NotCapable, NotFound, PermissionDenied } =
  Deno.errors;

/** Why nothing can listen there; `null` for a fault of another kind. */
export function listenFault(error: unknown, host: string, port: number): string | null {
  if (error instanceof AddrInUse) {
    return `Port ${port} on ${host} is in use: stop what uses it, or choose another with PORT=${
      port + 1
    }`;
  }
  if (error instanceof AddrNotAvailable) {
    return `HOST ${host} is no address of this machine: 127.0.0.1 is for this machine alone, ` +
      "0.0.0.0 for all its addresses";
  }
  if (error instanceof PermissionDenied) {
    return `Port ${port} may not be used by this user: choose one from 1024 on with PORT`;
  }
  // The runtime has no class for it.
  if (error instanceof Error && /lookup address/.test(error.message)) {
    return `HOST ${host} is no address and no known name: write an address such as 127.0.0.1`;
  }
  return null;
}

/** Why the folder of the database cannot be made; `null` for a fault of another kind. */
export function folderFault(error: unknown, folder: string): string | null {
  if (error instanceof NotCapable) {
    return `This program may not write to ${folder}: deno task start may write to ./data alone; ` +
      "glance permissions prints what another folder needs";
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EEXIST" || code === "ENOTDIR") {
    return `The folder ${folder} cannot be made: a file is in its way`;
  }
  if (["EACCES", "EPERM", "EROFS", "ENOENT"].includes(code)) {
    return `The folder ${folder} cannot be made: check who may write there`;
  }
  return null;
}

/** The file at the end of what the runtime says: "readfile 'x.json'". */
const FILE = /'([^']+)'$/;

/** Says what is wrong in a sentence; only a defect of the program shows its stack. */
export function explainError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof TypeError) return error.message;
  if (error instanceof StorageError) return error.message;
  if (error instanceof NotCapable) {
    return `${error.message}; glance permissions prints what the configuration needs`;
  }
  if (!(error instanceof Error)) return String(error);
  const file = FILE.exec(error.message)?.[1];
  if (error instanceof NotFound) return `There is no such file: ${file ?? error.message}`;
  if (file && (error instanceof IsADirectory || error instanceof PermissionDenied)) {
    return `${file} cannot be read: ${whyUnreadable(error)}`;
  }
  return error.stack ?? error.message;
}
