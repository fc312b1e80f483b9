/** What is kept of finished answers, and in which form it is sent. */
import assert from "node:assert/strict";
import { type Body, cached, HTML } from "../../routes/cached.ts";
import { createEntry, createPageCache, respond } from "../../routes/page_cache.ts";

const request = (headers: HeadersInit = {}) => new Request("http://127.0.0.1/money", { headers });

async function textOf(response: Response): Promise<string> {
  return await response.text();
}

Deno.test("an encoding with a weight of 0 is refused: br;q=0 gets gzip, and gzip;q=0 as well plain", async () => {
  const entry = await createEntry("a page", { route: "/", contentType: HTML, headers: [] });
  const encodingOf = (accepted: string) =>
    respond(entry, request({ "accept-encoding": accepted })).headers.get("content-encoding");
  assert.equal(encodingOf("gzip, br"), "br");
  assert.equal(encodingOf("br;q=0.001, gzip"), "br");
  assert.equal(encodingOf("br;q=0, gzip"), "gzip");
  assert.equal(encodingOf("gzip, br ; q=0.000"), "gzip");
  assert.equal(encodingOf("gzip;q=0, br;q=0"), null);
  assert.equal(encodingOf("identity"), null);
});

/** Answers the same address twice, and says what the second answer is. */
async function second(first: () => Body | Promise<Body>, cache = createPageCache()) {
  await textOf(await cached({ cache, linked: (html) => html }, request(), "/", first));
  const next = () => ({ body: "made anew", contentType: HTML });
  return await textOf(await cached({ cache, linked: (html) => html }, request(), "/", next));
}

Deno.test("an answer is kept until the next version", async () => {
  assert.equal(await second(() => ({ body: "kept", contentType: HTML })), "kept");
});

Deno.test("a page with customers' names is never kept: the names are looked up for each reader", async () => {
  const page = { body: "Ada & Sons", contentType: HTML, passing: true };
  assert.equal(await second(() => page), "made anew");
});

Deno.test("an answer that was begun before a new version is not kept after it", async () => {
  const cache = createPageCache();
  const page = await second(async () => {
    await Promise.resolve();
    cache.clear();
    return { body: "of the version before", contentType: HTML };
  }, cache);
  assert.equal(page, "made anew");
});

Deno.test("an answer that is no success is not kept", async () => {
  assert.equal(
    await second(() => ({ body: "none", contentType: HTML, status: 404 })),
    "made anew",
  );
});
