/** A real browser behind a real nginx, with the dashboard at /glance/ beside another site. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { parseRange } from "../../src/security/address.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { browserForFile } from "../support/browser.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { eventually } from "../support/program.ts";
import { PASSWORD, usersAuth } from "../support/signed_in.ts";
import { toolTest } from "../support/tool.ts";

const withBrowser = await browserForFile();

const NGINX = { tool: "nginx", pack: "nginx-light" };
const UNDER_PATH = new URL("../../deploy/nginx/glance-under-path.conf", import.meta.url);

function sub(amount: number) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  return makeSubscription({
    id: "sub_a",
    customer: "cus_a",
    lines: [makeItem({ id: "si_a", price })],
  });
}

function change(simulator: Simulator, amount: number): void {
  simulator.upsert("subscriptions", sub(amount));
  const created = Math.floor(Date.now() / 1000);
  simulator.emit({ type: "customer.subscription.updated", object: sub(amount), created });
}

/** Two servers: one passes the path on as our file does, the other takes it off. */
function configOf(folder: string, app: string, [kept, taken]: readonly [number, number]): string {
  const passedOn = Deno.readTextFileSync(UNDER_PATH).replaceAll("app:8080", app);
  return `pid ${folder}/pid; daemon off; worker_processes 1; error_log ${folder}/error.log;
    events {} http { access_log off; client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u;
    scgi_temp_path ${folder}/s;
    server { listen 127.0.0.1:${kept}; location / { return 404 "another site"; } ${passedOn} }
    server { listen 127.0.0.1:${taken}; location / { return 404 "another site"; }
      location /glance/ { proxy_pass http://${app}/; proxy_buffering off; proxy_http_version 1.1;
        proxy_set_header Host $http_host; proxy_set_header Connection "";
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }`;
}

async function world(nginx: string) {
  const folder = Deno.makeTempDirSync();
  Deno.chmodSync(folder, 0o755);
  const simulator = createSimulator({ objects: { subscriptions: [sub(1000)] } });
  const dashboard = await startLiveDashboard({
    simulator,
    settings: (settings) => ({
      ...settings,
      auth: usersAuth({ ada: "admin" }),
      server: {
        ...settings.server,
        baseUrl: "/glance",
        proxied: true,
        proxy: { hops: 1, trusted: [parseRange("127.0.0.0/8")] },
      },
      theme: { ...settings.theme, presets: { dusk: settings.theme.colors } },
    }),
  });
  const ports = [freePort(), freePort()] as const;
  Deno.writeTextFileSync(
    `${folder}/nginx.conf`,
    configOf(folder, new URL(dashboard.url).host, ports),
  );
  const child = new Deno.Command(nginx, {
    args: ["-c", `${folder}/nginx.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const sites = ports.map((port) => `http://127.0.0.1:${port}`);
  await eventually(
    () =>
      fetch(`${sites[1]}/glance/login`).then((answer) => {
        answer.body?.cancel();
        return answer.status;
      }, () => 0),
    (status) => status === 200,
  );
  return {
    sites,
    simulator,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await dashboard[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** What the page asked for outside of its path, or was refused. */
function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/glance/") || response.status() >= 400) {
      faults.push(`${response.status()} ${pathname}`);
    }
  });
  return faults;
}

const SCREENS = [1440, 390].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme }))
);
type Screen = typeof SCREENS[number];

async function show(page: Page, { width, colorScheme }: Screen): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  await page.emulateMedia({ colorScheme });
}

async function isWithinItsWidth(page: Page, screen: Screen): Promise<void> {
  const wide = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.equal(wide, 0, `${page.url()} at ${screen.width} px, ${screen.colorScheme}`);
}

async function signIn(page: Page, site: string): Promise<void> {
  await page.goto(`${site}/glance/explain/mrr?currency=usd`);
  assert.equal(new URL(page.url()).pathname, "/glance/login");
  for (const screen of SCREENS) {
    await show(page, screen);
    await isWithinItsWidth(page, screen);
  }
  await page.fill("[name=username]", "ada");
  await page.fill("[name=password]", PASSWORD);
  await page.click("main button");
  await page.waitForURL("**/glance/explain/mrr?currency=usd");
}

/** From a figure to a subscription and to the first page, where a change comes by the stream. */
async function lookAround(page: Page, site: string, { simulator }: World, screen: Screen) {
  await show(page, screen);
  await page.goto(`${site}/glance/explain/mrr?currency=usd`);
  await isWithinItsWidth(page, screen);
  await page.click("table a >> nth=0");
  await page.waitForURL("**/glance/explain/subscription/sub_a*");
  await isWithinItsWidth(page, screen);
  await page.click("a.brand");
  await page.waitForURL("**/glance/");
  await isWithinItsWidth(page, screen);
  const price = 2000 + 100 * SCREENS.indexOf(screen);
  change(simulator, price);
  await page.waitForFunction(
    (text) => document.body.innerText.includes(text),
    `$${price / 100}`,
  );
}

async function leave(page: Page): Promise<void> {
  await page.click("[formaction$='/api/set-theme/dusk']");
  await page.waitForURL("**/glance/");
  await page.click("button.logout");
  await page.waitForURL("**/glance/login?out");
}

toolTest(
  NGINX,
  "under /glance/ a browser signs in, looks around, hears of changes and signs out",
  async (nginx) => {
    await withBrowser(async (browser) => {
      await using made = await world(nginx);
      for (const site of made.sites) {
        const page = await browser.newPage({ reducedMotion: "reduce" });
        page.setDefaultTimeout(10_000);
        const faults = watch(page);
        await signIn(page, site);
        for (const screen of SCREENS) await lookAround(page, site, made, screen);
        await leave(page);
        assert.deepEqual(faults, [], site);
        await page.close();
      }
    });
  },
);
