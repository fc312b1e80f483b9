/** What stands around every route: names, sizes, time, TLS. */
import assert from "node:assert/strict";
import type { ServerSettings, Settings } from "../../config/settings.ts";
import { parseRange } from "../../src/security/address.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { readBody } from "../../routes/body.ts";
import { SECURITY_HEADERS } from "../../routes/headers.ts";
import { Secret } from "../../src/security/secret.ts";
import { loadText } from "../config/support.ts";
import { startDashboard } from "../support/dashboard.ts";
import { rawRequest, sendRaw } from "../support/raw_http.ts";

const LOOPBACK = [parseRange("127.0.0.0/8")];

function started(server: Partial<ServerSettings> = {}) {
  return startDashboard({
    simulator: createSimulator({ objects: {} }),
    settings: (settings: Settings) => ({ ...settings, server: { ...settings.server, ...server } }),
  });
}

/** The hosts that a configuration's server answers under. */
async function hostsOf(server: string): Promise<readonly string[] | null> {
  const { settings: { server: { hosts } } } = await loadText(`server: {${server}}`);
  return hosts && [...hosts];
}

Deno.test("a server on loopback answers to its own names alone; others once they are told", async () => {
  assert.deepEqual(await hostsOf("port: 8080"), []);
  assert.deepEqual(await hostsOf("host: localhost"), []);
  assert.deepEqual(await hostsOf('host: "::1"'), []);
  assert.equal(await hostsOf("host: 0.0.0.0"), null);
  assert.equal(await hostsOf("proxied: true"), null);
  assert.deepEqual(await hostsOf("host: 0.0.0.0, base-url: https://Glance.example:8443/x"), [
    "glance.example",
  ]);
  assert.deepEqual(await hostsOf("proxied: true, allowed-hosts: [a.example, B.example]"), [
    "a.example",
    "b.example",
  ]);
});

Deno.test("a name that somebody points at this machine shows nothing", async () => {
  await using dashboard = await started({ hosts: new Set(["glance.example"]) });
  const get = (host: string, path = "/") =>
    sendRaw(dashboard.url, rawRequest("GET", path, { host }));
  for (
    const host of [
      "evil.example",
      "evil.example:8080",
      "localhost.evil.example",
      "127.0.0.1.nip.io",
    ]
  ) {
    for (const path of ["/", "/api/v1/revenue", "/assets/x", "/health", "/nothing"]) {
      const { status } = await get(host, path);
      assert.equal(status, path === "/health" ? 200 : 421, `${host} ${path}`);
    }
  }
  const { body, headers } = await get("evil.example:8080");
  for (const [name, value] of SECURITY_HEADERS) assert.equal(headers.get(name), value, name);
  assert.match(
    body,
    /does not answer under the name evil\.example\. If that is its name, write it/,
  );
  assert.match(headers.get("content-type")!, /^text\/plain/);
  for (
    const host of [
      "localhost:1",
      "a.localhost",
      "127.0.0.1",
      "[::1]:9",
      "10.0.0.7",
      "GLANCE.example",
    ]
  ) {
    assert.equal((await get(host)).status, 200, host);
  }
});

Deno.test("probes and metrics answer under any name, as a kubelet sends the pod's address", async () => {
  await using dashboard = await startDashboard({
    simulator: createSimulator({ objects: {} }),
    settings: (settings) => ({
      ...settings,
      server: { ...settings.server, hosts: new Set(["glance.example"]) },
      metrics: { ...settings.metrics, token: new Secret("of Prometheus") },
    }),
  });
  const headers = { host: "pod.local", authorization: "Bearer of Prometheus" };
  for (const path of ["/health/live", "/api/healthz", "/metrics", "/api/metrics"]) {
    const { status } = await sendRaw(dashboard.url, rawRequest("GET", path, headers));
    assert.equal(status, 200, path);
  }
  const ready = await sendRaw(dashboard.url, rawRequest("GET", "/health/ready", { host: "pod.x" }));
  assert.notEqual(ready.status, 421);
});

Deno.test("forms are read up to 64 KiB, whether their length is told or not", async () => {
  await using dashboard = await started();
  const post = (headers: Record<string, string>, body: string) =>
    sendRaw(
      dashboard.url,
      rawRequest("POST", "/api/authenticate", { host: "localhost", ...headers }) + body,
    );
  const told = await post({ "content-length": "65537" }, "");
  assert.deepEqual([told.status, JSON.parse(told.body).code], [413, "body_too_large"]);
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  const untold = await post({ "transfer-encoding": "chunked" }, `${chunk.repeat(5)}0\r\n\r\n`);
  assert.equal(untold.status, 413);
});

Deno.test("a body that stalls is given up", async () => {
  for (const told of [true, false]) {
    const never = new ReadableStream({ pull: () => Promise.withResolvers<void>().promise });
    const request = new Request("http://localhost/", {
      method: "POST",
      body: never,
      headers: told ? { "content-length": "5" } : {},
    });
    const read = await readBody(request, { bytesMax: 10, patienceMs: 20 });
    assert.equal(read, "body_too_slow");
  }
});

Deno.test("500 connections that stall keep nobody from an answer", async () => {
  await using dashboard = await started();
  const { hostname, port } = new URL(dashboard.url);
  const stalled: Deno.TcpConn[] = [];
  const parts = [
    "",
    "GET / HTTP/1.1\r\nhost: local",
    rawRequest("POST", "/webhooks/stripe", { host: "localhost", "content-length": "1000" }) + "{",
    rawRequest("POST", "/api/authenticate", { host: "localhost", "content-length": "99" }) + "user",
  ];
  for (let index = 0; index < 500; index++) {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    stalled.push(connection);
    const part = parts[index % parts.length]!;
    if (part !== "") await connection.write(new TextEncoder().encode(part));
  }
  const startedAt = performance.now();
  const live = await dashboard.get("/health/live");
  const ready = await dashboard.get("/health/ready");
  const elapsed = performance.now() - startedAt;
  assert.equal(live.status, 200);
  await Promise.all([live.body?.cancel(), ready.body?.cancel()]);
  assert.ok(elapsed < 1000, `${elapsed} ms`);
  for (const connection of stalled) connection.close();
});

Deno.test("what came over TLS comes over nothing else for a year; plain HTTP promises nothing", async () => {
  await using dashboard = await started({ proxied: true, proxy: { hops: 1, trusted: LOOPBACK } });
  const hsts = async (headers: Record<string, string>, path = "/") => {
    const response = await dashboard.get(path, { headers });
    await response.body?.cancel();
    return response.headers.get("strict-transport-security");
  };
  const secure = { "x-forwarded-proto": "https" };
  for (const path of ["/", "/", "/nothing", "/api/v1/revenue", "/login"]) {
    assert.equal(await hsts(secure, path), "max-age=31536000", path);
  }
  assert.equal(await hsts({}), null);
  assert.equal(await hsts({ "x-forwarded-proto": "http" }), null);
});

/** Sends a request line and headers as they are; the status. */
async function statusOf(url: string, head: string): Promise<number> {
  return (await sendRaw(url, `${head}\r\nconnection: close\r\n\r\n`)).status;
}

Deno.test("a Host that is no host[:port] is refused before anything looks at the path", async () => {
  await using dashboard = await started();
  for (
    const host of [
      "localhost/api/v1/revenue#",
      "localhost/api/v1/revenue?",
      "localhost/api/v1/revenue",
      "localhost/glance",
      "localhost#",
      "localhost?",
      "localhost\\api",
      "ann@localhost",
      "local host",
      "localhost,localhost",
      "local%2fhost",
      "localhost:",
      "localhost:port",
      "localhost:99999",
      "localhost:8080:8080",
      "[::1",
      "[::1]x",
      "999.1.1.1",
      "http://localhost",
      "",
    ]
  ) {
    for (const path of ["/webhooks/stripe", "/", "/health/live", "/metrics"]) {
      const { status, body, headers } = await sendRaw(
        dashboard.url,
        rawRequest("GET", path, { host }),
      );
      assert.equal(status, 400, `${host} ${path}`);
      assert.match(body, /^Host must be a name or an address/);
      for (const [name, value] of SECURITY_HEADERS) assert.equal(headers.get(name), value, name);
    }
  }
});

Deno.test("the request line and Host name one address, without a fragment", async () => {
  await using dashboard = await started();
  const get = (target: string, ...headers: string[]) =>
    statusOf(dashboard.url, [`GET ${target} HTTP/1.1`, ...headers].join("\r\n"));
  assert.equal(await get("/"), 400);
  assert.equal(await get("/api/v1/revenue"), 400);
  assert.equal(await get("http://localhost/"), 400);
  assert.equal(await get("http://localhost/", "Host: localhost"), 200);
  assert.equal(await get("http://evil.example/", "Host: localhost"), 400);
  assert.equal(await get("http://ann@localhost/", "Host: localhost"), 400);
  assert.equal(await get("http://localhost?/api/v1/revenue", "Host: localhost"), 400);
  assert.equal(await get("/webhooks/stripe#/api/v1/revenue", "Host: localhost"), 400);
  assert.equal(await get("/", "Host: localhost", "Host: localhost"), 400);
  for (const host of ["localhost", "LOCALHOST:80", "[::1]", "[::1]:8080", "10.0.0.7:1"]) {
    assert.equal(await get("/", `Host: ${host}`), 200, host);
  }
  // A balancer's probe by HTTP/1.0 has no Host, and is told no more than that the program runs.
  assert.equal(await statusOf(dashboard.url, "GET /health/live HTTP/1.0"), 200);
  assert.equal(await statusOf(dashboard.url, "GET / HTTP/1.0"), 400);
  const metrics = await (await dashboard.get("/metrics")).text();
  assert.match(
    metrics,
    /^glance_http_requests_total\{route="other",method="GET",status="400"\} 8$/m,
  );
});

/** The status of a request by HTTP/2, which names the host in `:authority` alone. */
async function statusByHttp2(url: string, authority: string): Promise<number> {
  const { connect } = await import("node:http2");
  const session = connect(url);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = session.request({ ":path": "/", ":authority": authority });
  request.on("response", (headers) => resolve(Number(headers[":status"])));
  request.on("error", reject);
  request.end();
  try {
    return await promise;
  } finally {
    request.resume();
    await new Promise<void>((closed) => session.close(closed));
  }
}

Deno.test("HTTP/2 names its host without a Host, and it counts as one", async () => {
  await using dashboard = await started({ hosts: new Set(["glance.example"]) });
  assert.equal(await statusByHttp2(dashboard.url, "glance.example"), 200);
  assert.equal(await statusByHttp2(dashboard.url, "127.0.0.1:8080"), 200);
  assert.equal(await statusByHttp2(dashboard.url, "evil.example"), 421);
});

Deno.test("a base path goes on working under a Host that is in order", async () => {
  await using dashboard = await started({ baseUrl: "/glance" });
  for (const path of ["/glance", "/glance/", "/glance/?currency=usd", "/"]) {
    const { status } = await sendRaw(dashboard.url, rawRequest("GET", path, { host: "localhost" }));
    assert.equal(status, 200, path);
  }
});
