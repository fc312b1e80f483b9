/**
 * The first reading of an account: held by the limiter, and as fast as it goes.
 *
 * @module
 */
import { jsonLine, mebibytes, startProgram } from "./child.ts";
import type { Backfilled, BackfillerSettings } from "./programs/backfiller.ts";
import type { BareRead, BareReaderSettings } from "./programs/bare_reader.ts";
import type { SimulatorSettings } from "./programs/simulator.ts";
import { ratioText, type Row, type Section } from "./results.ts";

const LATENCY_MS = 200;
/** Requests a second, and customers that keep the reading to about so many seconds at that rate. */
const PACED = [[10, 9_000], [25, 16_000], [100, 50_000]] as const;
const MANY = 100_000;
const MONTHS = 24;
/** Windows of the bare reader; more gain nothing from one simulator. */
const WINDOWS = 8;

interface Stats {
  readonly byPath: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Simulator {
  readonly url: string;
  readonly subscriptions: number;
}

async function refusals(url: string): Promise<number> {
  const { byPath } = await (await fetch(`${url}/stats`)).json() as Stats;
  return Object.values(byPath).reduce((sum, counts) => sum + (counts["429"] ?? 0), 0);
}

async function backfilled(settings: BackfillerSettings, flags: string[] = []): Promise<Backfilled> {
  await using child = startProgram("backfiller", settings, flags);
  return await jsonLine<Backfilled>(child);
}

async function paced(rate: number, customers: number, now: number): Promise<Row[]> {
  const settings: SimulatorSettings = {
    customers,
    now,
    latencyMs: LATENCY_MS,
    requestsPerSecond: rate * 1.05,
  };
  await using simulator = startProgram("simulator", settings);
  const { url } = await jsonLine<Simulator>(simulator);
  // A bucket of one token: no burst flatters the rate.
  const limits = { bucket: { capacity: 1, refillPerSecond: rate } };
  const found = await backfilled({ url, limits, onlySubscriptions: true });
  const achieved = (found.requests - 1) / found.sendingSeconds;
  const refused = await refusals(url);
  const needed = Math.ceil(found.subscriptions / 100);
  const what = `${found.subscriptions} subscriptions at ${rate}/s and ${LATENCY_MS} ms`;
  return [
    {
      what,
      figure: `${achieved.toFixed(1)}/s; ${found.requests} requests for ${needed} full pages, ` +
        `${found.seconds.toFixed(1)} s`,
      ratio: ratioText(achieved / rate),
      target: "≥ 0.95",
      met: achieved / rate >= 0.95,
    },
    {
      what: `${what}: answers 429`,
      figure: String(refused),
      ratio: ratioText(refused / found.requests),
      target: "none sustained",
      met: refused / found.requests < 0.01,
    },
  ];
}

async function bareRead(url: string, now: number): Promise<BareRead> {
  const from = now - (MONTHS + 2) * 31 * 86_400;
  const settings: BareReaderSettings = { url, from, to: now + 1, windows: WINDOWS };
  await using child = startProgram("bare_reader", settings);
  return await jsonLine<BareRead>(child);
}

function unlimitedRows(what: string, found: Backfilled, bare: BareRead): Row[] {
  const rate = found.subscriptions / found.seconds;
  const bareRate = bare.subscriptions / bare.seconds;
  const cpu = found.cpuMs / found.requests;
  const bareCpu = bare.cpuMs / bare.requests;
  return [
    {
      what: `${found.subscriptions} subscriptions${what}`,
      figure: `${Math.round(rate)}/s; bare ${Math.round(bareRate)}/s`,
      ratio: ratioText(rate / bareRate),
      target: "≥ 12000/s",
      met: rate >= 12_000,
    },
    {
      what: `CPU a page${what}`,
      figure: `${cpu.toFixed(1)} ms; bare ${bareCpu.toFixed(1)} ms`,
      ratio: ratioText(cpu / bareCpu),
      target: "≤ 4 ms",
      met: cpu <= 4,
    },
    {
      what: `peak RSS until the last subscription${what}`,
      figure: `${mebibytes(found.peakBytes)}; with customers ${mebibytes(found.peakBytesAtEnd)}`,
      ratio: "",
      target: "≤ 150 MB",
      met: found.peakBytesAtEnd <= 150 * 1024 * 1024,
    },
  ];
}

async function unlimited(now: number): Promise<Row[]> {
  const settings: SimulatorSettings = { customers: MANY, now };
  await using simulator = startProgram("simulator", settings);
  const { url } = await jsonLine<Simulator>(simulator);
  const limits = { bucket: { capacity: 1e6, refillPerSecond: 1e6 }, concurrency: 16 };
  const job = { url, limits, onlySubscriptions: false };
  const before = await bareRead(url, now);
  const usual = await backfilled(job);
  const small = await backfilled(job, ["--v8-flags=--optimize-for-size"]);
  const after = await bareRead(url, now);
  const bare = before.seconds < after.seconds ? before : after;
  return [
    ...unlimitedRows("", usual, bare),
    ...unlimitedRows(", V8 optimised for size", small, bare),
  ];
}

export async function backfill(): Promise<Section> {
  const now = Math.floor(Date.now() / 1000);
  const rows: Row[] = [];
  for (const [rate, customers] of PACED) rows.push(...await paced(rate, customers, now));
  rows.push(...await unlimited(now));
  return {
    title: "the first reading of an account",
    about: "The simulator has a process of its own. Paced: requests for subscriptions over the " +
      "time from the first to the last, against the limiter's rate; its bucket holds one token, " +
      "and the simulator refuses what is 5 % above. Without a limiter: against bare fetch and " +
      `JSON.parse of the same pages in ${WINDOWS} windows, the better of a round before and one ` +
      "after; the simulator, which draws each page, bounds both.",
    rows,
  };
}
