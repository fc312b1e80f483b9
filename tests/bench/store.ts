/**
 * What keeping costs: filling memory, SQLite and PostgreSQL, and starting from what is kept.
 *
 * @module
 */
import { addressOf, startPostgres } from "../support/postgres.ts";
import { jsonLine, mebibytes, startProgram } from "./child.ts";
import type { StoreSettings, StoreTimes } from "./programs/store.ts";
import { ratioText, type Row, type Section } from "./results.ts";
import { startRows } from "./stored_start.ts";

const MANY = 100_000;

async function timesOf(settings: StoreSettings): Promise<StoreTimes> {
  await using child = startProgram("store", settings);
  return await jsonLine<StoreTimes>(child);
}

function rowsOf(name: string, times: StoreTimes, memory: StoreTimes): Row[] {
  const fill: Row = {
    what: `filling ${name}`,
    figure: `${times.fillSeconds.toFixed(1)} s; ${
      Math.round(MANY / times.fillSeconds)
    }/s; RSS at the end ${mebibytes(times.rss)}`,
    ratio: ratioText(times.fillSeconds / memory.fillSeconds),
    target: "",
    met: null,
  };
  const { reopenSeconds } = times;
  if (reopenSeconds === null) return [fill];
  return [fill, {
    what: `reading everything from ${name} in one go`,
    figure: `${reopenSeconds.toFixed(2)} s`,
    ratio: ratioText(reopenSeconds / memory.fillSeconds),
    target: "",
    met: null,
  }];
}

export async function store(): Promise<Section> {
  const folder = await Deno.makeTempDir();
  await using cluster = await startPostgres({ durable: true });
  if (!cluster) throw new Error("PostgreSQL is not installed (apt-get install postgresql)");
  const url = await cluster.create();
  const { password, ...address } = addressOf(url);
  const settings = {
    subscriptions: MANY,
    path: `${folder}/glance.db`,
    postgres: { ...address, password: password!.reveal() },
  };
  try {
    const memory = await timesOf({ ...settings, kind: "memory" });
    const sqlite = await timesOf({ ...settings, kind: "sqlite" });
    const postgres = await timesOf({ ...settings, kind: "postgres" });
    const overSqlite = await startRows("SQLite", { DATABASE_PATH: settings.path });
    const overPostgres = await startRows("PostgreSQL", { DATABASE_URL: url });
    return {
      title: `keeping ${MANY} subscriptions`,
      about: "Put one by one and published every 1,000, until all of it is durable (fsync on); " +
        "ratios are against filling memory. The objects are made meanwhile, which is in all times. " +
        "A start is a process of the program; its ratio is against one without an opening.",
      rows: [
        ...rowsOf("memory", memory, memory),
        ...rowsOf("SQLite", sqlite, memory),
        ...rowsOf("PostgreSQL", postgres, memory),
        ...overSqlite,
        ...overPostgres,
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
