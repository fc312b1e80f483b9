/** The pages in a real Chromium: under a strict policy, in both schemes, wide and narrow. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { type Assets, loadAssets, styleAsset } from "../../views/assets.ts";
import { renderDefinitions } from "../../views/definitions.ts";
import { renderExplain } from "../../views/explain.ts";
import { renderMessage } from "../../views/message.ts";
import { renderPage } from "../../views/page.ts";
import { renderSubscription } from "../../views/subscription.ts";
import { themeCss } from "../../views/theme.ts";
import { renderWidget } from "../../views/widget.ts";
import type { Chrome } from "../../src/widgets/models.ts";
import { createBroadcaster } from "../../routes/broadcast.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { loadAxe, seriousFindings } from "../support/axe.ts";
import { browserForFile } from "../support/browser.ts";
import { chromeOf, fresh, HEAD, pageOf, WIDGETS } from "../support/page_fixture.ts";
import { cardPage, emptyPage, loadingPage, multiPage, statesPage } from "./states_fixture.ts";
import { DEFINITIONS, EXPLAIN, MESSAGE, SUBSCRIPTION } from "./text_pages_fixture.ts";

const withBrowser = await browserForFile();

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; font-src 'self'";

/** A dark theme with a golden accent, as a configuration may have it. */
const THEME = {
  background: { hue: 240, saturation: 8, lightness: 9 },
  primary: { hue: 43, saturation: 50, lightness: 70 },
};

const VIEWS = new URL("../../views/", import.meta.url);

function pagesOf(chrome: Chrome, themeHref: string): Record<string, () => string> {
  const bare = { ...chrome, status: null };
  const themed = { ...chrome, stylesheets: [...chrome.stylesheets, themeHref] };
  return {
    "/": () => renderPage(pageOf({ chrome })),
    "/themed": () => renderPage(pageOf({ chrome: themed })),
    "/states": () => renderPage(statesPage(chrome)),
    "/loading": () => renderPage(loadingPage(chrome)),
    "/card": () => renderPage(cardPage(chrome)),
    "/empty": () => renderPage(emptyPage(chrome)),
    "/multi": () => renderPage(multiPage(chrome)),
    "/explain": () => renderExplain({ ...EXPLAIN, chrome }),
    "/subscription": () => renderSubscription({ ...SUBSCRIPTION, chrome: bare }),
    "/definitions": () => renderDefinitions({ ...DEFINITIONS, chrome }),
    "/message": () => renderMessage({ ...MESSAGE, chrome: bare }),
  };
}

/** The fixture pages and their assets on a port of their own. `widgets` answers the fragments. */
async function serve(
  widgets: (id: string) => Response = () => new Response(null, { status: 404 }),
) {
  const assets: Assets = await loadAssets((path) => Deno.readFile(new URL(path, VIEWS)));
  const theme = await styleAsset("theme", themeCss(THEME));
  const chrome = chromeOf({
    stylesheets: [assets.stylesheet.href],
    script: assets.script.href,
    branding: { ...chromeOf().branding, faviconHref: assets.favicon.href },
  });
  const pages = pagesOf(chrome, theme.href);
  const stream = createBroadcaster({ clock: systemClock(), versions: () => ({ default: 1 }) });
  const listening = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    const asset = pathname === theme.href ? theme : assets.byHref.get(pathname);
    if (asset) {
      return new Response(asset.body, { headers: { "content-type": asset.contentType } });
    }
    if (pathname === "/manifest.json") return Response.json({});
    if (pathname === "/api/stream") {
      listening.resolve();
      return stream.open(stream.id())!;
    }
    if (pathname.startsWith("/api/widgets/")) return widgets(pathname.slice(13));
    const page = pages[pathname];
    return page === undefined ? new Response(null, { status: 404 }) : new Response(page(), {
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY },
    });
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  return {
    base,
    paths: Object.keys(pages),
    announce: stream.announce,
    /** Once a page has its stream open. */
    listening: listening.promise,
    stop() {
      stream.close();
      return server.shutdown();
    },
  };
}

interface Sight {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** Each width and each scheme once. */
const TWO_SIGHTS: readonly Sight[] = [{ width: 1440, scheme: "light" }, {
  width: 390,
  scheme: "dark",
}];
const EVERY_SIGHT: readonly Sight[] = [
  ...TWO_SIGHTS,
  { width: 1440, scheme: "dark" },
  { width: 390, scheme: "light" },
];

/** Opens a page and gathers what the console says and which hosts are asked. */
async function open(browser: Browser, url: string, { width, scheme }: Sight) {
  const context = await browser.newContext({
    viewport: { width, height: width > 1000 ? 900 : 844 },
    colorScheme: scheme,
    reducedMotion: "reduce",
    bypassCSP: false,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => hosts.add(new URL(request.url()).hostname));
  await page.goto(url, { waitUntil: "load" });
  return { page, complaints, hosts, close: () => context.close() };
}

Deno.test("every page is accessible, quiet, within its width, and asks no other host", async () => {
  await withBrowser(async (browser) => {
    const site = await serve();
    for (const path of site.paths) {
      const [first, ...others] = path === "/" ? EVERY_SIGHT : TWO_SIGHTS;
      const { page, complaints, hosts, close } = await open(browser, site.base + path, first!);
      await loadAxe(page);
      for (const { width, scheme } of [first!, ...others]) {
        const where = `${path} at ${width} px, ${scheme}`;
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme: scheme });
        assert.deepEqual(await seriousFindings(page), [], where);
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        assert.equal(overflow, 0, where);
      }
      assert.deepEqual(complaints, [], path);
      assert.deepEqual([...hosts], ["127.0.0.1"], path);
      await close();
    }
    await site.stop();
  });
});

Deno.test("on a laptop the status line is one row, and no number is broken or cut", async () => {
  await withBrowser(async (browser) => {
    const site = await serve();
    for (const path of ["/", "/states"]) {
      const { page, close } = await open(browser, site.base + path, TWO_SIGHTS[0]!);
      for (const width of [1440, 1280, 1190, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const where = `${path} at ${width} px`;
        if (width > 1000) {
          assert.equal((await page.locator("header.bar").boundingBox())!.height, 48, where);
        }
        const faulty = await page.evaluate(`[...document.querySelectorAll(
          ".metric-primary, .metric-value")].filter((value) => {
            const style = getComputedStyle(value);
            return value.clientHeight > parseFloat(style.lineHeight) + 1 ||
              value.getBoundingClientRect().right > value.parentElement.getBoundingClientRect().right;
          }).map((value) => value.textContent.trim())`);
        assert.deepEqual(faulty, [], where);
      }
      await close();
    }
    await site.stop();
  });
});

Deno.test("on a phone the parts stand in the order of their importance", async () => {
  await withBrowser(async (browser) => {
    const site = await serve();
    const { page, close } = await open(browser, site.base, { width: 390, scheme: "dark" });
    const order = await page.evaluate(`[".head-main", ".head-spark", ".widget-type-bridge",
      ".widget-type-needs-you", ".widget-type-activity", ".tiles", ".widget-type-chart13",
      ".widget-type-plans", ".below"].map((name) =>
        document.querySelector(name).getBoundingClientRect().top)`) as number[];
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    assert.equal(await page.locator(".move:visible").count(), 6);
    assert.equal((await page.locator(".plot").boundingBox())!.height, 200);
    await close();
    await site.stop();
  });
});

Deno.test("arrow keys and the pointer read out a month of the chart", async () => {
  await withBrowser(async (browser) => {
    const site = await serve();
    const { page, close } = await open(browser, site.base, { width: 1440, scheme: "dark" });
    const readout = page.locator("[data-readout]");
    await page.locator("[data-chart]").focus();
    await page.keyboard.press("ArrowLeft");
    assert.match(await readout.innerText(), /^October 2026\s.*New \+\$4,230/s);
    await page.keyboard.press("Home");
    assert.match(await readout.innerText(), /^November 2025 approximate/);
    await page.keyboard.press("Tab");
    assert.match(await readout.innerText(), /^November 2026 so far/);
    await page.locator(".col").nth(3).hover();
    assert.match(await readout.innerText(), /^February 2026/);
    await close();
    await site.stop();
  });
});

Deno.test("a definition opens from its figure by keyboard and closes on Escape", async () => {
  await withBrowser(async (browser) => {
    const site = await serve();
    const { page, close } = await open(browser, site.base, { width: 1440, scheme: "light" });
    await page.locator(".head-main summary").press("Enter");
    assert.ok(await page.locator(".head-main .formula").isVisible());
    await page.keyboard.press("Escape");
    assert.ok(!await page.locator(".head-main .formula").isVisible());
    await close();
    await site.stop();
  });
});

Deno.test("a changed widget is swapped in place, keeping what is open and focused", async () => {
  await withBrowser(async (browser) => {
    const asked: string[] = [];
    const head = {
      ...WIDGETS.head,
      state: fresh({ ...HEAD, mrr: { ...HEAD.mrr, value: "$86,263" } }),
    };
    const site = await serve((id) => {
      asked.push(id);
      if (id !== "head") return new Response(null, { status: 304 });
      return new Response(renderWidget(head), { headers: { etag: '"2"' } });
    });
    const { page, complaints, close } = await open(browser, `${site.base}/?period=30d`, {
      width: 1440,
      scheme: "dark",
    });
    await page.locator(".head-main summary").press("Enter");
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    await page.getByText("$86,263").waitFor();
    assert.ok(await page.locator(".head-main details").getAttribute("open") !== null);
    assert.equal(await page.evaluate("document.activeElement.textContent"), "MRR");
    assert.ok(await page.locator(".metric-primary.arrived").count() === 1);
    assert.ok(asked.includes("status") && asked.includes("plans"));
    assert.deepEqual(complaints, []);
    await close();
    await site.stop();
  });
});

Deno.test("a widget that the server does not know is asked for once", async () => {
  await withBrowser(async (browser) => {
    const asked: string[] = [];
    const site = await serve((id) => {
      asked.push(id);
      return new Response(null, { status: id === "demo" ? 404 : 304 });
    });
    const { page, close } = await open(browser, site.base, { width: 1440, scheme: "dark" });
    const look = `document.dispatchEvent(new Event("visibilitychange"))`;
    await page.evaluate(look);
    await page.locator('[data-widget="demo"]').waitFor({ state: "detached" });
    const seen = asked.length;
    const last = page.waitForResponse((answer) => answer.url().includes("/api/widgets/"));
    await page.evaluate(look);
    await last;
    assert.ok(asked.length > seen);
    assert.equal(asked.filter((id) => id === "demo").length, 1);
    await close();
    await site.stop();
  });
});

Deno.test("the stream's message makes the page look, and its end says reconnecting", async () => {
  await withBrowser(async (browser) => {
    const asked: string[] = [];
    const site = await serve((id) => {
      asked.push(id);
      return new Response(null, { status: 304 });
    });
    const { page, close } = await open(browser, site.base, { width: 1440, scheme: "light" });
    const looks = page.waitForResponse((answer) => answer.url().includes("/api/widgets/head"));
    await site.listening;
    site.announce();
    await looks;
    assert.ok(asked.includes("status"));
    await site.stop();
    await page.getByText("reconnecting").waitFor();
    await close();
  });
});

Deno.test("when the server is not well the status line says reconnecting, and heals", async () => {
  await withBrowser(async (browser) => {
    let well = false;
    const site = await serve(() => new Response(null, { status: well ? 304 : 503 }));
    const { page, close } = await open(browser, site.base, { width: 1440, scheme: "dark" });
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    await page.getByText("reconnecting").waitFor();
    well = true;
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    await page.getByText("reconnecting").waitFor({ state: "hidden" });
    await close();
    await site.stop();
  });
});
