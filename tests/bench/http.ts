/**
 * The cached dashboard against a bare `Deno.serve` with the same bytes and headers.
 *
 * @module
 */
import { type Child, freePort, jsonLine, mebibytes, startDeno, startProgram } from "./child.ts";
import { type Load, type LoadClient, loadClient } from "./load.ts";
import type { BareAnswer } from "./programs/bare_server.ts";
import type { SimulatorSettings } from "./programs/simulator.ts";
import { cpuBetween, median, ratioText, type Row, type Section } from "./results.ts";

const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = [64, 1000] as const;
const P99_MS: Readonly<Record<number, number>> = { 64: 5, 1000: 50 };
const TARGET = 0.7;

/** Added by the server to each answer, and so not given to the bare one. */
const BY_SERVER = new Set(["date", "content-length", "transfer-encoding", "connection"]);

interface Served {
  readonly child: Child;
  readonly url: string;
}

interface Round extends Load {
  readonly cpuUsPerRequest: number;
}

/** The program as it is started by `deno task start`, over a company of the simulator. */
export async function startServe(simulatorUrl: string): Promise<Served> {
  const port = freePort();
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const child = startDeno(
    ["run", "--allow-net", "--allow-env", "--allow-read", "--no-check", main, "serve"],
    { STRIPE_SECRET_KEY: "rk_test_simulator", STRIPE_API_BASE: simulatorUrl, PORT: String(port) },
  );
  const url = await child.line((line) => {
    return line.includes('"msg":"serving"') ? (JSON.parse(line) as { url: string }).url : null;
  });
  return { child, url };
}

async function bareOf(response: Response, folder: string, name: string): Promise<BareAnswer> {
  const headers = [...response.headers].filter(([field]) => !BY_SERVER.has(field));
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length === 0) return { status: response.status, headers, bodyPath: null };
  const bodyPath = `${folder}/${name}`;
  await Deno.writeFile(bodyPath, bytes);
  return { status: response.status, headers, bodyPath };
}

/** `fetch` would undo the compression, so it is asked with a plain client. */
async function rawGet(url: string, headers: Record<string, string>): Promise<Response> {
  const { get } = await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  get(url, { headers }, (message) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    message.on("data", (chunk: Uint8Array) => chunks.push(new Uint8Array(chunk)));
    message.on("end", () => {
      const pairs = Object.entries(message.headers) as [string, string][];
      const status = message.statusCode!;
      const body = status === 304 ? null : new Blob(chunks);
      resolve(new Response(body, { status, headers: pairs }));
    });
  }).on("error", reject);
  return await promise;
}

async function measure(
  client: LoadClient,
  { child, url }: Served,
  connections: number,
  headers: Record<string, string>,
): Promise<Round> {
  const before = child.usage();
  const load = await client.run({ url, connections, seconds: SECONDS, headers });
  if (load.errors > 0) console.error(`  ${load.errors} errors at ${url}`);
  const cpuMs = cpuBetween(before, child.usage());
  return { ...load, cpuUsPerRequest: cpuMs * 1000 / load.requests };
}

async function compare(
  client: LoadClient,
  ours: Served,
  bare: Served,
  connections: number,
  headers: Record<string, string>,
): Promise<{ readonly ours: Round; readonly bare: Round }> {
  const rounds: { ours: Round; bare: Round }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      bare: await measure(client, bare, connections, headers),
      ours: await measure(client, ours, connections, headers),
    });
  }
  const middle = (server: "ours" | "bare"): Round => {
    const of = (field: keyof Round) => median(rounds.map((round) => round[server][field]));
    return {
      perSecond: of("perSecond"),
      requests: of("requests"),
      p50Ms: of("p50Ms"),
      p99Ms: of("p99Ms"),
      errors: of("errors"),
      cpuUsPerRequest: of("cpuUsPerRequest"),
    };
  };
  return { ours: middle("ours"), bare: middle("bare") };
}

function rowsOf(
  what: string,
  connections: number,
  { ours, bare }: { readonly ours: Round; readonly bare: Round },
): Row[] {
  const ratio = ours.perSecond / bare.perSecond;
  const p99 = P99_MS[connections]!;
  const at = `${what}, ${connections} connections`;
  return [
    {
      what: at,
      figure: `${Math.round(ours.perSecond)}/s; bare ${Math.round(bare.perSecond)}/s`,
      ratio: ratioText(ratio),
      target: `≥ ${TARGET}`,
      met: ratio >= TARGET,
    },
    {
      what: `${at}, p99`,
      figure: `${ours.p99Ms.toFixed(1)} ms; bare ${bare.p99Ms.toFixed(1)} ms`,
      ratio: ratioText(ours.p99Ms / bare.p99Ms),
      target: `≤ ${p99} ms`,
      met: ours.p99Ms <= p99,
    },
    {
      what: `${at}, CPU a request`,
      figure: `${ours.cpuUsPerRequest.toFixed(1)} µs; bare ${bare.cpuUsPerRequest.toFixed(1)} µs`,
      ratio: ratioText(ours.cpuUsPerRequest / bare.cpuUsPerRequest),
      target: "",
      met: null,
    },
  ];
}

/** Waits until the account is read: from then on the page changes only when something happens. */
async function untilLive({ url }: Served): Promise<void> {
  for (let live = false; !live;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const response = await fetch(`${url}api/v1/sources`);
    live = (await response.text()).includes('"phase":"live"');
  }
}

export async function http(): Promise<Section> {
  const client = await loadClient();
  const folder = await Deno.makeTempDir();
  const settings: SimulatorSettings = { customers: 2000, now: Math.floor(Date.now() / 1000) };
  await using simulator = startProgram("simulator", settings);
  const { url: simulatorUrl } = await jsonLine<{ url: string }>(simulator);
  const ours = await startServe(simulatorUrl);
  await using _ours = ours.child;
  await untilLive(ours);
  const etag = (await rawGet(ours.url, {})).headers.get("etag")!;
  const kinds: readonly (readonly [string, Record<string, string>])[] = [
    ["plain", {}],
    ["brotli", { "accept-encoding": "br" }],
    ["304", { "if-none-match": etag }],
  ];
  const rows: Row[] = [];
  const sizes: string[] = [];
  const memory: string[] = [];
  for (const [kind, headers] of kinds) {
    const answer = await bareOf(await rawGet(ours.url, headers), folder, kind);
    if (answer.bodyPath) sizes.push(`${kind} ${(await Deno.stat(answer.bodyPath)).size} bytes`);
    await using child = startProgram("bare_server", answer);
    const bare = { child, url: (await jsonLine<{ url: string }>(child)).url };
    for (const connections of CONNECTIONS) {
      rows.push(
        ...rowsOf(kind, connections, await compare(client, ours, bare, connections, headers)),
      );
    }
    memory.push(mebibytes(child.usage().rssBytes));
  }
  await Deno.remove(folder, { recursive: true });
  return {
    title: "the cached dashboard against a bare Deno.serve of the same bytes and headers",
    about: `Load by ${client.name}; medians of ${ROUNDS} alternating rounds of ${SECONDS} s. ` +
      `Log (level info) and metrics on; there are no sessions yet. The page: ${
        sizes.join(", ")
      }. ` +
      `RSS afterwards ${mebibytes(ours.child.usage().rssBytes)}, bare ${memory.join(", ")}.`,
    rows,
  };
}
