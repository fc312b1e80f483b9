/** `/api/v1/export?format=influx`, read by a parser that takes nothing but the line protocol. */
import assert from "node:assert/strict";
import { lineOf } from "../../routes/api/line_protocol.ts";
import { dayKey } from "../../src/metrics/calendar.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const TODAY = Math.floor(NOW / DAY);
const YESTERDAY = TODAY - 1;

interface Parsed {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, bigint | string>>;
  readonly time: bigint;
}

/** The reference's grammar for what is written here: integers and texts, tags, a time. */
function parseLine(line: string): Parsed {
  let at = 0;
  function until(stops: string, escapable: string): string {
    let text = "";
    for (; at < line.length && !stops.includes(line[at]!); at++) {
      const escapes = line[at] === "\\" && escapable.includes(line[at + 1] ?? "none");
      if (escapes) at++;
      text += line[at];
    }
    assert.notEqual(text, "", `An empty name at ${at}: ${line}`);
    return text;
  }
  function take(expected: string): void {
    assert.equal(line[at], expected, `${expected} is missing at ${at}: ${line}`);
    at++;
  }
  function value(): bigint | string {
    if (line[at] !== '"') {
      const [, digits, rest] = /^(-?\d+)i(?=[, ])(.?)/.exec(line.slice(at)) ?? [];
      assert.ok(digits && rest !== undefined, `No integer at ${at}: ${line}`);
      at += digits.length + 1;
      return BigInt(digits);
    }
    at++;
    const text = line[at] === '"' ? "" : until('"', '"\\');
    take('"');
    return text;
  }
  const measurement = until(", ", ", ");
  const tags: Record<string, string> = {};
  while (line[at] === ",") {
    at++;
    const name = until("=", ",= ");
    take("=");
    assert.ok(!(name in tags), `A tag twice: ${line}`);
    tags[name] = until(", ", ",= ");
  }
  take(" ");
  const fields: Record<string, bigint | string> = {};
  do {
    if (Object.keys(fields).length > 0) take(",");
    const name = until("=", ",= ");
    take("=");
    assert.ok(!(name in fields), `A field twice: ${line}`);
    fields[name] = value();
  } while (line[at] === ",");
  take(" ");
  assert.match(line.slice(at), /^\d{19}$/, line);
  return { measurement, tags, fields, time: BigInt(line.slice(at)) };
}

/** 100.00 a year since yesterday in dollars, 20.00 a month for 90 days in euros. */
function company() {
  const recurring = {
    interval: "year" as const,
    interval_count: 1,
    meter: null,
    trial_period_days: null,
    usage_type: "licensed" as const,
  };
  const yearly = makePrice({ id: "price_y", unit_amount: 10_000, recurring });
  const euro = makePrice({ id: "price_e", unit_amount: 2_000, currency: "eur" });
  const of = (id: string, created: number, price: typeof yearly) =>
    makeSubscription({
      id: `sub_${id}`,
      customer: `cus_${id}`,
      created,
      currency: price.currency,
      lines: [makeItem({ id: `si_${id}`, price })],
    });
  return createSimulator({
    objects: {
      prices: [yearly, euro],
      subscriptions: [
        of("1", YESTERDAY * DAY + 60, yearly),
        of("2", (TODAY - 90) * DAY, euro),
      ],
    },
  });
}

Deno.test("a day of two currencies is these lines: integers with an i, exact amounts as text", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const range = `from=${dayKey(YESTERDAY)}&to=${dayKey(TODAY)}`;
  const response = await dashboard.get(`/api/v1/export?format=influx&${range}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  const text = await response.text();
  const time = `${YESTERDAY * DAY}000000000`;
  const none = 'minor=0i,exact="0",customers=0i';
  const moved = (currency: string, kind: string, fields = none) =>
    `glance_movements,currency=${currency},kind=${kind},source=default,view=native ${fields} ${time}`;
  assert.deepEqual(text.split("\n").filter((line) => line.includes("currency=usd")), [
    `glance_mrr,currency=usd,source=default,view=native minor=833i,exact="2500/3",quality="inferred" ${time}`,
    `glance_customers,currency=usd,source=default,view=native customers=1i ${time}`,
    moved("usd", "new", 'minor=833i,exact="2500/3",customers=1i'),
    moved("usd", "reactivation"),
    moved("usd", "expansion"),
    moved("usd", "contraction"),
    moved("usd", "churn"),
  ]);
  assert.deepEqual(text.split("\n").filter((line) => line.includes("currency=eur")).slice(0, 3), [
    `glance_mrr,currency=eur,source=default,view=native minor=2000i,exact="2000",quality="inferred" ${time}`,
    `glance_customers,currency=eur,source=default,view=native customers=1i ${time}`,
    moved("eur", "new"),
  ]);
  assert.ok(text.endsWith("\n"));
});

Deno.test("without a range twelve months are given, every line parses, and MRR is what the page says", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const text = await (await dashboard.get("/api/v1/export?format=influx")).text();
  const points = text.trimEnd().split("\n").map(parseLine);
  const mrr = points.filter(({ measurement, tags }) =>
    measurement === "glance_mrr" && tags.currency === "usd"
  );
  assert.ok(mrr.length > 365);
  const times = mrr.map(({ time }) => time);
  assert.equal(new Set(times).size, times.length);
  assert.equal(times.at(-1), BigInt(TODAY * DAY) * 1_000_000_000n);
  const { currencies } = await dashboard.json("/api/v1/revenue") as Record<string, never>;
  assert.equal(mrr.at(-1)!.fields.minor, BigInt(currencies!["usd"]["mrr"]));
});

Deno.test("an export needs its format, knows its parameters, and is recorded", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const codeOf = async (query: string) => {
    const { code, parameter } = await dashboard.json(`/api/v1/export${query}`);
    return [code, parameter];
  };
  assert.deepEqual(await codeOf(""), ["parameter_invalid", "format"]);
  assert.deepEqual(await codeOf("?format=csv"), ["parameter_invalid", "format"]);
  assert.deepEqual(await codeOf("?format=influx&at=2026"), ["parameter_unknown", "at"]);
  assert.deepEqual(await codeOf("?format=influx&from=soon"), ["parameter_invalid", "from"]);
  assert.deepEqual(await codeOf("?format=influx&source=another"), ["source_unknown", "source"]);
  await (await dashboard.get("/api/v1/export?format=influx&from=2026-11")).text();
  const { data } = await dashboard.json("/api/v1/audit");
  const entries: { action: string; subject: string }[] = data!;
  assert.deepEqual(
    entries.map(({ action, subject }) => [action, subject]),
    [["exported", "/api/v1/export"]],
  );
});

Deno.test("what has a meaning in the protocol is escaped, and an end of a line never comes through", () => {
  const line = lineOf({
    measurement: "a, b=c",
    tags: { "k, =": "v, =\\", z: "two\nlines", empty: "" },
    fields: { text: 'quote " and \\ back', whole: -9_007_199_254_740_993n },
    at: 1_795_521_600,
  });
  assert.equal(
    line,
    'a\\,\\ b=c,k\\,\\ \\==v\\,\\ \\=,z=two\\ lines text="quote \\" and \\\\ back",' +
      "whole=-9007199254740993i 1795521600000000000",
  );
  assert.deepEqual(parseLine(line), {
    measurement: "a, b=c",
    tags: { "k, =": "v, =", z: "two lines" },
    fields: { text: 'quote " and \\ back', whole: -9_007_199_254_740_993n },
    time: 1_795_521_600_000_000_000n,
  });
  assert.throws(() => lineOf({ measurement: "m", tags: {}, fields: {}, at: 0 }), RangeError);
});
