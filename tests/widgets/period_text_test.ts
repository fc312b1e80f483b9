/** Periods in words: one of a single day is that day. */
import assert from "node:assert/strict";
import { pagingOf } from "../../routes/paging.ts";
import { importRates } from "../../src/cli/rates_import.ts";
import { explainCustomer } from "../../src/cli/explain_customer.ts";
import { dayNumber } from "../../src/metrics/calendar.ts";
import { daysText, periodText, spanText } from "../../src/widgets/period_text.ts";
import { bridgeModel } from "../../src/widgets/bridge.ts";
import { renderWidget } from "../../views/widget.ts";
import { fresh, WIDGETS } from "../support/page_fixture.ts";
import { contextOf, storeOf } from "./fixture.ts";

const at = (time: string) => Date.parse(time) / 1000;
const store = storeOf([{ created: at("2026-01-01T12:00:00Z") }]);
const onDay = (time: string) => ({ ...contextOf(store), now: at(time) });

Deno.test("a month's first day is that day, and from the second on a span", () => {
  assert.equal(periodText(onDay("2026-12-01T09:00:00Z")), "This month, 1 December");
  assert.equal(periodText(onDay("2026-12-02T00:00:00Z")), "This month, 1 to 2 December");
  assert.equal(periodText(onDay("2026-11-30T23:59:59Z")), "This month, 1 to 30 November");
});

Deno.test("on a month's first day the period before is one day too, by its date", () => {
  assert.equal(bridgeModel(onDay("2026-12-01T09:00:00Z")).compared, "1 November 2026");
  assert.equal(
    bridgeModel(onDay("2026-12-02T09:00:00Z")).compared,
    "the 2 days from 1 November 2026",
  );
  const from = dayNumber(Temporal.PlainDate.from("2026-10-31"));
  assert.equal(daysText({ from, to: from + 1 }), "31 October 2026");
});

Deno.test("from one to itself is that one, wherever a span is written", async () => {
  assert.equal(spanText("2026-11", "2026-11"), "2026-11");
  assert.equal(spanText("2026-11", "2026-12"), "2026-11 to 2026-12");
  assert.equal(pagingOf("/explain/mrr", 3, 201)!.text, "201 of 201");
  const read = () => Promise.reject(new Deno.errors.NotFound("r.csv"));
  const files = { read, write: () => Promise.resolve() };
  assert.equal(
    await importRates("Date,USD\n2026-03-06,1.09\n", "hist.csv", "r.csv", files),
    "Took 1 day of 1 currency, 2026-03-06: r.csv has 1 day up to 2026-03-06",
  );
});

Deno.test("what a customer had for some hours of a day is told with that day alone", () => {
  const ended = at("2026-03-04T20:00:00Z");
  const short = storeOf([{
    created: at("2026-03-04T08:00:00Z"),
    status: "canceled",
    canceledAt: ended,
    endedAt: ended,
  }]);
  assert.match(explainCustomer(short, "cus_0"), /^ {4}2026-03-04: \$10\.00 a month/m);
});

Deno.test("a chart of one month says that month once", () => {
  const { chart13 } = WIDGETS;
  assert.ok(chart13.state.kind === "fresh");
  const months = chart13.state.data.months.slice(-1);
  const html = renderWidget({ ...chart13, state: fresh({ ...chart13.state.data, months }) });
  assert.match(html, />November 2026[^<:]*: MRR from/);
  assert.doesNotMatch(html, /November 2026[^<:]* to November 2026/);
});
