import assert from "node:assert/strict";
import fc from "fast-check";
import { type History, historyOf } from "../../src/metrics/history.ts";
import type { HistoryLine } from "../../src/metrics/history_line.ts";
import type { LiveValue } from "../../src/metrics/life_stretches.ts";
import type { Lifetime } from "../../src/metrics/lifetime.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { format, multiply, parse, rational, sum, ZERO } from "../../src/metrics/rational.ts";
import type { SegmentLine } from "../../src/metrics/segments.ts";
import { at, utcDayStart, valuerOf } from "./histories.ts";

const STRIPE = PRESETS.stripe;
const NOW = at("2026-06-15");

interface LineParts extends Partial<Omit<HistoryLine, "period" | "amount">> {
  readonly from: string;
  readonly to: string;
  readonly amount?: number;
}

/** A monthly line of `price`, an amount in minor units as text; "unknown" has no price. */
function line({ from, to, amount, ...parts }: LineParts): HistoryLine {
  const price = parts.price ?? "2900";
  return {
    item: "si_1",
    price,
    product: "prod_1",
    quantity: 1n,
    interval: "month",
    intervalCount: 1,
    period: { from: at(from), to: at(to) },
    proration: false,
    credit: (amount ?? 0) < 0,
    amount: rational(amount ?? Number(price)),
    discounts: [],
    inclusiveTax: ZERO,
    invoiceStatus: "paid",
    paused: false,
    failedAt: null,
    ...parts,
  };
}

const LIFE: Lifetime = {
  subscription: "sub_1",
  customer: "cus_1",
  currency: "usd",
  status: "active",
  created: at("2026-03-01"),
  trialStart: null,
  trialEnd: null,
  pastDueSince: null,
  canceledAt: null,
  endedAt: null,
  endedPaused: false,
  cancelReason: null,
  endingItems: new Set(),
  pausedItems: new Map(),
  uncollectibleAt: null,
};

const byPrice = valuerOf((lines) =>
  lines.some(({ price }) => price === "unknown")
    ? null
    : sum(lines.map(({ price, quantity }) => multiply(parse(price), rational(quantity))))
);

interface Given {
  readonly life?: Partial<Lifetime>;
  readonly live?: number | LiveValue;
  readonly options?: Partial<MrrOptions>;
  readonly newestEvent?: number;
}

function history(lines: readonly HistoryLine[], given: Given = {}): History {
  const { live = 2900 } = given;
  return historyOf(
    { ...LIFE, ...given.life },
    lines,
    typeof live === "number" ? { exact: rational(live), lines: null } : live,
    byPrice,
    { ...STRIPE, ...given.options },
    { now: NOW, newestEvent: given.newestEvent ?? null, dayStart: utcDayStart },
  );
}

function day(seconds: number): string {
  return Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toString().slice(0, 10);
}

/** `from to value quality`, a line each. */
function shown({ segments }: History): string[] {
  return segments.map(({ from, to, exact, quality }) =>
    `${day(from)} ${to === null ? "open" : day(to)} ${format(exact)} ${quality}`
  );
}

const months = (...parts: readonly Partial<LineParts>[]) =>
  parts.map((one, index) =>
    line({ from: `2026-0${index + 3}-01`, to: `2026-0${index + 4}-01`, ...one })
  );

Deno.test("a change that shows at a renewal only is inferred, in the period before as after", () => {
  const [first, ...rest] = months({}, {}, { price: "4900" }, { price: "4900" });
  assert.deepEqual(shown(history([first!, ...rest], { live: 4900 })), [
    "2026-03-01 2026-04-01 2900 invoice",
    "2026-04-01 2026-05-01 2900 inferred",
    "2026-05-01 2026-06-01 4900 inferred",
    "2026-06-01 open 4900 invoice",
  ]);
});

Deno.test("the live object wins at the end, dated by the newest event, and is reported", () => {
  const result = history(months({}, {}, {}, {}), { live: 4900, newestEvent: at("2026-06-10") });
  assert.deepEqual(shown(result), [
    "2026-03-01 2026-06-01 2900 invoice",
    "2026-06-01 2026-06-10 2900 inferred",
    "2026-06-10 open 4900 event",
  ]);
  assert.deepEqual(result.corrections, [{
    subscription: "sub_1",
    at: at("2026-06-10"),
    currency: "usd",
    before: rational(2900),
    after: rational(4900),
  }]);
});

Deno.test("what nothing dates happened in the middle of the time in which it can have, at the start of that day", () => {
  // Between the invoice of 1 June and the reading on 15 June.
  const result = history(months({}, {}, {}, {}), { live: 0 });
  assert.deepEqual(shown(result), [
    "2026-03-01 2026-06-01 2900 invoice",
    "2026-06-01 2026-06-08 2900 inferred",
    "2026-06-08 2026-06-15 0 inferred",
  ]);
  assert.equal(result.corrections.length, 1);
});

Deno.test("a phase of its schedule dates what changed without an invoice", () => {
  const result = historyOf(
    LIFE,
    months({}, {}, {}, {}),
    { exact: rational(4900), lines: null },
    byPrice,
    STRIPE,
    {
      now: NOW,
      newestEvent: null,
      phaseStarts: [at("2026-05-20"), at("2026-06-03")],
      dayStart: utcDayStart,
    },
  );
  assert.deepEqual(shown(result), [
    "2026-03-01 2026-06-01 2900 invoice",
    "2026-06-01 2026-06-03 2900 inferred",
    "2026-06-03 open 4900 event",
  ]);
});

Deno.test("one that ended behind drafts of a pause went on until then, for all that is known", () => {
  const drafts = months({}, {}, { invoiceStatus: "draft" });
  const life = { canceledAt: at("2026-05-20"), endedAt: at("2026-05-20") };
  assert.deepEqual(shown(history(drafts, { life, live: 0 })), [
    "2026-03-01 2026-05-01 2900 invoice",
    "2026-05-01 2026-05-20 2900 inferred",
  ]);
  const failed = { ...life, cancelReason: "payment_failed" };
  assert.deepEqual(shown(history(drafts, { life: failed, live: 0 })), [
    "2026-03-01 2026-05-01 2900 invoice",
  ]);
});

Deno.test("one that ends just now is no correction: its end is known", () => {
  const life = { canceledAt: NOW, endedAt: NOW };
  const result = history(months({}, {}, {}, {}), { life, live: 0 });
  assert.deepEqual(shown(result), ["2026-03-01 2026-06-15 2900 invoice"]);
  assert.deepEqual(result.corrections, []);
});

Deno.test("live lines of equal worth but another price are a correction too", () => {
  const other: SegmentLine = {
    item: "si_1",
    price: "price_other",
    product: "prod_1",
    interval: "month",
    intervalCount: 1,
    quantity: 1n,
    exact: rational(2900),
  };
  const live = { exact: rational(2900), lines: [other] };
  assert.deepEqual(shown(history(months({}, {}, {}, {}), { live })), [
    "2026-03-01 2026-06-01 2900 invoice",
    "2026-06-01 2026-06-08 2900 inferred",
    "2026-06-08 2026-06-15 2900 inferred",
    "2026-06-15 open 2900 event",
  ]);
});

Deno.test("subscriptions whose first payment was never made have no past", () => {
  for (const status of ["incomplete", "incomplete_expired"]) {
    assert.deepEqual(history(months({}), { life: { status } }).segments, []);
  }
});

Deno.test("open and uncollectible invoices count; what only a draft covers is inferred", () => {
  const lines = months({ invoiceStatus: "open" }, { invoiceStatus: "uncollectible" }, {
    invoiceStatus: "draft",
    price: "9900",
  }, {});
  assert.deepEqual(shown(history(lines)), [
    "2026-03-01 2026-05-01 2900 invoice",
    "2026-05-01 2026-06-01 2900 inferred",
    "2026-06-01 open 2900 invoice",
  ]);
});

Deno.test("around void periods it is not known when the hole began and when it ended", () => {
  const voided = { invoiceStatus: "void", paused: true };
  const lines = [
    ...months({}, {}, voided, voided),
    line({ from: "2026-07-01", to: "2026-08-01" }),
  ];
  const result = historyOf(
    LIFE,
    lines,
    { exact: rational(2900), lines: null },
    byPrice,
    STRIPE,
    { now: at("2026-07-20"), newestEvent: null, dayStart: utcDayStart },
  );
  assert.deepEqual(shown(result), [
    "2026-03-01 2026-04-01 2900 invoice",
    "2026-04-01 2026-05-01 2900 inferred",
    "2026-06-01 2026-07-01 0 inferred",
    "2026-07-01 open 2900 invoice",
  ]);
});

Deno.test("one that ended while paused was paused some time after its last paid invoice", () => {
  const life = { canceledAt: at("2026-05-20"), endedAt: at("2026-06-01"), endedPaused: true };
  assert.deepEqual(shown(history(months({}, {}, {}), { life, live: 0 })), [
    "2026-03-01 2026-05-01 2900 invoice",
    "2026-05-01 2026-05-20 2900 inferred",
  ]);
});

Deno.test("a void invoice that was made anew is no hole", () => {
  const lines = [...months({}, {}, {}, {}), ...months({ invoiceStatus: "void", paused: true })];
  assert.deepEqual(shown(history(lines)), ["2026-03-01 open 2900 invoice"]);
});

Deno.test("months that no line covers are worth nothing", () => {
  const [march, , , june] = months({}, {}, {}, {});
  assert.deepEqual(shown(history([march!, june!])), [
    "2026-03-01 2026-04-01 2900 invoice",
    "2026-06-01 open 2900 invoice",
  ]);
});

Deno.test("a new period that begins early ends the old one, its credit notwithstanding", () => {
  const lines = [
    line({ from: "2026-03-01", to: "2026-04-01" }),
    line({ from: "2026-03-11", to: "2026-04-01", proration: true, amount: -1965 }),
    line({
      from: "2026-03-11",
      to: "2027-03-11",
      price: "2500",
      amount: 30_000,
      interval: "year",
    }),
  ];
  assert.deepEqual(shown(history(lines, { live: 2500 })), [
    "2026-03-01 2026-03-11 2900 invoice",
    "2026-03-11 open 2500 invoice",
  ]);
});

Deno.test("two changes in one second leave the last: a credit takes back the debit between", () => {
  const changed = { from: "2026-03-16", to: "2026-04-01", proration: true };
  const lines = [
    line({ from: "2026-03-01", to: "2026-04-01" }),
    line({ ...changed, amount: -1497 }),
    line({ ...changed, price: "9900", amount: 5110 }),
    line({ ...changed, price: "9900", amount: -5110 }),
    line({ ...changed, price: "4900", amount: 2529 }),
    ...months({}, { price: "4900" }, { price: "4900" }, { price: "4900" }).slice(1),
  ];
  assert.deepEqual(shown(history(lines, { live: 4900 })), [
    "2026-03-01 2026-03-16 2900 invoice",
    "2026-03-16 open 4900 invoice",
  ]);
});

Deno.test("a line without a known price is worth its amount x full period / prorated period", () => {
  const lines = [
    line({
      from: "2026-03-16",
      to: "2026-04-01",
      price: "unknown",
      proration: true,
      amount: 1600,
      inclusiveTax: rational(160),
    }),
  ];
  const life = { created: at("2026-03-16"), endedAt: at("2026-04-01") };
  assert.deepEqual(shown(history(lines, { life, live: 0 })), [
    "2026-03-16 2026-04-01 2790 invoice",
  ]);
});

Deno.test("discounts are taken off an amount by the rules of their duration", () => {
  const discounts = [
    { amount: rational(300), duration: "forever" },
    { amount: rational(200), duration: "once" },
  ];
  const lines = months({ price: "unknown", amount: 2900, discounts });
  const life = { endedAt: at("2026-04-01") };
  const value = (options: Partial<MrrOptions>) =>
    format(history(lines, { life, live: 0, options }).segments[0]!.exact);
  assert.equal(value({}), "2600");
  // It left the subscription when the invoice that used it was finalised.
  assert.equal(value({ subtractOnce: true }), "2600");
});

Deno.test("a fixed term agreed long before counts until its last period begins", () => {
  const life = { canceledAt: at("2026-03-01"), endedAt: at("2026-06-01") };
  assert.deepEqual(shown(history(months({}, {}, {}), { life, live: 0 })), [
    "2026-03-01 2026-05-01 2900 invoice",
  ]);
});

Deno.test("what is going to end after a request ends at the request, item by item", () => {
  const lines = [
    ...months({}, {}, {}, {}),
    line({ item: "si_2", from: "2026-03-01", to: "2027-03-01", price: "1000", interval: "year" }),
  ];
  const life = { canceledAt: at("2026-06-05"), endingItems: new Set(["si_1"]) };
  assert.deepEqual(shown(history(lines, { life, live: 1000 })), [
    "2026-03-01 2026-06-05 3900 invoice",
    "2026-06-05 open 1000 invoice",
  ]);
});

Deno.test("after a payment failure MRR lasts as long as the payment was retried", () => {
  const life = {
    canceledAt: at("2026-05-20"),
    endedAt: at("2026-05-20"),
    cancelReason: "payment_failed",
    uncollectibleAt: at("2026-05-10"),
  };
  assert.deepEqual(shown(history(months({}, {}, { invoiceStatus: "open" }), { life, live: 0 })), [
    "2026-03-01 2026-05-10 2900 invoice",
  ]);
});

Deno.test("an item dropped without proration ends where its last line ends", () => {
  const lines = [
    ...months({}, {}, {}, {}),
    line({ item: "si_2", from: "2026-03-01", to: "2026-04-01", price: "1000" }),
  ];
  assert.deepEqual(shown(history(lines)), [
    "2026-03-01 2026-04-01 3900 inferred",
    "2026-04-01 open 2900 invoice",
  ]);
});

Deno.test("an item that comes without proration came some time in the period before", () => {
  const lines = [
    ...months({}, {}, {}, {}),
    line({ item: "si_2", from: "2026-05-01", to: "2026-06-01", price: "1000" }),
    line({ item: "si_2", from: "2026-06-01", to: "2026-07-01", price: "1000" }),
  ];
  assert.deepEqual(shown(history(lines, { live: 3900 })), [
    "2026-03-01 2026-04-01 2900 invoice",
    "2026-04-01 2026-05-01 2900 inferred",
    "2026-05-01 open 3900 invoice",
  ]);
});

Deno.test("segment lines add up to their segment", () => {
  const lines = [
    ...months({ quantity: 3n }, {}, {}, {}),
    line({ item: "si_2", from: "2026-03-01", to: "2026-04-01", price: "1000" }),
  ];
  for (const { exact, lines: parts } of history(lines).segments) {
    assert.deepEqual(sum(parts.map((part) => part.exact)), exact);
  }
});

const randomLine: fc.Arbitrary<HistoryLine> = fc.record({
  item: fc.constantFrom("si_1", "si_2"),
  price: fc.constantFrom("1000", "2900", "4900", "unknown"),
  quantity: fc.bigInt({ min: 0n, max: 3n }),
  start: fc.integer({ min: 0, max: 90 }),
  length: fc.integer({ min: 0, max: 40 }),
  proration: fc.boolean(),
  amount: fc.integer({ min: -3000, max: 3000 }),
  invoiceStatus: fc.constantFrom("paid", "open", "uncollectible", "void", "draft"),
}).map(({ start, length, amount, ...parts }) => ({
  ...line({ from: "2026-03-01", to: "2026-03-01", amount, ...parts }),
  period: {
    from: at("2026-03-01") + start * 86_400,
    to: at("2026-03-01") + (start + length) * 86_400,
  },
}));

const randomLife = fc.record({
  live: fc.constantFrom(0, 2900),
  canceledAt: fc.constantFrom(null, at("2026-04-10")),
  endedAt: fc.constantFrom(null, at("2026-05-01")),
  trialEnd: fc.constantFrom(null, at("2026-03-15")),
});

Deno.test("lines in any order give the same segments, and reading again changes nothing", () => {
  fc.assert(fc.property(
    fc.array(randomLine, { maxLength: 10 }).chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.shuffledSubarray(lines, { minLength: lines.length }),
      )
    ),
    randomLife,
    ([lines, shuffled], { live, ...life }) => {
      const first = history(lines, { live, life });
      assert.deepEqual(history(lines, { live, life }), first);
      assert.deepEqual(history(shuffled, { live, life }), first);
    },
  ));
});

Deno.test("segments follow each other, are above 0 unless inferred, and end in the live value", () => {
  fc.assert(fc.property(
    fc.array(randomLine, { maxLength: 10 }),
    randomLife,
    (lines, { live, ...life }) => {
      const { segments } = history(lines, { live, life });
      segments.forEach((segment, index) => {
        assert.ok(segment.exact.n > 0n || segment.quality === "inferred");
        assert.ok(segment.to === null || segment.to > segment.from);
        assert.ok(index === 0 || segments[index - 1]!.to! <= segment.from);
      });
      const last = segments.at(-1);
      const open = last?.to === null ? format(last.exact) : "0";
      assert.equal(open, String(live));
    },
  ));
});
