import assert from "node:assert/strict";
import { convertedAt, trialOutcome } from "../../src/metrics/trials.ts";
import { at, steps } from "./histories.ts";

const END = at("2026-03-15");
const outcome = (status: string, now: string, ...values: readonly (readonly [string, number])[]) =>
  trialOutcome({ trialEnd: END, status, convertedAt: convertedAt(END, steps(...values)) }, at(now));

Deno.test("a trial worth more than 0 within 7 days of its end is converted", () => {
  assert.equal(outcome("active", "2026-03-16", ["2026-03-15", 2900]), "converted");
  assert.equal(outcome("active", "2026-04-01", ["2026-03-22", 2900]), "converted");
  assert.equal(outcome("active", "2026-04-01", ["2026-03-23", 2900]), "lapsed");
});

Deno.test("a trial that converted stays converted when it is canceled later", () => {
  const values = [["2026-03-15", 2900], ["2026-04-10", 0]] as const;
  assert.equal(outcome("canceled", "2026-05-01", ...values), "converted");
});

Deno.test("a trial that runs, or may still convert, is not decided", () => {
  assert.equal(outcome("trialing", "2026-03-10"), "running");
  assert.equal(outcome("past_due", "2026-03-20"), "running");
});

Deno.test("a trial canceled or paused without ever being worth anything is not converted", () => {
  assert.equal(outcome("canceled", "2026-03-10"), "canceled");
  assert.equal(outcome("paused", "2026-03-15"), "paused");
});
