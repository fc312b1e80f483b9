/**
 * Makes a backup on a thread of its own, as SQLite copies without a pause.
 *
 * @module
 */
import { makeBackup } from "./backup_file.ts";

/** The file to copy and the name of the copy. */
export interface BackupRequest {
  readonly path: string;
  readonly to: string;
}

/** `error` is a sentence. */
export type BackupAnswer = { readonly facts: number } | { readonly error: string };

/** The ends of the channel, as the compiler knows the main thread's globals alone. */
const thread = self as unknown as {
  onmessage: (event: MessageEvent<BackupRequest>) => Promise<void>;
  postMessage(answer: BackupAnswer): void;
};

thread.onmessage = async ({ data: { path, to } }) => {
  try {
    thread.postMessage(await makeBackup(path, to));
  } catch (error) {
    thread.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
};
