/**
 * Programs under test run in processes of their own, so that none shares its heap, its event loop
 * or its compiled code with what measures it.
 *
 * @module
 */

/** What a process has used so far. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The most it ever held. */
  readonly peakBytes: number;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The first line of its output, from now or before, in which `found` finds something. */
  line<T>(found: (line: string) => T | null): Promise<T>;
  usage(): Usage;
  /** Asks it to end, and waits for that. */
  end(): Promise<void>;
}

/** Clock ticks of the kernel, 100 a second on Linux. */
const TICK_MS = 10;
const MIB = 1024 * 1024;

export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MB`;
}

export function usageOf(pid: number): Usage {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks; times are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssBytes: kilobytes("VmRSS") * 1024,
    peakBytes: kilobytes("VmHWM") * 1024,
  };
}

/** Takes every line, so that a full pipe never blocks the program. */
function readLines(stdout: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const lines: string[] = [];
  let ended = false;
  let wake = Promise.withResolvers<void>();
  const reading = (async () => {
    let rest = "";
    for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
    ended = true;
    wake.resolve();
  })();
  return {
    reading,
    async line<T>(found: (line: string) => T | null): Promise<T> {
      for (let index = 0;; index++) {
        while (index >= lines.length && !ended) await wake.promise;
        if (index >= lines.length) {
          throw new Error(`A program under test ended early: ${lines.join("\n")}`);
        }
        const value = found(lines[index]!);
        if (value !== null) return value;
      }
    },
  };
}

/** Starts Deno with these arguments; it ends with the block that holds it. */
export function startDeno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { line, reading } = readLines(child.stdout);
  return {
    pid: child.pid,
    line,
    usage: () => usageOf(child.pid),
    async end() {
      child.kill("SIGTERM");
      await child.status;
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
      await reading;
    },
  };
}

/** Starts one of `programs/`; arguments are given as one JSON text. */
export function startProgram(name: string, options: unknown = {}, flags: string[] = []): Child {
  const path = new URL(`programs/${name}.ts`, import.meta.url).pathname;
  return startDeno(["run", "-A", "--no-check", ...flags, path, JSON.stringify(options)]);
}

/** The first JSON line of a program. */
export function jsonLine<T>(child: Child): Promise<T> {
  return child.line((line) => line.startsWith("{") ? JSON.parse(line) as T : null);
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
