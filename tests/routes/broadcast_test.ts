/** The stream that tells open pages what changes. */
import assert from "node:assert/strict";
import { type Broadcaster, createBroadcaster } from "../../routes/broadcast.ts";
import { createFakeClock } from "../support/fake_clock.ts";

function broadcasting(clientsMax = 100) {
  const clock = createFakeClock({ start: 1_000_000 });
  let version = 1;
  const broadcaster = createBroadcaster({
    clock,
    versions: () => ({ default: version }),
    clientsMax,
  });
  const change = () => {
    version++;
    broadcaster.announce();
  };
  return { clock, broadcaster, change, [Symbol.dispose]: () => broadcaster.close() };
}

/** Reads what has come so far. */
function reading(broadcaster: Broadcaster, since: string | null) {
  const response = broadcaster.open(since)!;
  const reader = response.body!.getReader();
  let text = "";
  const ended = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += new TextDecoder().decode(part.value);
    }
  })();
  return { response, text: () => text, ended, cancel: () => reader.cancel() };
}

Deno.test("a page that knows the present state is told nothing until something changes", async () => {
  using it = broadcasting();
  const page = reading(it.broadcaster, it.broadcaster.id());
  await it.clock.settle();
  assert.equal(page.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(page.text(), "retry: 2000\n\n");
  it.change();
  await it.clock.settle();
  assert.equal(
    page.text(),
    'retry: 2000\n\nid: STATE\ndata: {"versions":{"default":2}}\n\n'.replace(
      "STATE",
      it.broadcaster.id(),
    ),
  );
});

Deno.test("one that comes back with an older state, or none, is told the present one at once", async () => {
  using it = broadcasting();
  const before = it.broadcaster.id();
  it.change();
  for (const since of [before, null, "another-server"]) {
    const page = reading(it.broadcaster, since);
    await it.clock.settle();
    assert.match(page.text(), /data: \{"versions":\{"default":2\}\}/);
    await page.cancel();
  }
  assert.equal(it.broadcaster.clients(), 0);
});

Deno.test("four messages a second are sent at once, and what comes beyond them together", async () => {
  using it = broadcasting();
  const page = reading(it.broadcaster, it.broadcaster.id());
  const messages = () => page.text().match(/^data:/gm)?.length ?? 0;
  for (let count = 0; count < 50; count++) it.change();
  await it.clock.settle();
  assert.equal(messages(), 1, "what changes in one go is one message");
  for (let burst = 0; burst < 10; burst++) {
    it.change();
    await it.clock.settle();
  }
  assert.equal(messages(), 4);
  await it.clock.advance(999);
  assert.equal(messages(), 4);
  await it.clock.advance(1);
  assert.equal(messages(), 5);
  assert.match(page.text(), /"default":61\}\}\n\n$/);
});

Deno.test("a silent stream beats every fifteen seconds", async () => {
  using it = broadcasting();
  const page = reading(it.broadcaster, it.broadcaster.id());
  await it.clock.advance(45_000);
  assert.equal(page.text().match(/^: heartbeat$/gm)?.length, 3);
});

Deno.test("who does not read is let go after a few messages, and nobody else", async () => {
  using it = broadcasting();
  const slow = it.broadcaster.open(null)!;
  const page = reading(it.broadcaster, null);
  for (let count = 0; count < 20; count++) {
    it.change();
    await it.clock.advance(1_000);
  }
  assert.equal(it.broadcaster.clients(), 1);
  assert.match(page.text(), /"default":21\}\}\n\n$/);
  await slow.body!.cancel();
});

Deno.test("there is room for so many pages; closing ends them and refuses more", async () => {
  using it = broadcasting(2);
  const pages = [reading(it.broadcaster, null), reading(it.broadcaster, null)];
  assert.equal(it.broadcaster.open(null), null);
  it.broadcaster.close();
  await Promise.all(pages.map(({ ended }) => ended));
  assert.equal(it.broadcaster.open(null), null);
});
