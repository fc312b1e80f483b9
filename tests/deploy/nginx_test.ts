/** nginx before a dashboard, with the configuration as it stands in deploy/nginx. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { parseRange } from "../../src/security/address.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { makeCertificate } from "../container/world.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { PASSWORD, usersAuth } from "../support/signed_in.ts";
import { runTool, toolTest } from "../support/tool.ts";
import { eventually } from "../support/program.ts";

const NGINX = { tool: "nginx", pack: "nginx-light" };
const NAME = "glance.test";
/** What `openssl s_client` says of a connection, in any order. */
const AGREED_3 = /(?=[\s\S]*ALPN protocol: h2)[\s\S]*New, TLSv1\.3/;
const AGREED_2 = /(?=[\s\S]*ALPN protocol: h2)[\s\S]*New, TLSv1\.2/;

/** The configuration with this machine's ports and files in place of the containers'. */
function onThisMachine(folder: string, port: number, app: string): string {
  const text = Deno.readTextFileSync(new URL("../../deploy/nginx/glance.conf", import.meta.url))
    .replace("server app:8080", `server ${app}`)
    .replace(/^ {2}listen 443/m, `  listen 127.0.0.1:${port}`)
    .replace("/run/secrets/tls_certificate", `${folder}/${NAME}.crt`)
    .replace("/run/secrets/tls_key", `${folder}/${NAME}.key`)
    .replace("/dev/stdout", `${folder}/access.log`)
    .replace("/dev/stderr", `${folder}/error.log`);
  return `pid ${folder}/pid; daemon off; worker_processes 1; error_log ${folder}/error.log;
    events {} http { client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
    ${text} }`;
}

async function behindNginx(program: string) {
  const folder = Deno.makeTempDirSync();
  Deno.chmodSync(folder, 0o755);
  const company = createCompany({ seed: 8, customers: 30, now: Math.floor(Date.now() / 1000) });
  const dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    settings: (settings: Settings) => ({
      ...settings,
      auth: usersAuth({ ada: "admin" }),
      server: {
        ...settings.server,
        proxied: true,
        proxy: { hops: 1, trusted: [parseRange("127.0.0.0/8")] },
        hosts: new Set([NAME]),
      },
    }),
  });
  const { cert } = await makeCertificate(folder, NAME);
  const port = freePort();
  const config = onThisMachine(folder, port, new URL(dashboard.url).host);
  Deno.writeTextFileSync(`${folder}/nginx.conf`, config);
  const checked = await runTool(program, ["-t", "-c", `${folder}/nginx.conf`]);
  assert.equal(checked.code, 0, checked.stderr);
  const child = new Deno.Command(program, {
    args: ["-c", `${folder}/nginx.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    dashboard,
    folder,
    port,
    cert,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await dashboard[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** A request over TLS as `openssl` and a hand would send it; the status line's code and the rest. */
async function raw(
  { port, cert }: { port: number; cert: string },
  text: string,
): Promise<{ status: number; answer: string }> {
  using connection = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [cert],
  });
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  let answer = "";
  try {
    for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
      answer += part;
    }
  } catch (error) {
    // What is refused unread is closed by a reset, after its answer.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return { status: Number(answer.split(" ")[1]), answer };
}

const request = (path: string, headers = "", method = "GET", body = "") =>
  `${method} ${path} HTTP/1.1\r\nhost: ${NAME}\r\nconnection: close\r\n${headers}\r\n${body}`;

toolTest(
  NGINX,
  "nginx passes on what is for visitors, and nothing that is for inside",
  async (program) => {
    await using site = await behindNginx(program);
    await eventually(
      () => raw(site, request("/login")).then(({ status }) => status, () => 0),
      (status) => status === 200,
    );
    for (
      const path of [
        "/metrics",
        "/api/metrics",
        "/health",
        "/health/live",
        "/health/ready",
        "/api/healthz",
        "/operator/reconcile",
      ]
    ) {
      assert.equal((await raw(site, request(path))).status, 403, path);
    }
    const closed = await raw(site, request("/explain/mrr"));
    assert.equal(closed.status, 303);
    assert.match(closed.answer, /strict-transport-security: max-age=31536000/i);
    // Headers of the dashboard come once: nginx adds none of its own.
    assert.equal(closed.answer.match(/content-security-policy:/gi)!.length, 1);

    // Signing in over TLS: the cookie is bound to the host, and the visitor's address is nginx's word.
    const form = `username=ada&password=${encodeURIComponent(PASSWORD)}`;
    const signedIn = await raw(
      site,
      request(
        "/api/authenticate",
        "content-type: application/x-www-form-urlencoded\r\n" +
          `x-forwarded-for: 203.0.113.9\r\ncontent-length: ${form.length}\r\n`,
        "POST",
        form,
      ),
    );
    assert.equal(signedIn.status, 303, signedIn.answer);
    const [, cookie] = /set-cookie: (__Host-session=[0-9a-f]+);[^\r]*Secure/i.exec(
      signedIn.answer,
    )!;
    const audit = await raw(site, request("/api/v1/audit", `cookie: ${cookie}\r\n`));
    assert.match(audit.answer, /"address":\s*"127\.0\.0\.1"/);
    assert.doesNotMatch(audit.answer, /203\.0\.113\.9/);
    assert.match((await raw(site, request("/", `cookie: ${cookie}\r\n`))).answer, /MRR/);

    // A body that is too long is refused before it is sent; a webhook's may be longer.
    const told = (path: string, bytes: number, body = "") =>
      raw(site, request(path, `content-length: ${bytes}\r\n`, "POST", body));
    assert.equal((await told("/api/authenticate", 70_000)).status, 413);
    assert.equal((await told("/webhooks/stripe", 1_100_000)).status, 413);
    const webhook = await told("/webhooks/stripe", 200_000, "x".repeat(200_000));
    assert.match(webhook.answer, /\{"error":"\w+"\}/);
  },
);

toolTest(NGINX, "each event of a stream comes through at once", async (program) => {
  await using site = await behindNginx(program);
  const cookie = await eventually(async () => {
    const response = await fetch(`${site.dashboard.url}/api/authenticate`, {
      method: "POST",
      body: new URLSearchParams({ username: "ada", password: PASSWORD }),
      redirect: "manual",
      headers: { "x-forwarded-proto": "https" },
    });
    await response.body?.cancel();
    return response.headers.get("set-cookie")?.split(";")[0] ?? "";
  }, (text) => text !== "");
  using connection = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: site.port,
    caCerts: [site.cert],
  });
  await connection.write(new TextEncoder().encode(request("/api/stream", `cookie: ${cookie}\r\n`)));
  let seen = "";
  // The stream stays open: what has been read so far came without its end.
  for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
    seen += part;
    if (seen.includes("data:")) break;
  }
  assert.match(seen, /^HTTP\/1\.1 200/);
  assert.match(seen, /content-type: text\/event-stream/i);
});

toolTest(NGINX, "TLS is 1.2 or 1.3, and HTTP/2 is agreed on", async (program) => {
  await using site = await behindNginx(program);
  const address = `127.0.0.1:${site.port}`;
  const handshake = async (...args: string[]) => {
    const child = new Deno.Command("openssl", {
      args: ["s_client", "-connect", address, "-alpn", "h2,http/1.1", ...args],
      stdin: "null",
    });
    const { stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return decoder.decode(stdout) + decoder.decode(stderr);
  };
  await eventually(() => handshake(), (text) => text.includes("CONNECTED"));
  assert.match(await handshake("-tls1_3"), AGREED_3);
  assert.match(await handshake("-tls1_2"), AGREED_2);
  assert.match(
    await handshake("-tls1_1"),
    /alert protocol version|no protocols available|internal error/,
  );
});
