/** `glance serve` and `glance demo` as processes, against a Stripe-compatible server over HTTP. */
import assert from "node:assert/strict";
import {
  type Books,
  createCompany,
  createSimulator,
  serveSimulator,
} from "../../src/simulator/mod.ts";
import { eventually, ROOT, startProgram } from "../support/program.ts";

interface Revenue {
  readonly state: string;
  readonly currencies: Record<string, { readonly mrr: number; readonly mrrExact: string }>;
}

async function revenueOf(url: string): Promise<Revenue> {
  return await (await fetch(`${url}api/v1/revenue`)).json();
}

function booksOf({ currencies }: Revenue): Books["mrr"] {
  return Object.fromEntries(
    Object.entries(currencies).map(([currency, { mrr, mrrExact }]) =>
      [currency, { exact: mrrExact, minor: mrr }] as const
    ),
  );
}

const now = Math.floor(Date.now() / 1000);

Deno.test("serve shows a Stripe-compatible server's own books, and stops on SIGTERM", async () => {
  const company = createCompany({ seed: 21, customers: 400, now });
  const simulator = createSimulator({ source: company.source, key: "sk_test_x" });
  const server = await serveSimulator(simulator, { hostname: "127.0.0.1", port: 0 });
  {
    await using program = await startProgram("serve", {
      STRIPE_SECRET_KEY: "sk_test_x",
      STRIPE_API_BASE: server.url.replace(/\/$/, ""),
      PORT: "0",
    });
    const revenue = await eventually(
      () => revenueOf(program.url),
      ({ state }) => state === "fresh",
    );
    assert.deepEqual(booksOf(revenue), company.books().mrr);
    assert.deepEqual(Object.keys(simulator.stats().methods), ["GET"]);
    assert.equal(await program.terminate(), 0);
    const messages = program.lines.map((line) => JSON.parse(line).msg);
    assert.ok(messages.includes("stopping"));
    assert.ok(messages.includes("account read"));
    assert.ok(program.lines.every((line) => !line.includes("sk_test_x")));
  }
  await server.close();
});

Deno.test("serve says which port is in use and what to do", async () => {
  const taken = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
  const { stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-net", "--allow-env", "--allow-read", "main.ts"],
    cwd: ROOT,
    env: { PORT: String(taken.addr.port), HOST: "127.0.0.1" },
  }).output();
  const text = new TextDecoder().decode(stderr);
  assert.equal(code, 1);
  assert.equal(
    text.trim(),
    `Port ${taken.addr.port} on 127.0.0.1 is in use: stop what uses it, or choose another with ` +
      `PORT=${taken.addr.port + 1}`,
  );
  await taken.shutdown();
});

Deno.test("those who came by npx are shown npx commands", async () => {
  await using program = await startProgram("serve", { PORT: "0", npm_command: "exec" });
  const text = await (await fetch(program.url)).text();
  const npx = `npx --yes deno@${Deno.version.deno} task`;
  assert.ok(text.includes(`STRIPE_SECRET_KEY=rk_live_… ${npx} start`));
  assert.ok(text.includes(`${npx} demo`));
  assert.doesNotMatch(text, /[^@]deno task/);
});

Deno.test("serve without a key serves a page that says what to do", async () => {
  await using program = await startProgram("serve", { PORT: "0" });
  const response = await fetch(program.url);
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.match(text, /<h1>Connect your Stripe account<\/h1>[^]*STRIPE_SECRET_KEY/);
  assert.match(
    text,
    /class="button strong" href="https:\/\/dashboard\.stripe\.com\/[^"]+">Create a read-only/,
  );
  assert.doesNotMatch(text, />503</);
});

Deno.test("an unreachable host is told on the page, without a stack", async () => {
  await using program = await startProgram("serve", {
    STRIPE_SECRET_KEY: "rk_test_x",
    STRIPE_API_BASE: "http://127.0.0.1:9",
    PORT: "0",
  });
  const text = await eventually(
    async () => (await fetch(program.url)).text(),
    (page) => /cannot be reached/.test(page),
  );
  assert.match(
    text,
    /Stripe cannot be reached at 127\.0\.0\.1:9: check the network, a proxy, or STRIPE_API_BASE/,
  );
  assert.ok(!/at \w+ \(/.test(text));
});

Deno.test("demo takes the next free port, needs no key, and agrees with its own books", async () => {
  const taken = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
  {
    await using program = await startProgram("demo", { PORT: String(taken.addr.port) });
    assert.notEqual(new URL(program.url).port, String(taken.addr.port));
    await eventually(() => revenueOf(program.url), ({ state }) => state === "fresh");
    // The company lives on meanwhile: a change is shown when its webhook has arrived.
    await eventually(
      async () => (await fetch(program.url)).text(),
      (text) => /simulator's own books <b>([^<]+)<\/b> = shown <b>\1<\/b>/.test(text),
    );
    assert.equal(await program.terminate(), 0);
  }
  await taken.shutdown();
});
