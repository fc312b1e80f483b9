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
  /** Ends it as a container host does. */
  terminate(): Promise<number>;
}

type Env = Readonly<Record<string, string>>;

function start(args: readonly string[], env: Env, stdin: "piped" | "null"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "main.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function runGlance(args: readonly string[], env: Env, input = ""): Promise<Ran> {
  const child = start(args, env, "piped");
  const writer = child.stdin.getWriter();
  // A command that reads none may have ended.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Starts a command that goes on. */
export function startGlance(args: readonly string[], env: Env): Running {
  const child = start(args, env, "null");
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
  const terminate = () => {
    if (!over) child.kill("SIGTERM");
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
