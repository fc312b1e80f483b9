/**
 * Campaign: raw requests of every kind, over TCP, by visitors of different rights: nothing is left
 * unhandled and nobody is shown a figure that is not theirs. 3,000 requests by default; `--full`
 * sends 20,000.
 */
import assert from "node:assert/strict";
import { ROUTES } from "../../routes/access.ts";
import { between, createDice, type Dice, pick, roll } from "../../src/simulator/random.ts";
import {
  ACCOUNTS,
  accountsIn,
  type CanaryVisitor,
  type CanaryWorld,
  startCanaryWorld,
} from "../support/canary_world.ts";

const REQUESTS = Deno.env.get("LONG_TESTS_FULL") ? 20_000 : 3_000;
const AT_ONCE = 8;
/** Requests on one connection, sent before the first is answered. */
const PIPELINED_MAX = 4;
/** The part of requests that are in order; among the others few get so far as to a figure. */
const PLAIN = 0.6;
/** A body that never comes is waited for by the server, not by this. */
const PATIENCE_MS = 1_000;
const SEED = 15;

interface Sent {
  readonly text: string;
  readonly visitor: CanaryVisitor;
}

const PLACES: Readonly<Record<string, readonly string[]>> = {
  ":slug": ["", "other", "last", "page of home"],
  ":source": [...ACCOUNTS, "none"],
  ":name": ["none.css", "constructor"],
  ":key": ["default", "toString"],
  ":figure": ["mrr", "new", "arr", "movements", "__proto__"],
  ":id": ["main-1", "other-2", "last-3", "sub_mark-home", "sub_mark-other", "status"],
};

function pathFrom(dice: Dice): string {
  const { path } = pick(dice, ROUTES.filter(({ path }) => path !== "/api/stream"));
  const filled = path.replace(/\{.+\}/, "").replace(/:\w+/g, (place) => pick(dice, PLACES[place]!));
  const query = pick(dice, [
    ...["", "", "format=csv", "format=json", "currency=usd", "format=influx", "period=12m"],
    ...["%", "a=%ff", "source=__proto__", "limit=-1", "x".repeat(3_000)],
  ]);
  const source = roll(dice) < 0.6 ? `source=${pick(dice, ACCOUNTS)}` : "";
  const search = [source, query].filter((part) => part !== "").join("&");
  return encodeURI(filled) + (search === "" ? "" : `?${search}`);
}

/** Other spellings of a target; most are none of a server's. */
const SPELLINGS: readonly ((path: string, dice: Dice) => string)[] = [
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => `/login/..${path}`,
  (path) => `/%2e%2e${path}`,
  (path) => path.replaceAll("/", "%2f"),
  (path) => `${path};x=.css`,
  (path) => `${path}%00`,
  (path) => `${path}#/login`,
  (path) => `/webhooks/stripe#${path}`,
  (path) => `http://localhost${path}`,
  (path) => `https://localhost${path}`,
  (path) => `http://evil.example${path}`,
  (path) => `http://ann:b@localhost${path}`,
  (path) => `http://localhost?${path}`,
  (path) => `//evil.example${path}`,
  (path) => `\\${path.slice(1)}`,
  (path) => `${path}/`,
  (path, dice) => path + String.fromCharCode(between(dice, 33, 255)).repeat(between(dice, 1, 40)),
  () => "*",
  () => "localhost:80",
  () => `/${"a".repeat(20_000)}`,
];

const METHODS = [
  ...["GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "POST", "OPTIONS", "PUT"],
  ...["DELETE", "PATCH", "TRACE", "CONNECT", "get", "constructor", "toString", "PRI", "G\u0001T"],
];

function hostsFrom(dice: Dice): string[] {
  if (roll(dice) < 0.75) {
    return [`Host: ${pick(dice, ["localhost", "localhost:8080", "127.0.0.1", "[::1]"])}`];
  }
  const path = pathFrom(dice);
  return pick(dice, [
    [],
    ["Host: evil.example"],
    ["Host:"],
    ["Host: localhost", "Host: evil.example"],
    [`Host: localhost${path}#`],
    [`Host: localhost${path}?`],
    [`Host: localhost${path}`],
    ["Host: localhost/"],
    ["Host: adm@localhost"],
    ["Host: 999.1.1.1"],
    ["Host: localhost:99999"],
    ["Host: xn--"],
    [`Host: ${"a".repeat(300)}`],
    ["X-Forwarded-Host: localhost", "Host: evil.example"],
  ]);
}

/** ETags of answers to anybody. */
const ETAGS: string[] = [];

function headersFrom(dice: Dice): string[] {
  const one = () =>
    pick(dice, [
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-User: adm",
      "X-HTTP-Method-Override: POST",
      "X-Original-URL: /api/v1/revenue",
      "X-Rewrite-URL: /audit",
      "Forwarded: for=127.0.0.1;host=localhost",
      "Accept: text/csv",
      "Accept: application/json",
      "Range: bytes=0-10",
      "Sec-Fetch-Site: cross-site",
      "Origin: null",
      "Upgrade: websocket",
      "Expect: 100-continue",
      "Cookie: theme=constructor",
      "Cookie: theme=__proto__; session_token=",
      `X-Long: ${"y".repeat(5_000)}`,
      "Content-Type: multipart/form-data; boundary=x",
      "Glance-Signature: t=1,v1=00",
      "Stripe-Signature: t=1,v1=00",
      `If-None-Match: ${ETAGS.length > 0 ? pick(dice, ETAGS) : "*"}`,
      "Broken header",
      "Connection: keep-alive, x",
    ]);
  return Array.from({ length: between(dice, 0, 3) }, one);
}

function bodyFrom(dice: Dice): { readonly headers: readonly string[]; readonly body: string } {
  const form = "source=home&event=evt_1&username=adm&password=wrong+password";
  const json = '{"source":"home","username":"adm","password":{"a":[]}}';
  const body = pick(dice, [form, json, "", "{", "\u0000\u00ff".repeat(100), "z".repeat(70_000)]);
  const type = pick(dice, ["application/x-www-form-urlencoded", "application/json", "text/plain"]);
  const length = pick(dice, [
    `Content-Length: ${body.length}`,
    `Content-Length: ${body.length}`,
    `Content-Length: ${body.length}`,
    "Content-Length: -1",
    "Content-Length: 1e3",
    "Transfer-Encoding: chunked",
  ]);
  const sent = length.endsWith("chunked")
    ? `${body.length.toString(16)}\r\n${body}\r\n${body.length > 0 ? "0\r\n\r\n" : ""}`
    : body;
  return { headers: [`Content-Type: ${type}`, length], body: sent };
}

/** A request as a browser or a program sends it: it reaches a route, and leaves its cache warm. */
function plainFrom(dice: Dice, visitor: CanaryVisitor, isLast: boolean): Sent {
  const lines = [
    `GET ${pathFrom(dice)} HTTP/1.1`,
    "Host: localhost",
    ...Object.entries(visitor.headers).map((pair) => pair.join(": ")),
    ...(isLast ? ["Connection: close"] : []),
  ];
  return { text: `${lines.join("\r\n")}\r\n\r\n`, visitor };
}

function requestFrom(dice: Dice, visitors: readonly CanaryVisitor[], isLast: boolean): Sent {
  const visitor = pick(dice, visitors);
  if (roll(dice) < PLAIN) return plainFrom(dice, visitor, isLast);
  const method = pick(dice, METHODS);
  const path = pathFrom(dice);
  const target = roll(dice) < 0.7 ? path : pick(dice, SPELLINGS)(path, dice);
  // Nobody is signed out meanwhile: they would see nothing from then on.
  const isKnown = !/logout/i.test(target);
  const { headers, body } = roll(dice) < 0.3 || method === "POST"
    ? bodyFrom(dice)
    : { headers: [], body: "" };
  const lines = [
    `${method} ${target} HTTP/${roll(dice) < 0.95 ? "1.1" : pick(dice, ["1.0", "2.0", "9"])}`,
    ...hostsFrom(dice),
    ...(isKnown ? Object.entries(visitor.headers).map((pair) => pair.join(": ")) : []),
    ...headersFrom(dice),
    ...headers,
    ...(isLast ? ["Connection: close"] : []),
  ];
  return { text: `${lines.join("\r\n")}\r\n\r\n${body}`, visitor };
}

/** All that comes back on one connection, and whether the server ended it. */
async function exchange(url: string, sent: readonly Sent[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  let closed = false;
  const close = () => {
    if (!closed) connection.close();
    closed = true;
  };
  const timer = setTimeout(close, PATIENCE_MS);
  const bytes = Uint8Array.from(
    sent.map(({ text }) => text).join(""),
    (character) => character.charCodeAt(0),
  );
  let answer = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  async function write(): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  }
  const written = write().catch(() => {});
  try {
    for (let count = await connection.read(buffer); count !== null;) {
      answer += decoder.decode(buffer.subarray(0, count), { stream: true });
      count = await connection.read(buffer);
    }
  } catch {
    // Closed by a reset, or given up here.
  }
  clearTimeout(timer);
  close();
  await written;
  return answer;
}

interface Found {
  readonly crossings: string[];
  readonly statuses: Map<number, number>;
  /** Answers with figures, each to somebody who may see them. */
  own: number;
}

/** Answers come in the order of their requests. */
function judge(sent: readonly Sent[], answer: string, found: Found): void {
  const { crossings, statuses } = found;
  const answers = answer.split(/(?=HTTP\/1\.[01] \d{3} )/).filter((text) => text !== "");
  const finals = answers.filter((text) => !/^HTTP\/1\.1 100 /.test(text));
  finals.forEach((text, nth) => {
    const status = Number(text.slice(9, 12));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const etag = /^etag: (.+)\r$/m.exec(text)?.[1];
    if (etag && ETAGS.length < 200) ETAGS.push(etag);
    const { text: asked, visitor } = sent[nth] ?? sent.at(-1)!;
    // What a visitor wrote into the address may be repeated to them.
    const others = ACCOUNTS.reduce(
      (rest, account) =>
        asked.includes(`mark-${account}`) ? rest.replaceAll(`mark-${account}`, "") : rest,
      text,
    );
    const shown = accountsIn(others);
    if (shown.length > 0) found.own++;
    const wrong = shown.filter((account) => !visitor.sees.includes(account));
    if (wrong.length > 0) {
      crossings.push(
        `${visitor.name} sees ${wrong.join()} by ${JSON.stringify(asked.slice(0, 300))}`,
      );
    }
  });
}

async function campaign(world: CanaryWorld): Promise<Found> {
  const found: Found = { crossings: [], statuses: new Map(), own: 0 };
  const dice = createDice(SEED);
  let sent = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (sent < REQUESTS) {
      const count = between(dice, 1, PIPELINED_MAX);
      sent += count;
      const requests = Array.from(
        { length: count },
        (_, nth) => requestFrom(dice, world.visitors, nth === count - 1),
      );
      judge(requests, await exchange(world.dashboard.url, requests), found);
    }
  }));
  return found;
}

Deno.test(`of ${REQUESTS} raw requests none is left unhandled, and none shows a figure to the wrong visitor`, async () => {
  await using world = await startCanaryWorld();
  const { crossings, statuses, own } = await campaign(world);
  assert.deepEqual(crossings.slice(0, 5), []);
  const failed = world.dashboard.lines.filter((line) => /"msg":"request failed"/.test(line));
  assert.deepEqual(failed.slice(0, 3), []);
  assert.equal(statuses.get(500) ?? 0, 0);
  // Each kind of answer was among them, and the server goes on.
  for (const status of [200, 303, 400, 401, 403, 404, 405, 421]) {
    assert.ok((statuses.get(status) ?? 0) > 2, `${status}: ${JSON.stringify([...statuses])}`);
  }
  assert.ok(own > REQUESTS / 100, `${own} answers had figures`);
  const live = await world.dashboard.get("/health/live");
  assert.equal(await live.text(), "ok\n");
});
