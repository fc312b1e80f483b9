import assert from "node:assert/strict";
import { createLogger, type LoggerOptions } from "../../src/observability/log.ts";
import { createLineWriter } from "../../src/observability/line_writer.ts";

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0, 7);

function setUp(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    level: "debug",
    format: "json",
    now: () => NOW,
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines };
}

/** The JSON of one field after logging it. */
function logged(value: unknown): unknown {
  const { log, lines } = setUp();
  log.info("m", { value });
  return JSON.parse(lines[0]!).value;
}

Deno.test("an event is one JSON line: time, level, msg, then the fields", () => {
  const { log, lines } = setUp();
  log.info("synced", { operation: "backfill", duration: "2ms", rows: 12 });
  assert.deepEqual(lines, [
    '{"time":"2026-11-24T10:00:00.007Z","level":"info","msg":"synced","operation":"backfill","duration":"2ms","rows":12}',
  ]);
});

Deno.test("text is for people: values of more than a word are quoted", () => {
  const { log, lines } = setUp({ format: "text" });
  log.warn("slow answer", { route: "/health", note: "a b", n: 3 });
  assert.deepEqual(lines, [
    '2026-11-24T10:00:00.007Z WARN  slow answer route=/health note="a b" n=3',
  ]);
});

Deno.test("no message or value can begin a line of its own, in either format", () => {
  for (const format of ["json", "text"] as const) {
    const { log, lines } = setUp({ format });
    log.info("one\ntwo\r\x1b[2J", { field: "a\nb" });
    assert.doesNotMatch(lines[0]!, /\p{Cc}/u);
  }
});

Deno.test("events below the level are not written", () => {
  const { log, lines } = setUp({ level: "warn" });
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.deepEqual(lines.map((line) => JSON.parse(line).msg), ["c", "d"]);
});

Deno.test("a child carries its fields into every event, and they are redacted too", () => {
  const { log, lines } = setUp();
  log.child({ source: "acct_1" }).child({ key: "sk_live_abc" }).info("m", { n: 1 });
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: "2026-11-24T10:00:00.007Z",
    level: "info",
    msg: "m",
    source: "acct_1",
    key: "[key]",
    n: 1,
  });
});

Deno.test("a field cannot pass for time, level or msg", () => {
  const { log, lines } = setUp();
  log.info("true", { msg: "false", level: "error", time: "never" });
  const { msg, msg_, level } = JSON.parse(lines[0]!);
  assert.deepEqual([msg, msg_, level], ["true", "false", "info"]);
});

Deno.test("an unknown level or format is refused with the allowed ones", () => {
  assert.throws(() => setUp({ level: "loud" as "info" }), {
    name: "TypeError",
    message:
      "Cannot create logger as level must be one of debug, info, warn, error: current value is loud",
  });
  assert.throws(() => setUp({ format: "xml" as "json" }), TypeError);
});

const redacted: [what: string, from: string, to: string][] = [
  ["a secret key", "key sk_live_51HxYz_a-1 refused", "key [key] refused"],
  ["a restricted key", "rk_test_51HxYz", "[key]"],
  ["a publishable key", "pk_live_51HxYz", "[key]"],
  ["an organisation key", "sk_org_live_51HxYz", "[key]"],
  ["a key of an unknown kind", "sk_51HxYz", "[key]"],
  ["a key behind an escape", "key%3Dsk_live_51HxYz", "key%3D[key]"],
  ["a key in capitals", "SK_LIVE_51HXYZ", "[key]"],
  ["a token of ours", `tried glance_${"0123abcd".repeat(9)} twice`, "tried [token] twice"],
  ["a token that was cut off", "glance_0123abcd0", "[token]"],
  ["a signing secret", "whsec_abc+/=def.", "[key]."],
  ["a bearer token", "Authorization: Bearer abc.def-ghi=", "Authorization: Bearer [redacted]"],
  ["basic credentials", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]"],
  [
    "a query string",
    "GET https://h.test/v1/x?email=a&b=c failed",
    "GET https://h.test/v1/x?[redacted] failed",
  ],
  ["a query string of a path", "/login?next", "/login?[redacted]"],
  ["an escaped query string", "next=%2Fa%3Ftoken%3D1", "next=%2Fa?[redacted]"],
  ["credentials in an address", "postgres://u:p@db/x", "postgres://[redacted]@db/x"],
  ["an e-mail", "from jane.doe+x@mail.example.com.", "from [email]."],
  ["an escaped e-mail", "jane%40example.com", "[email]"],
  ["an e-mail beyond ASCII", "jürgen@büro.example", "[email]"],
];
for (const [what, from, to] of redacted) {
  Deno.test(`${what} is redacted in message, field, field name, list and error`, () => {
    const { log, lines } = setUp();
    log.info(from, { value: from, [from]: 1, nested: { list: [from] }, error: new Error(from) });
    const event = JSON.parse(lines[0]!);
    assert.equal(event.msg, to);
    assert.equal(event.value, to);
    assert.ok(to in event);
    assert.deepEqual(event.nested.list, [to]);
    assert.equal(event.error.message, to);
    assert.ok(!lines[0]!.includes(from));
  });
}

for (const plain of ["How many? Three.", "acct_1 sub_1 cus_1", "a/b//c", "12 @ 5", "risk_score"]) {
  Deno.test(`"${plain}" stays as it is`, () => assert.equal(logged(plain), plain));
}

Deno.test("text in fields named after secrets is hidden, numbers are not", () => {
  assert.deepEqual(
    logged({
      password: "x",
      apiKey: "x",
      session_token: "x",
      Authorization: ["x"],
      secret: { a: 1 },
      tokens: 93,
    }),
    {
      password: "[redacted]",
      apiKey: "[redacted]",
      session_token: "[redacted]",
      Authorization: "[redacted]",
      secret: "[redacted]",
      tokens: 93,
    },
  );
});

Deno.test("an error shows name, message, stack and causes, all redacted", () => {
  const cause = new TypeError("no rk_live_abc", { cause: "jane@example.com" });
  const shown = logged(new Error("failed", { cause })) as Record<string, Record<string, string>>;
  assert.equal(shown.name as unknown, "Error");
  assert.match(shown.stack as unknown as string, /^Error: failed\n {4}at /);
  assert.equal(shown.cause!.message, "no [key]");
  assert.match(shown.cause!.stack!, /^TypeError: no \[key\]/);
  assert.equal(shown.cause!.cause, "[email]");
});

Deno.test("values that JSON does not know are shown as text", () => {
  assert.deepEqual(logged([1n, NaN, new Map([["a", 1]]), new Set(["b"]), new Uint8Array(3)]), [
    "1",
    "NaN",
    { a: 1 },
    ["b"],
    "[3 bytes]",
  ]);
  assert.equal(logged({ toJSON: () => "[secret]" }), "[secret]");
  assert.equal(logged(() => 1), "[function]");
  assert.equal(logged(undefined), undefined);
});

Deno.test("what nests for ever, is long or throws is bounded and never fails the caller", () => {
  const loop: unknown[] = [];
  for (let i = 0; i < 50; i++) loop.push(loop);
  const { log, lines } = setUp();
  log.info("x".repeat(100_000), {
    loop,
    long: Array(100_000).fill(1),
    get angry(): string {
      throw new Error("x");
    },
  });
  log.info("m", {
    inner: {
      get angry(): string {
        throw new Error("x");
      },
    },
  });
  log.info("m", { loop, long: Array(100_000).fill(1), text: "a@".repeat(100_000) });
  assert.equal(JSON.parse(lines[0]!).angry, "[unreadable]");
  assert.equal(JSON.parse(lines[1]!).inner, "[unreadable]");
  assert.ok(lines.every((line) => line.length < 60_000));
  setUp({
    write: () => {
      throw new Error("disk full");
    },
  }).log.error("m");
});

function writerOf(blockBytes?: number) {
  const written: string[] = [];
  const due: (() => void)[] = [];
  const writer = createLineWriter({
    writeSync(bytes) {
      const part = bytes.subarray(0, 5); // a pipe may take less than it was given
      written.push(new TextDecoder().decode(part));
      return part.byteLength;
    },
    schedule: (flush, ms) => {
      assert.equal(ms, 50);
      due.push(flush);
    },
    ...(blockBytes === undefined ? {} : { blockBytes }),
  });
  return { writer, due, text: () => written.join("") };
}

Deno.test("lines are gathered and written together after 50 ms", () => {
  const { writer, due, text } = writerOf();
  writer.write("first");
  writer.write("second");
  assert.deepEqual([text(), due.length], ["", 1]);
  due[0]!();
  assert.equal(text(), "first\nsecond\n");
  writer.write("third");
  assert.equal(due.length, 2);
  writer.flush();
  assert.equal(text(), "first\nsecond\nthird\n");
});

Deno.test("a full block is written at once, and a line larger than it too, in order", () => {
  const { writer, text } = writerOf(19);
  writer.write("1234");
  writer.write("5678");
  assert.equal(text(), "1234\n");
  writer.write("a line longer than the block");
  assert.equal(text(), "1234\n5678\na line longer than the block\n");
  assert.throws(() => writerOf(0), RangeError);
});
