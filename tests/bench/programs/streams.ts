/**
 * Opens streams and sends webhooks: how long each takes to be told on every stream.
 *
 * @module
 */
import { createHmac } from "node:crypto";

export interface StreamsOptions {
  /** Of the dashboard. */
  readonly url: string;
  readonly secret: string;
  readonly streams: number;
  readonly webhooks: number;
  readonly subscriptions: readonly string[];
}

export interface StreamTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Messages that were read. */
  readonly messages: number;
}

/** Between two webhooks, so that each is told by a message of its own. */
const PAUSE_MS = 1_000;

const options = JSON.parse(Deno.args[0]!) as StreamsOptions;
const { hostname, port } = new URL(options.url);
const times: number[] = [];
let sentAt = Infinity;
let told = 0;
let allTold = Promise.withResolvers<void>();

async function openStream(): Promise<void> {
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(
    new TextEncoder().encode(`GET /api/stream HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`),
  );
  const buffer = new Uint8Array(8192);
  const opened = Promise.withResolvers<void>();
  let last = -1;
  (async () => {
    for (
      let length = await connection.read(buffer);
      length !== null;
      length = await connection.read(buffer)
    ) {
      const text = new TextDecoder().decode(buffer.subarray(0, length));
      if (!text.includes("data: ")) continue;
      opened.resolve();
      if (sentAt === Infinity || last === sentAt) continue;
      last = sentAt;
      times.push(performance.now() - sentAt);
      if (++told === options.streams) allTold.resolve();
    }
  })();
  await opened.promise;
}

async function send(number: number): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const id = options.subscriptions[number % options.subscriptions.length]!;
  const body = JSON.stringify({
    id: `evt_stream_${options.streams}_${now}_${number}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: now,
    livemode: false,
    type: "customer.subscription.updated",
    data: { object: { id } },
  });
  const signature = createHmac("sha256", options.secret).update(`${now}.${body}`).digest("hex");
  sentAt = performance.now();
  const response = await fetch(new URL("/webhooks/stripe", options.url), {
    method: "POST",
    headers: { "stripe-signature": `t=${now},v1=${signature}` },
    body,
  });
  await response.body?.cancel();
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (let count = 0; count < options.streams; count += 50) {
  const batch = Math.min(50, options.streams - count);
  await Promise.all(Array.from({ length: batch }, openStream));
}
await pause(PAUSE_MS);
for (let number = 0; number < options.webhooks; number++) {
  told = 0;
  allTold = Promise.withResolvers();
  await send(number);
  await allTold.promise;
  sentAt = Infinity;
  await pause(PAUSE_MS);
}
times.sort((a, b) => a - b);
const result: StreamTimes = {
  p50Ms: times[Math.floor(times.length * 0.5)]!,
  p99Ms: times[Math.floor(times.length * 0.99)]!,
  messages: times.length,
};
console.log(JSON.stringify(result));
// Its memory is read while the streams are open.
await pause(60_000);
