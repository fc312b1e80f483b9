/** What a server in Stripe's place may answer with: no redirect is followed, no bomb is taken in. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/resilience/clock.ts";
import { createStripeClient } from "../../src/stripe/client.ts";
import { ROOT } from "../support/program.ts";

function serve(answer: (request: Request) => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function listFrom(base: string, bodyBytesMax?: number): Promise<unknown> {
  const client = createStripeClient({
    key: "sk_test_x",
    base,
    fetch: (input, init) => fetch(input, init),
    clock: systemClock(),
    random: () => 0,
    limits: { retry: { retriesMax: 0 }, ...(bodyBytesMax ? { bodyBytesMax } : {}) },
  });
  return client.list("/v1/subscriptions");
}

Deno.test("a redirect is not followed: the key would go to another host with it", async () => {
  const asked: string[] = [];
  await using elsewhere = serve(({ url }) => {
    asked.push(url);
    return Response.json({ object: "list", data: [], has_more: false });
  });
  for (const status of [301, 302, 303, 307, 308]) {
    await using stripe = serve(() =>
      new Response(null, { status, headers: { location: `${elsewhere.url}/v1/subscriptions` } })
    );
    await assert.rejects(listFrom(stripe.url), { name: "StripeFault" });
  }
  assert.deepEqual(asked, []);
});

/** Spaces, which are JSON so far, compressed a thousandfold. */
async function bombOf(mebibytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const spaces = new Uint8Array(1 << 20).fill(32);
  let left = mebibytes;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(spaces);
      else controller.close();
    },
  });
  const packed = stream.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const packed = { "content-encoding": "gzip", "content-type": "application/json" };

Deno.test("an answer is counted after it is unpacked, and refused in a sentence beyond the limit", async () => {
  const bomb = await bombOf(2);
  assert.ok(bomb.length < 10_000);
  await using stripe = serve(() => new Response(bomb, { headers: packed }));
  await assert.rejects(listFrom(stripe.url, 1 << 20), {
    name: "StripeFault",
    message: `${new URL(stripe.url).host} answers subscriptions with more than any page holds: ` +
      "nothing of it was taken",
  });
});

Deno.test("a bomb of 300 MB costs the program 64 MB and what goes with them, not the whole", async () => {
  const bomb = await bombOf(300);
  await using stripe = serve(() => new Response(bomb, { headers: packed }));
  const script = `
    const { createStripeClient } = await import("./src/stripe/client.ts");
    const { systemClock } = await import("./src/resilience/clock.ts");
    const client = createStripeClient({
      key: "sk_test_x",
      base: Deno.args[0],
      fetch: (input, init) => fetch(input, init),
      clock: systemClock(),
      random: () => 0,
    });
    const told = await client.list("/v1/subscriptions").catch((error) => error.message);
    const peak = /VmHWM:\\s*(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? 0;
    console.log(JSON.stringify([told, Math.round(peak / 1024)]));
    Deno.exit();
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script, stripe.url],
    cwd: ROOT,
  }).output();
  const [told, peakMebibytes] = JSON.parse(new TextDecoder().decode(stdout));
  assert.match(told, /with more than any page holds/);
  // The program itself takes about 90; a list of the unpacked pieces took 640.
  assert.ok(peakMebibytes < 400, `${peakMebibytes} MiB`);
});
