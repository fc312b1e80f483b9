/**
 * HAProxy and nginx before a dashboard, passing on what Stripe sends and nothing else: nothing that
 * is written into a request opens another path behind them.
 */
import assert from "node:assert/strict";
import { freePort } from "../bench/child.ts";
import { accountsIn } from "../support/canary_world.ts";
import { type CanaryWorld, startCanaryWorld } from "../support/canary_world.ts";
import { eventually } from "../support/program.ts";
import { type RawAnswer, sendRaw } from "../support/raw_http.ts";
import { runTool, toolTest } from "../support/tool.ts";

interface Proxy {
  readonly tool: string;
  readonly pack: string;
  /** Passes on `/webhooks/stripe` alone, with the visitor's `Host`. */
  config(port: number, app: string, folder: string): string;
  check(file: string): string[];
  start(file: string): string[];
}

const HAPROXY: Proxy = {
  tool: "haproxy",
  pack: "haproxy",
  config: (port, app) => `
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend outside
  bind 127.0.0.1:${port}
  acl webhook path /webhooks/stripe
  http-request deny deny_status 403 unless webhook
  default_backend app
backend app
  server app ${app}
`,
  check: (file) => ["-c", "-f", file],
  start: (file) => ["-db", "-f", file],
};

const NGINX: Proxy = {
  tool: "nginx",
  pack: "nginx-light",
  config: (port, app, folder) => `
pid ${folder}/pid; daemon off; worker_processes 1; error_log ${folder}/error.log;
events {} http {
  access_log off;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port};
    location = /webhooks/stripe { proxy_pass http://${app}; proxy_set_header Host $http_host; }
    location / { return 403; }
  }
}`,
  check: (file) => ["-t", "-c", file],
  start: (file) => ["-c", file],
};

interface Site extends AsyncDisposable {
  readonly world: CanaryWorld;
  readonly url: string;
}

async function behind(proxy: Proxy, program: string): Promise<Site> {
  const folder = Deno.makeTempDirSync();
  Deno.chmodSync(folder, 0o755);
  const world = await startCanaryWorld();
  const port = freePort();
  const file = `${folder}/proxy.conf`;
  Deno.writeTextFileSync(file, proxy.config(port, new URL(world.dashboard.url).host, folder));
  const checked = await runTool(program, proxy.check(file));
  assert.equal(checked.code, 0, checked.stderr);
  const child = new Deno.Command(program, {
    args: proxy.start(file),
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    world,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await world[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

function send(url: string, line: string, headers: readonly string[]): Promise<RawAnswer> {
  return sendRaw(url, `${[line, ...headers, "Connection: close"].join("\r\n")}\r\n\r\n`);
}

const SECRET_PATHS = ["/api/v1/revenue?source=home", "/", "/metrics", "/explain/mrr?source=home"];

for (const proxy of [HAPROXY, NGINX]) {
  toolTest(
    proxy,
    `${proxy.tool} that passes on webhooks alone opens no other path, whatever Host says`,
    async (program) => {
      await using site = await behind(proxy, program);
      const admin = site.world.visitors.find(({ name }) => name === "adm")!;
      const both = site.world.visitors.find(({ name }) => name === "token of both")!;
      const ask = (line: string, ...headers: string[]) => send(site.url, line, headers);
      // It passes on what it should: the dashboard says what the address is for.
      await eventually(
        () =>
          ask("GET /webhooks/stripe HTTP/1.1", "Host: localhost")
            .then(({ status }) => status, () => 0),
        (status) => status === 405,
      );
      assert.equal((await ask("GET /api/v1/revenue HTTP/1.1", "Host: localhost")).status, 403);
      for (const visitor of [admin, both]) {
        const own = Object.entries(visitor.headers).map((pair) => pair.join(": "));
        for (const path of SECRET_PATHS) {
          for (const end of ["#", "?", "", "/", "%23", "\\", ";"]) {
            const { status, body } = await ask(
              "GET /webhooks/stripe HTTP/1.1",
              `Host: localhost${path}${end}`,
              ...own,
            );
            assert.equal(status, 400, `${path}${end}`);
            assert.deepEqual(accountsIn(body), [], body);
          }
          const targets = [
            `http://localhost${path}`,
            `/webhooks/stripe#${path}`,
            `/webhooks/stripe/..${path}`,
            `/webhooks/stripe?${path}`,
            `http://localhost?${path}#/webhooks/stripe`,
          ];
          for (const target of targets) {
            const answer = await ask(`GET ${target} HTTP/1.1`, "Host: localhost", ...own);
            assert.ok([400, 403, 404, 405].includes(answer.status), `${answer.status} ${target}`);
            assert.deepEqual(accountsIn(answer.body), [], target);
          }
        }
      }
    },
  );
}
