/** Golden histories: slim invoice lines and the steps that they lead to. */
import assert from "node:assert/strict";
import { historyOf } from "../../src/metrics/history.ts";
import { closedByPause, type HistoryLine } from "../../src/metrics/history_line.ts";
import { monthlyFactor, spanOf } from "../../src/metrics/interval.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { format, multiply, parse, rational, sum, ZERO } from "../../src/metrics/rational.ts";
import { stepsOf } from "../../src/metrics/steps.ts";
import { utcDayStart, valuerOf } from "./histories.ts";
import { fields, type Input, number, seconds } from "./golden_figures.ts";

const UNKNOWN_PRICE = "unknown";

const secondsOrNull = (text: unknown) => text === null || text === undefined ? null : seconds(text);

function lineOf(input: Input): HistoryLine {
  fields(
    input,
    [
      "item",
      "quantity",
      "interval",
      "intervalCount",
      "period",
      "proration",
      "amount",
      "invoiceStatus",
    ],
    [
      "unit",
      "price",
      "product",
      "credit",
      "discounts",
      "inclusiveTax",
      "attempts",
      "closedAfterSeconds",
    ],
  );
  const [from, to] = input.period as [string, string];
  const amount = number(input.amount);
  return {
    item: String(input.item),
    price: input.unit === undefined || input.unit === null ? UNKNOWN_PRICE : String(input.unit),
    product: String(input.product ?? ""),
    quantity: BigInt(input.quantity as number),
    interval: String(input.interval),
    intervalCount: Number(input.intervalCount),
    period: { from: seconds(from), to: seconds(to) },
    proration: input.proration === true,
    credit: input.credit === true || amount.n < 0n,
    amount,
    discounts: ((input.discounts ?? []) as Input[]).map((discount) => {
      fields(discount, ["amount", "duration"]);
      return { amount: number(discount.amount), duration: String(discount.duration) };
    }),
    inclusiveTax: number(input.inclusiveTax ?? 0),
    invoiceStatus: String(input.invoiceStatus),
    paused: closedByPause({
      attempts: Number(input.attempts ?? 1),
      finalizedAt: 0,
      closedAt: input.closedAfterSeconds === undefined ? null : Number(input.closedAfterSeconds),
    }),
    failedAt: null,
  };
}

function valueByPrice(lines: readonly HistoryLine[], options: MrrOptions) {
  return sum(lines.map(({ price, quantity, interval, intervalCount }) => {
    const span = spanOf(interval, intervalCount);
    assert.ok(span, "the interval is known");
    return multiply(multiply(parse(price), rational(quantity)), monthlyFactor(span, options));
  }));
}

function optionsOf(input: Input): MrrOptions {
  fields(input, [], [
    "cancellation",
    "now",
    "newestEvent",
    "tiered",
    "subtractOnce",
    "subtractRepeating",
    "trialing",
    "inclusiveTax",
    "weeksPerMonth",
    "daysPerMonth",
    "pauseCollection",
  ]);
  const { now: _now, newestEvent: _event, tiered: _tiered, ...given } = input;
  const factors = Object.fromEntries(
    ["weeksPerMonth", "daysPerMonth"].filter((name) => name in given)
      .map((name) => [name, number(given[name])]),
  );
  return { ...PRESETS.stripe, ...given, ...factors };
}

/** `2026-03-01`, or the time where it is not midnight. */
function dateText(at: number): string {
  const text = Temporal.Instant.fromEpochMilliseconds(at * 1000).toString();
  return text.replace("T00:00:00Z", "");
}

export function historySteps(input: Input): unknown {
  fields(input, ["subscription", "lines", "options"]);
  const sub = fields(
    input.subscription as Input,
    ["created", "trialEnd", "canceledAt", "endedAt", "live"],
    ["status", "cancelReason", "uncollectibleAt", "trialStart"],
  );
  const given = input.options as Input;
  const options = optionsOf(given);
  const lines = (input.lines as Input[]).map(lineOf);
  const canceledAt = secondsOrNull(sub.canceledAt);
  const endedAt = secondsOrNull(sub.endedAt);
  const live = number(sub.live);
  const ending = canceledAt !== null && endedAt === null && live.n === 0n;
  const latest = Math.max(
    seconds(sub.created),
    endedAt ?? 0,
    canceledAt ?? 0,
    ...lines.map(({ period }) => period.to),
  );
  const { segments } = historyOf(
    {
      subscription: "sub_1",
      customer: "cus_1",
      currency: "usd",
      status: String(sub.status ?? "active"),
      created: seconds(sub.created),
      trialStart: secondsOrNull(sub.trialStart),
      trialEnd: secondsOrNull(sub.trialEnd),
      pastDueSince: null,
      canceledAt,
      endedAt,
      endedPaused: false,
      cancelReason: (sub.cancelReason ?? null) as string | null,
      pausedItems: new Map(),
      endingItems: new Set(ending ? lines.map(({ item }) => item) : []),
      uncollectibleAt: secondsOrNull(sub.uncollectibleAt),
    },
    lines,
    { exact: live, lines: null },
    valuerOf((held) =>
      given.tiered === true || held.some(({ price }) => price === UNKNOWN_PRICE)
        ? null
        : valueByPrice(held, options)
    ),
    options,
    {
      now: secondsOrNull(given.now) ?? latest,
      newestEvent: secondsOrNull(given.newestEvent),
      dayStart: utcDayStart,
    },
  );
  return stepsOf(segments).map(({ at, value }) => [dateText(at), format(value ?? ZERO)]);
}
