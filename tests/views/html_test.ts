/** Addresses in pages: whatever a view is handed, a browser is led to a page or nowhere. */
import assert from "node:assert/strict";
import { loadText } from "../config/support.ts";
import { html, toText } from "../../views/html.ts";

const SCRIPTS = [
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "vbscript:x",
  "data:text/html,<script>alert(1)</script>",
  "blob:https://a/b",
];

Deno.test("an address that a browser would run is left out, in every attribute that is followed", () => {
  for (const address of SCRIPTS) {
    assert.equal(toText(html`<a href=${address}>x</a>`), "<a>x</a>", address);
    assert.equal(toText(html`<form action=${address}></form>`), "<form></form>", address);
    assert.equal(toText(html`<img src=${address} />`), "<img/>", address);
  }
});

Deno.test("addresses of the web, of mail and of this server stay", () => {
  for (
    const address of [
      "https://dashboard.stripe.com/customers/cus_1",
      "http://intranet/x",
      "mailto:ada@example.com",
      "/explain/mrr?at=12:30",
      "?currency=usd",
      "#main",
      "money",
    ]
  ) assert.equal(toText(html`<a href=${address}>x</a>`), `<a href="${address}">x</a>`, address);
});

Deno.test("title-url is an address of the web and nothing else", async () => {
  const load = (address: string) =>
    loadText(
      JSON.stringify({
        pages: [{
          name: "Overview",
          columns: [{ size: "full", widgets: [{ type: "plans", "title-url": address }] }],
        }],
      }),
      { STRIPE_SECRET_KEY: "sk_test_x" },
    );
  await load("https://wiki.example.com/mrr?x=1#y");
  for (const address of [...SCRIPTS, "ftp://a/b", "file:///etc/passwd", "//a/b", "x"]) {
    await assert.rejects(load(address), /title-url: must be an address with https/);
  }
});
