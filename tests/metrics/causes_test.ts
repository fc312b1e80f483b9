import assert from "node:assert/strict";
import { causeOf, withCauses } from "../../src/metrics/causes.ts";
import { createMovementBook } from "../../src/metrics/movement_book.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { customerChurnCalendar, customerChurnStripe30 } from "../../src/metrics/retention.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { AT, DAY, makeSub } from "./fixture.ts";
import { day, stretch, UTC } from "./histories.ts";

Deno.test("causeOf() is the reason that Stripe gives, else what the status tells", () => {
  const ended = { status: "canceled", endedAt: AT - DAY };
  const cases: [Partial<Subscription>, string][] = [
    [{ ...ended, cancelReason: "cancellation_requested" }, "voluntary"],
    [{ ...ended, cancelReason: "payment_failed" }, "involuntary"],
    [{ ...ended, cancelReason: "payment_disputed" }, "disputed"],
    [{ ...ended, cancelReason: "canceled_by_retention_policy" }, "other"],
    [ended, "voluntary"],
    [{ cancelAtPeriodEnd: true }, "voluntary"],
    [{ status: "unpaid" }, "involuntary"],
    [{ status: "paused" }, "paused"],
    [{ pause: { behavior: "void", resumesAt: null } }, "paused"],
    [{}, "other"],
  ];
  for (const [parts, cause] of cases) assert.equal(causeOf(makeSub(parts)), cause);
});

Deno.test("a hole that ends again was a pause; what is followed at once has no cause", () => {
  const sub = makeSub({});
  const { result } = standingOf(sub, AT, PRESETS.stripe, {}, false);
  const [whole] = inferSegments(sub, AT, PRESETS.stripe, {}, result);
  const part = (from: number, to: number | null) => ({ ...whole!, from, to });
  const causes = withCauses(sub, [part(0, 10), part(10, 20), part(30, null)])
    .map(({ cause }) => cause);
  assert.deepEqual(causes, [undefined, "paused", undefined]);
});

Deno.test("churn is split by cause, and paused customers may stay out of the rates", () => {
  const book = createMovementBook(UTC);
  book.set("a", "usd", [{ ...stretch("2026-01-01", "2026-03-05", 1000), cause: "paused" }]);
  book.set("b", "usd", [{ ...stretch("2026-01-01", "2026-03-06", 400), cause: "involuntary" }]);
  book.set("c", "usd", [stretch("2026-01-01", null, 600)]);
  book.set("d", "usd", [stretch("2026-01-01", null, 600)]);
  const { churn, causes } = book.period("usd", day("2026-03-01"), day("2026-04-01"));
  assert.equal(format(churn), "1400");
  assert.deepEqual([format(causes.paused.mrr), causes.paused.customers], ["1000", 1]);
  assert.deepEqual([format(causes.involuntary.mrr), causes.voluntary.customers], ["400", 0]);
  const march = { from: day("2026-03-01"), to: day("2026-04-01") };
  const stripe = (paused: "gone" | "staying") =>
    format(customerChurnStripe30(book, day("2026-03-20"), "day", paused).value!);
  assert.deepEqual([stripe("gone"), stripe("staying")], ["1/2", "1/4"]);
  const calendar = (paused: "gone" | "staying") =>
    format(customerChurnCalendar(book.presence(), march, UTC, paused).value!);
  assert.deepEqual([calendar("gone"), calendar("staying")], ["1/2", "1/4"]);
});
