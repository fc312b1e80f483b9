/**
 * Reloads the configuration when one of its files changes. What was loaded last stays in force
 * until a change is without faults.
 *
 * @module
 */
import type { Loaded } from "./load.ts";
import { ConfigError, problemOf } from "./problems.ts";

/** A burst of changes counts as one once it was quiet for this long. */
export const QUIET_MS = 500;
/** A stream of changes is loaded after this long, though it never was quiet. */
export const STREAM_MS = 5000;

/** An event of `Deno.watchFs`. */
export interface FileEvent {
  readonly kind: string;
  readonly paths: readonly string[];
}

export interface FolderWatcher extends AsyncIterable<FileEvent> {
  close(): void;
}

export interface WatchOptions {
  /** The file and its includes. */
  readonly files: readonly string[];
  /** Whether the file says nothing. */
  readonly isEmpty: boolean;
  readonly load: () => Promise<Loaded>;
  readonly onLoaded: (loaded: Loaded) => void;
  /** The change is not taken; a `ConfigError` says why, with lines and columns. */
  readonly onFault: (error: Error) => void;
  /**
   * Watches a folder, without those inside it: `(folder) => Deno.watchFs(folder, { recursive:
   * false })`. Folders, because editors replace a file by renaming another over it.
   */
  readonly watch: (folder: string) => FolderWatcher;
  /** Calls back after so many milliseconds; returns what cancels it. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface ConfigWatch {
  /** Loads anew, though nothing was seen to change. */
  reload(): void;
  /** Closes every watcher; a load that still runs is dropped. */
  stop(): void;
}

function split(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: slash < 0 ? "." : path.slice(0, slash) || "/", name: path.slice(slash + 1) };
}

/** Kubernetes swaps a mounted configuration by this link. */
const MOUNT_LINK = "..data";

/** Starts watching. */
export function watchConfig(options: WatchOptions): ConfigWatch {
  const watchers = new Map<string, FolderWatcher>();
  let names = new Set<string>();
  let { files: good, isEmpty } = options;
  let cancel = () => {};
  let cancelStream: (() => void) | null = null;
  // Moves at every load and at the end: an answer of an earlier era is late and is ignored.
  let era = 0;
  let stopped = false;

  function follow(files: readonly string[]): void {
    const parts = files.map(split);
    names = new Set([...parts.map(({ name }) => name), MOUNT_LINK]);
    const folders = new Set(parts.map(({ folder }) => folder));
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watchers.delete(folder);
      watcher.close();
    }
    for (const folder of folders) if (!watchers.has(folder)) open(folder);
  }

  function open(folder: string): void {
    let watcher;
    try {
      watcher = options.watch(folder);
    } catch {
      // The folder of an include that is not there; the loader has said so.
      return;
    }
    watchers.set(folder, watcher);
    void listen(watcher);
  }

  async function listen(watcher: FolderWatcher): Promise<void> {
    for await (const { kind, paths } of watcher) {
      // Reading the files is an event too: heeding it would reload for ever.
      if (kind === "access" || stopped) continue;
      if (!paths.some((path) => names.has(split(path).name))) continue;
      cancel();
      cancel = options.schedule(() => void reload(), QUIET_MS);
      cancelStream ??= options.schedule(() => void reload(), STREAM_MS);
    }
  }

  /** A file that is cut off before it is written anew would let go of every account. */
  function refuseEmpty({ isEmpty: now, files, configPath }: Loaded): void {
    if (!now || isEmpty) return;
    const place = configPath === null ? null : { file: configPath, line: 1, column: 1 };
    const message = "the file is empty and was not before: what was loaded last stays in force; " +
      "to do without it, delete it and start again";
    throw new ConfigError([problemOf(null, message, place)], files);
  }

  async function reload(): Promise<void> {
    if (stopped) return;
    cancel();
    cancelStream?.();
    cancelStream = null;
    const own = ++era;
    try {
      const loaded = await options.load();
      if (own !== era) return;
      refuseEmpty(loaded);
      isEmpty = loaded.isEmpty;
      good = loaded.files;
      follow(good);
      options.onLoaded(loaded);
    } catch (error) {
      if (own !== era) return;
      // A new include may hold the fault: its correction must be seen as well.
      if (error instanceof ConfigError) follow([...good, ...error.files]);
      options.onFault(error instanceof Error ? error : new Error(String(error)));
    }
  }

  follow(good);
  return {
    reload: () => void reload(),
    stop() {
      stopped = true;
      era++;
      cancel();
      cancelStream?.();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
