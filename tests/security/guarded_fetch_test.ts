/** Requests to addresses that somebody else chose never reach what lies behind this server. */
import assert from "node:assert/strict";
import {
  createGuardedFetch,
  GuardError,
  type GuardOptions,
  type RefusalKind,
} from "../../src/security/guarded_fetch.ts";
import { isPublicAddress } from "../../src/security/public_address.ts";

/** Hosts that lead, in one spelling or another, to something private. */
const PRIVATE_HOSTS = [
  // Loopback, as readers of addresses spell it.
  ...["127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0x7f.0.0.1", "0x7f000001", "2130706433"],
  ...["0177.0.0.1", "017700000001", "127.0.0.1.", "127.000.000.001", "0x7f.1", "127.0.0x1"],
  ...["0", "0.0.0.0", "0x0", "00", "0.1.2.3", "①②⑦.⓪.⓪.①", "127。0。0。1", "127%2e0%2e0%2e1"],
  ...["localhost", "LOCALHOST", "localhost.", "%6c%6fcalhost", "a.localhost"],
  ...["127.0.0.2", "127.0.0.53", "127.127.127.127", "0x7f.0x0.0x0.0x1", "0177.1", "2130706434"],
  ...["127.0.257", "127.65535", "0x7fffffff", "017777777777", "0.0.0.0.", "0x0.0x0"],
  // Private networks, link-local, carriers' networks, the metadata of clouds.
  ...["10.0.0.1", "10.255.255.255", "0xa.0.0.1", "012.0.0.1", "167772161", "10.1"],
  ...["172.16.0.1", "172.31.255.255", "0xac100001", "2886729729", "172.16.1"],
  ...["192.168.0.1", "192.168.255.255", "0xc0a80001", "3232235521", "192.168.1"],
  ...["169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.1"],
  ...["100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1"],
  ...["198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255"],
  ...["240.0.0.1", "255.255.255.255", "4294967295", "0xffffffff"],
  ...["172.20.10.1", "172.17.0.1", "192.168.99.100", "10.96.0.1", "10.0.2.2", "169.254.170.2"],
  ...["100.100.100.200", "192.0.0.192", "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "0251.254.169.254"],
  // IPv6: loopback, local, mapped, translated, documentation, multicast.
  ...["[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[0::1]", "[::0001]", "[::127.0.0.1]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]"],
  ...["[::ffff:192.168.1.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::FFFF:7F00:0001]"],
  ...["[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::1]"],
  ...["[2002:a00:1::]", "[2002:c0a8:101::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:20::1]"],
  ...["[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00::1]", "[fdff:ffff::1]", "[fe80::1]"],
  ...["[febf::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[100::1]", "[5f00::1]", "[4000::1]"],
  ...["[::a00:1]", "[::ffff:0:127.0.0.1]", "[fd00:ec2::254]", "[fe80::a9fe:a9fe]"],
  // Names of somebody's that resolve to such addresses.
  ...["to-loopback.test", "to-ten.test", "to-metadata.test", "to-v6.test", "to-mapped.test"],
  ...["mixed.test", "mixed-v6.test", "zone.test", "nowhere.test", "xn--to-loopback.test"],
];

/** What is no address of the web at all. */
const NO_ADDRESSES = [
  ...["", "localhost", "//127.0.0.1/", "/etc/passwd", "file:///etc/passwd", "file://localhost/etc"],
  ...["ftp://example.com/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/", "data:,x"],
  ...["javascript:alert(1)", "blob:http://a/b", "unix:/run/docker.sock", "ws://127.0.0.1/"],
  ...[
    "http://",
    "http:///",
    "http://[::1",
    "http://user:word@example.com/",
    "https://user@1.1.1.1/",
  ],
  ...["http://exa mple.com/", "http://127.0.0.1:99999/", "ldap://127.0.0.1/", "about:blank"],
];

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "localhost": ["127.0.0.1", "::1"],
  "localhost.": ["127.0.0.1"],
  "a.localhost": ["127.0.0.1"],
  "to-loopback.test": ["127.0.0.1"],
  "xn--to-loopback.test": ["127.0.0.1"],
  "to-ten.test": ["10.1.2.3"],
  "to-metadata.test": ["169.254.169.254"],
  "to-v6.test": ["::1"],
  "to-mapped.test": ["::ffff:127.0.0.1"],
  "mixed.test": ["8.8.8.8", "127.0.0.1"],
  "mixed-v6.test": ["2606:4700::1111", "fd00::1"],
  "zone.test": ["fe80::1%eth0"],
  "door.test": ["127.0.0.1"],
};

const resolve = (name: string) => Promise.resolve(NAMES[name] ?? []);

/** A server behind this one; counts who comes. */
function startCanary() {
  let connections = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    connections: () => connections,
    [Symbol.dispose]: () => listener.close(),
  };
}

/** A server that may be reached, and what it was asked. */
function startServer(handler: (request: Request) => Response | Promise<Response>) {
  const asked: { readonly path: string; readonly headers: Headers; readonly method: string }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname: path } = new URL(request.url);
    asked.push({ path, headers: request.headers, method: request.method });
    return handler(request);
  });
  return {
    url: `http://door.test:${(server.addr as Deno.NetAddr).port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const guarded = (options: GuardOptions = {}) =>
  createGuardedFetch({ resolve, allowed: new Set(["door.test"]), timeoutMs: 5_000, ...options });

async function refusal(asking: Promise<unknown>): Promise<RefusalKind | "answered"> {
  try {
    await asking;
    return "answered";
  } catch (error) {
    if (error instanceof GuardError) return error.kind;
    throw error;
  }
}

Deno.test("there are 150 private addresses and more", () => {
  assert.ok(PRIVATE_HOSTS.length + NO_ADDRESSES.length >= 150);
});

Deno.test("no private address is connected to, whatever its spelling", async () => {
  using canary = startCanary();
  const get = guarded();
  const kinds = new Set(["address_not_public", "name_unknown", "address_invalid"]);
  for (const host of PRIVATE_HOSTS) {
    const kind = await refusal(get(`http://${host}:${canary.port}/`));
    assert.ok(kinds.has(kind), `${host}: ${kind}`);
  }
  for (const address of NO_ADDRESSES) {
    assert.equal(await refusal(get(address)), "address_invalid", address);
  }
  assert.equal(canary.connections(), 0);
});

Deno.test("no redirect leads to a private address", async () => {
  using canary = startCanary();
  let location = "";
  await using server = startServer(() =>
    new Response(null, { status: 302, headers: { location } })
  );
  const get = guarded();
  const hosts = PRIVATE_HOSTS.filter((host) => /^[\x20-\x7e]+$/.test(host));
  for (const host of hosts) {
    location = `http://${host}:${canary.port}/`;
    assert.notEqual(await refusal(get(server.url)), "answered", host);
  }
  const others = NO_ADDRESSES.filter((address) => address.includes(":"));
  for (const address of others) {
    location = address;
    assert.notEqual(await refusal(get(server.url)), "answered", address);
  }
  assert.equal(server.asked.length, hosts.length + others.length);
  assert.equal(canary.connections(), 0);
});

Deno.test("a name is resolved once: what was checked is what is connected to", async () => {
  using canary = startCanary();
  await using server = startServer(() => new Response("hello"));
  const port = new URL(server.url).port;
  const answers = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
  let asked = 0;
  const get = guarded({ resolve: () => Promise.resolve([answers[asked++]!]) });
  const { status, body } = await get(`http://door.test:${port}/`);
  assert.deepEqual([status, new TextDecoder().decode(body), asked], [200, "hello", 1]);
  // Each hop is resolved and checked anew.
  const rebinding = guarded({
    resolve: (name) => Promise.resolve(name === "door.test" ? ["127.0.0.1"] : ["127.0.0.2"]),
  });
  await using away = startServer(() =>
    Response.redirect(`http://turning.test:${canary.port}/`, 302)
  );
  assert.equal(await refusal(rebinding(away.url)), "address_not_public");
  assert.equal(canary.connections(), 0);
});

Deno.test("a name with one private address among public ones is refused", async () => {
  assert.equal(await refusal(guarded()("http://mixed.test/")), "address_not_public");
});

Deno.test("what is allowed by its name is asked, with its own Host and the given headers", async () => {
  await using server = startServer(() => new Response("ok", { headers: { "x-y": "z" } }));
  const answer = await guarded()(`${server.url}/path?q=1`, {
    headers: { authorization: "Bearer x" },
  });
  assert.deepEqual([answer.status, answer.headers.get("x-y"), answer.url], [
    200,
    "z",
    `${server.url}/path?q=1`,
  ]);
  const [asked] = server.asked;
  assert.equal(asked!.headers.get("host"), new URL(server.url).host);
  assert.equal(asked!.headers.get("authorization"), "Bearer x");
});

Deno.test("credentials and messages do not follow a redirect to another origin", async () => {
  await using other = startServer(() => new Response("there"));
  await using server = startServer((request) => {
    const status = Number(new URL(request.url).searchParams.get("status"));
    return new Response(null, { status, headers: { location: `${other.url}/landed` } });
  });
  const get = guarded();
  const headers = { authorization: "Bearer x", cookie: "a=b" };
  for (const status of [301, 302, 303, 307, 308]) {
    await get(`${server.url}/?status=${status}`, { headers });
  }
  for (const status of [301, 302, 303]) {
    await get(`${server.url}/?status=${status}`, { method: "POST", headers, body: "secret" });
  }
  assert.equal(other.asked.length, 8);
  for (const { headers, method } of other.asked) {
    assert.deepEqual([headers.get("authorization"), headers.get("cookie"), method], [
      null,
      null,
      "GET",
    ]);
  }
  const message = { method: "POST", body: "secret" } as const;
  for (const status of [307, 308]) {
    assert.equal(await refusal(get(`${server.url}/?status=${status}`, message)), "address_invalid");
  }
  assert.equal(other.asked.length, 8);
});

Deno.test("size, redirects and time are limited", async () => {
  const stuck = Promise.withResolvers<Response>();
  await using server = startServer((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/long") return new Response("x".repeat(2_000));
    if (pathname === "/slow") return stuck.promise;
    return new Response(null, { status: 302, headers: { location: "/again" } });
  });
  const limited = guarded({ bytesMax: 1_000, redirectsMax: 2, timeoutMs: 100 });
  assert.equal(await refusal(limited(`${server.url}/long`)), "answer_too_large");
  assert.equal(await refusal(limited(`${server.url}/again`)), "redirects_too_many");
  assert.equal(server.asked.filter(({ path }) => path === "/again").length, 3);
  assert.equal(await refusal(limited(`${server.url}/slow`)), "timeout");
  const deaf = guarded({ resolve: () => Promise.withResolvers<string[]>().promise, timeoutMs: 50 });
  assert.equal(await refusal(deaf("http://door.test/")), "timeout");
  stuck.resolve(new Response("late"));
});

Deno.test("a host that is not there is unreachable, and no error names the address in full", async () => {
  const error = await guarded()("http://door.test:9/secret-path").catch((error) => error);
  assert.ok(error instanceof GuardError);
  assert.deepEqual([error.kind, error.message], ["unreachable", "door.test could not be reached"]);
});

Deno.test("addresses next to special ones are public", () => {
  const open = ["9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"];
  open.push("128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0");
  open.push("223.255.255.255", "2600::1", "2a00:1450::1", "2001:200::1", "3ffe::1");
  for (const address of open) assert.equal(isPublicAddress(address), true, address);
  for (const text of ["", "example.com", "1.2.3", "::1%lo", "2600::1%eth0"]) {
    assert.equal(isPublicAddress(text), false, text);
  }
});
