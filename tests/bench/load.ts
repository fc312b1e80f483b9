/**
 * Load over keep-alive connections: a fixed number of them for a fixed time, each sending its next
 * request when it has the whole answer to the last. `wrk` where it is installed, as it leaves the
 * core to the server; else a client of our own in a process of its own.
 *
 * @module
 */
import { jsonLine, startProgram } from "./child.ts";

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Load {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with a status from 400, and failed connections. */
  readonly errors: number;
}

export interface LoadClient {
  readonly name: string;
  run(options: LoadOptions): Promise<Load>;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function milliseconds(report: string, pattern: RegExp): number {
  const [, value, unit] = pattern.exec(report) ?? [];
  return Number(value) * (UNITS[unit ?? ""] ?? NaN);
}

/** Reads what `wrk --latency` prints. */
export function readWrk(report: string): Load {
  const number = (pattern: RegExp) => Number(pattern.exec(report)?.[1] ?? 0);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/
    .exec(report)?.slice(1).reduce((sum, each) => sum + Number(each), 0) ?? 0;
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50Ms: milliseconds(report, /50%\s+([\d.]+)(us|ms|s|m)\b/),
    p99Ms: milliseconds(report, /99%\s+([\d.]+)(us|ms|s|m)\b/),
    errors: number(/Non-2xx or 3xx responses: (\d+)/) + socketErrors,
  };
}

async function runWrk({ url, connections, seconds, headers = {} }: LoadOptions): Promise<Load> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const { stdout } = await new Deno.Command("wrk", {
    args: ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...fields, url],
  }).output();
  return readWrk(new TextDecoder().decode(stdout));
}

async function runOwn(options: LoadOptions): Promise<Load> {
  await using client = startProgram("load_client", options);
  return await jsonLine<Load>(client);
}

/** The better client that there is. */
export async function loadClient(): Promise<LoadClient> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return { name: "wrk, one thread", run: runWrk };
  } catch {
    return { name: "tests/bench/programs/load_client.ts", run: runOwn };
  }
}
