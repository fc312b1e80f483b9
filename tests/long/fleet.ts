/** Programs over one company and one database, and events on their way to them. */
import assert from "node:assert/strict";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { serveSimulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

export const FULL = Boolean(Deno.env.get("LONG_TESTS_FULL"));
export const now = () => Math.floor(Date.now() / 1000);
export const pick = <T>(from: readonly T[]) => from[Math.floor(Math.random() * from.length)]!;

export async function get(program: Program, path: string): Promise<Response> {
  return await fetch(new URL(path, program.url));
}

/** Whether a program holds the lease of a source. */
export async function holds(program: Program): Promise<boolean> {
  const text = await (await get(program, "/metrics")).text();
  return /^glance_lease_held\{[^}]*\} 1$/m.test(text);
}

interface Revenue {
  readonly state: string;
  readonly currencies: Readonly<Record<string, { readonly mrrExact: string }>>;
}

/** Exact MRR by currency, as a program shows it. */
export async function shown(program: Program): Promise<Record<string, string>> {
  const { currencies }: Revenue = await (await get(program, "/api/v1/revenue")).json();
  return Object.fromEntries(
    Object.entries(currencies).map(([currency, { mrrExact }]) => [currency, mrrExact]).sort(),
  );
}

/** Everything that figures of the last months show: they are equal where the facts are. */
export async function bridgeOf(program: Program): Promise<unknown> {
  const answer = await get(program, "/api/v1/movements?interval=month");
  assert.equal(answer.status, 200, "the identity holds");
  const { data } = await answer.json();
  return data;
}

/** Delivers one event to one program; whether it has said that it has it. */
export async function tryDeliver(program: Program, event: unknown): Promise<boolean> {
  try {
    const [status] = await sendWebhook(`${program.url}webhooks/stripe`, JSON.stringify(event));
    return status === 200;
  } catch {
    // That one was killed.
    return false;
  }
}

/** Delivers to random programs until one has said so often that it has it, as Stripe would. */
export async function deliver(
  programs: readonly Program[],
  event: unknown,
  times: number,
): Promise<void> {
  for (let given = 0; given < times;) if (await tryDeliver(pick(programs), event)) given++;
}

/** @param env Where each program keeps what it reads. */
export async function startFleet(
  env: Record<string, string>,
  { seed, customers }: { readonly seed: number; readonly customers: number },
) {
  const company = createCompany({ now: now(), seed, customers });
  const server = await serveSimulator(createSimulator({ source: company.source }));
  const tap = createEventTap(company.source);
  tap();
  const all: Program[] = [];
  const books = () =>
    Object.fromEntries(
      Object.entries(company.books(company.now()).mrr)
        .map(([currency, { exact }]) => [currency, exact]).sort(),
    );

  async function agrees(program: Program): Promise<boolean> {
    return JSON.stringify(await shown(program)) === JSON.stringify(books());
  }

  /** Subscriptions that a program values otherwise than the books. */
  async function differencesOf(program: Program): Promise<readonly string[]> {
    const found: string[] = [];
    const seen = new Map<string, string>();
    for (let after = ""; after !== null;) {
      const page = await (await get(
        program,
        `/api/v1/subscriptions?limit=500${after && `&after=${after}`}`,
      )).json();
      for (const row of page.data) seen.set(row.subscription, row.mrrExact);
      after = page.next;
    }
    for (const { subscription, worthAt } of company.trueLives()) {
      const [is, should] = [seen.get(subscription) ?? "0", worthAt(company.now())];
      if (is !== should) found.push(`${subscription}: ${is} in place of ${should}`);
    }
    return found;
  }

  return {
    company,
    tap,
    async start(own: Record<string, string> = env): Promise<Program> {
      const program = await startProgram(
        "serve",
        {
          STRIPE_SECRET_KEY: SIMULATOR_KEY,
          STRIPE_API_BASE: server.url.replace(/\/$/, ""),
          STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
          PORT: "0",
          ...own,
        },
        Deno.execPath(),
        ["--allow-write"],
      );
      all.push(program);
      return program;
    },
    /** Until every program shows the company's own books, which go on with the time. */
    async settled(programs: readonly Program[], seconds = 120): Promise<void> {
      try {
        await until(async () => {
          company.advance(now());
          for (const event of tap()) await deliver(programs, event, 1);
          return (await Promise.all(programs.map(agrees))).every(Boolean);
        }, seconds);
      } catch {
        const differences = await Promise.all(programs.map(differencesOf));
        assert.fail(`They never agreed with the books: ${JSON.stringify(differences)}`);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const program of all) await program[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
