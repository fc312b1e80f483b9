import assert from "node:assert/strict";
import { brotliCompressSync } from "node:zlib";
import { loadAssets } from "../../views/assets.ts";
import { renderManifest } from "../../views/manifest.ts";
import { renderPage } from "../../views/page.ts";
import { chromeOf, pageOf, WIDGETS } from "../support/page_fixture.ts";

const VIEWS = new URL("../../views/", import.meta.url);
const read = (path: string) => Deno.readFile(new URL(path, VIEWS));

Deno.test("an asset's address holds a digest of its content", async () => {
  const { stylesheet, script, favicon, byHref } = await loadAssets(read);
  assert.match(stylesheet.href, /^\/assets\/glance-[0-9a-f]{10}\.css$/);
  assert.match(script.href, /^\/assets\/glance-[0-9a-f]{10}\.js$/);
  assert.equal(favicon.contentType, "image/svg+xml");
  assert.equal(byHref.get(script.href), script);
  const other = await loadAssets(() => Promise.resolve(new TextEncoder().encode("other")));
  assert.notEqual(other.script.href, script.href);
});

Deno.test("the script is at most 3 KB compressed", async () => {
  const { script } = await loadAssets(read);
  assert.ok(brotliCompressSync(script.body).length <= 3 * 1024);
});

Deno.test("a page of all widgets with everything it loads is at most 60 KB compressed", async () => {
  const { stylesheet, script, favicon } = await loadAssets(read);
  const page = pageOf({
    columns: [{ size: "full", widgets: Object.values(WIDGETS) }],
  });
  const parts = [
    new TextEncoder().encode(renderPage(page)),
    ...[stylesheet, script, favicon].map(
      ({ body }) => body,
    ),
  ];
  const weight = parts.reduce((sum, part) => sum + brotliCompressSync(part).length, 0);
  assert.ok(weight <= 60 * 1024, `${weight} bytes`);
});

Deno.test("styles and script name no host", async () => {
  const { stylesheet, script } = await loadAssets(read);
  for (const { body } of [stylesheet, script]) {
    assert.doesNotMatch(new TextDecoder().decode(body), /https?:\/\/|@import|url\("?\/\//);
  }
});

Deno.test("the manifest names the application and its icon", () => {
  const text = renderManifest(chromeOf().branding, {
    backgroundColor: "#0d0e12",
    iconHref: "/assets/icon.svg",
    startHref: "/glance/",
  });
  assert.deepEqual(JSON.parse(text), {
    name: "BusinessGlance",
    short_name: "BusinessGlance",
    start_url: "/glance/",
    scope: "/glance/",
    display: "standalone",
    background_color: "#0d0e12",
    theme_color: "#0d0e12",
    icons: [{ src: "/assets/icon.svg", sizes: "any", type: "image/svg+xml" }],
  });
});
