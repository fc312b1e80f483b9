/**
 * Starting over a database with many subscriptions in it, as the program itself does: until its
 * first page, and until everything is read.
 *
 * @module
 */
import { freePort, mebibytes, startDeno } from "./child.ts";
import { median, ratioText, type Row } from "./results.ts";

const ROUNDS = 3;
const POLL_MS = 5;
const LEASE_MS = 3_000;
const GIVE_UP_MS = 120_000;
const FIRST_PAGE_SECONDS_MAX = 1;

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const FLAGS = ["run", "--allow-net", "--allow-env", "--allow-read", "--allow-write"];
/** Nothing answers there: what is measured comes before Stripe is asked. */
const NOWHERE = "http://127.0.0.1:9";

interface Start {
  readonly firstPageSeconds: number;
  readonly completeSeconds: number;
  readonly rss: number;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Seconds since `startedAt` until an address answers 200. */
async function until(url: string, startedAt: number): Promise<number> {
  while (performance.now() - startedAt < GIVE_UP_MS) {
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.status === 200) return (performance.now() - startedAt) / 1000;
    } catch {
      // It does not listen yet.
    }
    await pause(POLL_MS);
  }
  throw new Error(`No answer within ${GIVE_UP_MS} ms: ${url}`);
}

/** A start and an orderly end, which keeps the opening of the next. */
async function started(env: Readonly<Record<string, string>>): Promise<Start> {
  const port = freePort();
  const startedAt = performance.now();
  await using child = startDeno([...FLAGS, MAIN, "serve"], {
    STRIPE_SECRET_KEY: "rk_test_simulator",
    STRIPE_API_BASE: NOWHERE,
    ...env,
    PORT: String(port),
  });
  const url = `http://127.0.0.1:${port}`;
  const firstPageSeconds = await until(`${url}/`, startedAt);
  // The list needs every subscription: it waits for them.
  const completeSeconds = await until(`${url}/api/v1/subscriptions?limit=1`, startedAt);
  const { rssBytes } = child.usage();
  // A replica takes the lease, without which it writes nothing.
  await pause(LEASE_MS);
  await child.end();
  return { firstPageSeconds, completeSeconds, rss: rssBytes };
}

/** Rows of starts over a database that has been filled. */
export async function startRows(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<Row[]> {
  const without = await started(env);
  const starts: Start[] = [];
  for (let round = 0; round < ROUNDS; round++) starts.push(await started(env));
  const firstPage = median(starts.map(({ firstPageSeconds }) => firstPageSeconds));
  const complete = median(starts.map(({ completeSeconds }) => completeSeconds));
  return [
    {
      what: `starting over ${name}: process start to the first page, with an opening`,
      figure: `${firstPage.toFixed(2)} s; everything read after ${complete.toFixed(1)} s; RSS ` +
        mebibytes(median(starts.map(({ rss }) => rss))),
      ratio: ratioText(firstPage / without.firstPageSeconds),
      target: `< ${FIRST_PAGE_SECONDS_MAX} s`,
      met: firstPage < FIRST_PAGE_SECONDS_MAX,
    },
    {
      what: `the same without an opening: after a crash amid changes, or another configuration`,
      figure: `${without.firstPageSeconds.toFixed(1)} s; RSS ${mebibytes(without.rss)}`,
      ratio: "1.00",
      target: "",
      met: null,
    },
  ];
}
