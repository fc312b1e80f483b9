/**
 * The load client for machines without `wrk`: raw sockets, HTTP/1.1 keep-alive.
 *
 * @module
 */
import type { Load, LoadOptions } from "../load.ts";

/** Latencies are counted in bins of 10 µs up to a second. */
const BIN_MS = 0.01;
const BINS = 100_000;

const decoder = new TextDecoder("latin1");

function requestBytes({ url, headers = {} }: LoadOptions): Uint8Array {
  const { host, pathname, search } = new URL(url);
  const fields = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return new TextEncoder().encode(
    `GET ${pathname}${search} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`,
  );
}

/** Where the head ends, or -1: the place after the empty line. */
function headEnd(bytes: Uint8Array): number {
  for (let at = 3; at < bytes.length; at++) {
    if (bytes[at] === 10 && bytes[at - 1] === 13 && bytes[at - 2] === 10) return at + 1;
  }
  return -1;
}

/** Reads one answer; returns its status. Only bodies with a length are expected. */
async function readAnswer(connection: Deno.Conn, buffer: Uint8Array): Promise<number> {
  let filled = 0;
  let end = -1;
  while (end < 0) {
    const count = await connection.read(buffer.subarray(filled));
    if (count === null) throw new Error("The server closed the connection");
    filled += count;
    end = headEnd(buffer.subarray(0, filled));
  }
  const head = decoder.decode(buffer.subarray(0, end));
  let left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) - (filled - end);
  while (left > 0) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("The server closed the connection");
    left -= count;
  }
  return Number(head.slice(9, 12));
}

export async function load(options: LoadOptions): Promise<Load> {
  const { hostname, port } = new URL(options.url);
  const request = requestBytes(options);
  const bins = new Uint32Array(BINS);
  const until = performance.now() + options.seconds * 1000;
  let requests = 0;
  let errors = 0;

  async function connection(): Promise<void> {
    const socket = await Deno.connect({ hostname, port: Number(port) });
    const buffer = new Uint8Array(64 * 1024);
    try {
      while (true) {
        const sentAt = performance.now();
        if (sentAt >= until) return;
        await socket.write(request);
        if (await readAnswer(socket, buffer) >= 400) errors++;
        requests++;
        const bin = Math.floor((performance.now() - sentAt) / BIN_MS);
        bins[Math.min(BINS - 1, bin)]! += 1;
      }
    } catch {
      errors++;
    } finally {
      socket.close();
    }
  }

  function quantile(share: number): number {
    let count = 0;
    for (let bin = 0; bin < BINS; bin++) {
      count += bins[bin]!;
      if (count >= share * requests) return (bin + 1) * BIN_MS;
    }
    return NaN;
  }

  await Promise.all(Array.from({ length: options.connections }, connection));
  return {
    perSecond: requests / options.seconds,
    requests,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    errors,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await load(JSON.parse(Deno.args[0]!) as LoadOptions)));
}
