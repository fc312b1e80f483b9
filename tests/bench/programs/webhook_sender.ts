/**
 * Sends signed webhooks over keep-alive connections, each its next when the last is answered, and
 * says how many were answered a second.
 *
 * @module
 */
import { createHmac } from "node:crypto";

export interface SenderOptions {
  readonly url: string;
  readonly secret: string;
  readonly events: number;
  readonly connections: number;
  /** Whether every signature is one digit off. */
  readonly forged: boolean;
  /** Subscriptions that the events are about. */
  readonly subscriptions: readonly string[];
}

export interface Sent {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** An event of the size that Stripe's have, most of it an object that is not kept. */
function eventText(number: number, subscription: string, now: number): string {
  return JSON.stringify({
    id: `evt_bench_${now}_${number}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: now,
    livemode: false,
    type: "customer.subscription.updated",
    data: {
      object: { id: subscription, customer: "cus_1", filler: "x".repeat(2_500) },
      previous_attributes: { quantity: number },
    },
  });
}

function requestOf(options: SenderOptions, number: number): Uint8Array {
  const { hostname, pathname } = new URL(options.url);
  const now = Math.floor(Date.now() / 1000);
  const { subscriptions } = options;
  const body = eventText(number, subscriptions[number % subscriptions.length]!, now);
  const right = createHmac("sha256", options.secret).update(`${now}.${body}`).digest("hex");
  const signature = options.forged ? (right[0] === "0" ? "1" : "0") + right.slice(1) : right;
  return new TextEncoder().encode(
    `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nstripe-signature: t=${now},v1=${signature}\r\n\r\n${body}`,
  );
}

/** Sends one request and reads its whole answer; returns the status. */
async function exchange(connection: Deno.Conn, request: Uint8Array): Promise<string> {
  for (let at = 0; at < request.length;) at += await connection.write(request.subarray(at));
  const buffer = new Uint8Array(4096);
  let text = "";
  while (true) {
    const length = await connection.read(buffer);
    if (length === null) throw new Error("The server closed a connection");
    text += new TextDecoder().decode(buffer.subarray(0, length));
    const end = text.indexOf("\r\n\r\n");
    const size = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (end >= 0 && text.length >= end + 4 + size) return text.slice(9, 12);
  }
}

const options = JSON.parse(Deno.args[0]!) as SenderOptions;
const requests = Array.from({ length: options.events }, (_, number) => requestOf(options, number));
const { hostname, port } = new URL(options.url);
const times: number[] = [];
const statuses: Record<string, number> = {};
let next = 0;

async function work(): Promise<void> {
  using connection = await Deno.connect({ hostname, port: Number(port) });
  while (next < requests.length) {
    const request = requests[next++]!;
    const startedAt = performance.now();
    const status = await exchange(connection, request);
    times.push(performance.now() - startedAt);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: options.connections }, work));
const seconds = (performance.now() - startedAt) / 1000;
times.sort((a, b) => a - b);
const sent: Sent = {
  perSecond: times.length / seconds,
  p50Ms: times[Math.floor(times.length * 0.5)]!,
  p99Ms: times[Math.floor(times.length * 0.99)]!,
  statuses,
};
console.log(JSON.stringify(sent));
