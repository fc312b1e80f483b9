/** The command line as a process of its own, with all that it prints. */
import { JOB_END } from "./glance_jobs.ts";
import { ROOT } from "./program.ts";

const JOBS = "tests/support/glance_jobs.ts";

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

export interface Job {
  readonly args: readonly string[];
  readonly env: Env;
}

/**
 * Runs commands that read no standard input one after the other, each with an environment of its
 * own, in one process, as most of a short command's time is the start of its process.
 */
export async function runGlanceJobs(jobs: readonly Job[]): Promise<Ran[]> {
  const child = start([JSON.stringify(jobs)], {}, "null", { script: JOBS });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const [out, err] = [stdout, stderr].map((bytes) => decoder.decode(bytes).split(JOB_END));
  if (out!.length !== jobs.length + 1) throw new Error(`The jobs ended early: ${err!.at(-1)}`);
  return jobs.map((_, index) => {
    const [code, ...said] = out![index]!.split("\n").toReversed();
    return { code: Number(code), text: said.toReversed().join("\n") + err![index] };
  });
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
