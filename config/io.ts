/**
 * What the loader is given of the outside world: nothing here reads the environment or a file by
 * itself, so a test is an object.
 *
 * @module
 */

export interface ConfigIo {
  /** `(name) => Deno.env.get(name)` */
  readonly env: (name: string) => string | undefined;
  /** The text of a file; rejects with an error named `NotFound` where there is none. */
  readonly readFile: (path: string) => Promise<string>;
  /** The file of rates is not looked at, as it is about to be written. */
  readonly skipRates?: boolean | undefined;
  /** It is to be served, so that someone must be asked to sign in where a live key is. */
  readonly serves?: boolean | undefined;
  /** `--config` of the command line. */
  readonly configPath?: string | undefined;
  /** Where `${secret:name}` reads from; `/run/secrets`. */
  readonly secretsFolder?: string | undefined;
}

/**
 * One trailing newline is what an editor or `echo` added, a byte-order mark what Windows did: neither
 * is a part of the value.
 */
export function trimNewline(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r?\n$/, "");
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** Whether a file is not there, or the program was started without leave to look. */
export function isAbsent(error: unknown): boolean {
  return ["NotFound", "NotCapable"].includes(nameOf(error));
}

/** Why a file could not be read, in words; never what it holds. */
export function whyUnreadable(error: unknown): string {
  switch (nameOf(error)) {
    case "NotFound":
      return "there is no such file";
    case "PermissionDenied":
      return "this user may not read it";
    case "NotCapable":
      return "the program was started without leave to read it (--allow-read)";
    case "IsADirectory":
      return "it is a folder";
    default:
      return "it could not be read";
  }
}
