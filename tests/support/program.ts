/** `main.ts` as a process of its own. */
/** The project's folder. */
export const ROOT = new URL("../../", import.meta.url);

/** A running program of ours and what it prints. */
export interface Program extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly string[];
  /** Ends it as a container host does; resolves with the exit code. */
  terminate(): Promise<number>;
  /** Ends it at once, wherever it is. */
  kill(): Promise<void>;
}

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\//;

/**
 * Starts `main.ts` with a command and waits until it has printed its address.
 *
 * @param executable The runtime that runs it, in place of this one.
 * @param permissions Beside those to listen and to read, or the only ones.
 */
export async function startProgram(
  command: string,
  env: Record<string, string>,
  executable = Deno.execPath(),
  permissions: readonly string[] | { readonly only: readonly string[] } = [],
): Promise<Program> {
  const flags = "only" in permissions
    ? permissions.only
    : ["--allow-net", "--allow-env", "--allow-read", ...permissions];
  const child = new Deno.Command(executable, {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...flags,
      "main.ts",
      command,
    ],
    cwd: ROOT,
    env: { ...env, HOST: "127.0.0.1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  const found = Promise.withResolvers<string>();
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout) {
      rest += new TextDecoder().decode(chunk);
      const parts = rest.split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
      const address = ADDRESS.exec(parts.join("\n"));
      if (address) found.resolve(address[0]);
    }
    found.reject(new Error("The program ended without an address"));
  })();
  const url = await found.promise;
  let ended: Promise<number> | null = null;
  const terminate = () =>
    ended ??= (async () => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await reading;
      return code;
    })();
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    ended = child.status.then(({ code }) => code);
    await ended;
    await reading;
  }
  return { url, lines, terminate, kill, [Symbol.asyncDispose]: async () => void await terminate() };
}

const PATIENCE_MS = 60_000;

/** Asks until the answer is as wanted; each answer comes when it comes, so nothing sleeps. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (value: T) => boolean,
): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    const value = await ask();
    if (wanted(value)) return value;
  }
  throw new Error("The answer never came");
}
