/** The command line as a process of its own, with all that it prints. */
import { ROOT } from "./program.ts";

export interface Ran {
  readonly code: number;
  /** Standard output and standard error. */
  readonly text: string;
}

export interface Running extends AsyncDisposable {
  /** All that was printed so far, on both. */
  text(): string;
  /** Resolves with what a pattern found in that, once it does. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it as a container host does, or by another signal. */
  terminate(signal?: Deno.Signal): Promise<number>;
}

type Env = Readonly<Record<string, string>>;

export interface Started {
  /** In place of `main.ts`. */
  readonly script?: string;
  /** The runtime that runs it, in place of this one. */
  readonly executable?: string;
}

function start(
  args: readonly string[],
  env: Env,
  stdin: "piped" | "null",
  { script = "main.ts", executable = Deno.execPath() }: Started = {},
): Deno.ChildProcess {
  return new Deno.Command(executable, {
    args: ["run", "-A", "--quiet", "--no-check", script, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function runGlance(
  args: readonly string[],
  env: Env,
  input = "",
  how: Started = {},
): Promise<Ran> {
  const child = start(args, env, "piped", how);
  const writer = child.stdin.getWriter();
  // A command that reads none may have ended.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Starts a command that goes on. */
export function startGlance(args: readonly string[], env: Env, how: Started = {}): Running {
  const child = start(args, env, "null", how);
  let text = "";
  let wake = Promise.withResolvers<void>();
  const reading = [child.stdout, child.stderr].map(async (stream) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      wake.resolve();
      wake = Promise.withResolvers();
    }
  });
  const ended = Promise.all([child.status, ...reading]).then(([{ code }]) => {
    wake.resolve();
    return code;
  });
  let over = false;
  ended.then(() => over = true);
  const terminate = (signal: Deno.Signal = "SIGTERM") => {
    if (!over) child.kill(signal);
    return ended;
  };
  return {
    text: () => text,
    async said(pattern) {
      for (;;) {
        const match = pattern.exec(text);
        if (match) return match;
        if (over) throw new Error(`The program ended without saying ${pattern}: ${text}`);
        await wake.promise;
      }
    },
    terminate,
    [Symbol.asyncDispose]: async () => void await terminate(),
  };
}
