/** A real browser behind a real nginx, with the dashboard at /glance/ beside another site. */
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { parseRange } from "../../src/security/address.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { withBrowser } from "../support/browser.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { eventually } from "../support/program.ts";
import { PASSWORD, usersAuth } from "../support/signed_in.ts";
import { toolTest } from "../support/tool.ts";

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

async function walk(
  browser: Browser,
  site: string,
  { simulator }: World,
  screen: BrowserContextOptions,
) {
  const page = await browser.newPage(screen);
  page.setDefaultTimeout(10_000);
  const faults = watch(page);
  const at = () => new URL(page.url()).pathname;
  await page.goto(`${site}/glance/explain/mrr?currency=usd`);
  assert.equal(at(), "/glance/login");
  await page.fill("[name=username]", "ada");
  await page.fill("[name=password]", PASSWORD);
  await page.click("main button");
  await page.waitForURL("**/glance/explain/mrr?currency=usd");
  await page.click("table a >> nth=0");
  await page.waitForURL("**/glance/explain/subscription/sub_a*");
  await page.click("a.brand");
  await page.waitForURL("**/glance/");
  // What changes comes by the stream.
  change(simulator, 7700);
  await page.waitForFunction(() => document.body.innerText.includes("$77"));
  change(simulator, 1000);
  await page.click("[formaction$='/api/set-theme/dusk']");
  await page.waitForURL("**/glance/");
  await page.click("button.logout");
  await page.waitForURL("**/glance/login?out");
  assert.deepEqual(faults, []);
  await page.close();
}

toolTest(
  NGINX,
  "under /glance/ a browser signs in, looks around, hears of changes and signs out",
  async (nginx) => {
    await withBrowser(async (browser) => {
      await using made = await world(nginx);
      const [kept, taken] = made.sites as [string, string];
      await walk(browser, kept, made, {
        colorScheme: "light",
        viewport: { width: 1440, height: 900 },
      });
      await walk(browser, taken, made, {
        colorScheme: "dark",
        viewport: { width: 390, height: 844 },
      });
    });
  },
);
