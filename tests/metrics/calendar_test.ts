import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createCalendar,
  dateOf,
  dayKey,
  dayNumber,
  monthKey,
  monthStart,
  sameDayOf,
} from "../../src/metrics/calendar.ts";

const day = (text: string) => dayNumber(Temporal.PlainDate.from(text));
const seconds = (text: string) => Date.parse(text) / 1000;

function hoursOf(timeZone: string, date: string): number {
  const calendar = createCalendar(timeZone);
  return (calendar.startOf(day(date) + 1) - calendar.startOf(day(date))) / 3600;
}

Deno.test("a day has 23 hours when clocks go forward and 25 when they go back", () => {
  assert.equal(hoursOf("Europe/Berlin", "2026-03-29"), 23);
  assert.equal(hoursOf("Europe/Berlin", "2026-10-25"), 25);
  assert.equal(hoursOf("America/New_York", "2026-03-08"), 23);
  assert.equal(hoursOf("America/New_York", "2026-11-01"), 25);
  assert.equal(hoursOf("Europe/Berlin", "2026-07-01"), 24);
});

Deno.test("the first second of a local day belongs to it, the last before does not", () => {
  const berlin = createCalendar("Europe/Berlin");
  const start = seconds("2026-03-28T23:00:00Z");
  assert.equal(dayKey(berlin.dayOf(start)), "2026-03-29");
  assert.equal(dayKey(berlin.dayOf(start - 1)), "2026-03-28");
  assert.equal(dayKey(berlin.dayOf(seconds("2026-03-29T21:59:59Z"))), "2026-03-29");
  assert.equal(dayKey(berlin.dayOf(seconds("2026-03-29T22:00:00Z"))), "2026-03-30");
});

Deno.test("local days reach from UTC−11 to UTC+14", () => {
  const noon = seconds("2026-11-15T12:00:00Z");
  assert.equal(dayKey(createCalendar("Pacific/Kiritimati").dayOf(noon)), "2026-11-16");
  assert.equal(
    dayKey(createCalendar("Pacific/Kiritimati").dayOf(noon - 2 * 3600 - 1)),
    "2026-11-15",
  );
  assert.equal(
    dayKey(createCalendar("Pacific/Pago_Pago").dayOf(seconds("2026-11-15T10:59:59Z"))),
    "2026-11-14",
  );
});

Deno.test("a moment lies between the start of its day and that of the next, in every zone", () => {
  const zones = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
  );
  fc.assert(fc.property(zones, fc.integer({ min: 0, max: 2_000_000_000 }), (zone, at) => {
    const calendar = createCalendar(zone);
    const of = calendar.dayOf(at);
    return calendar.startOf(of) <= at && at < calendar.startOf(of + 1);
  }));
});

Deno.test("days are counted from 1970-01-01", () => {
  assert.equal(day("1970-01-01"), 0);
  assert.equal(day("2026-11-15"), 20_772);
  assert.equal(dateOf(20_772).toString(), "2026-11-15");
  assert.equal(dayKey(-1), "1969-12-31");
});

Deno.test("monthStart() moves over years and leap Februaries", () => {
  assert.equal(dayKey(monthStart(day("2026-11-15"))), "2026-11-01");
  assert.equal(dayKey(monthStart(day("2026-01-31"), -1)), "2025-12-01");
  assert.equal(dayKey(monthStart(day("2024-03-31"), -1)), "2024-02-01");
  assert.equal(dayKey(monthStart(day("2026-11-15"), 3)), "2027-02-01");
  assert.equal(monthKey(day("2026-11-30")), "2026-11");
});

Deno.test("twelve months back from any month are twelve different months", () => {
  for (const date of ["2026-01-31", "2026-03-31", "2026-05-31", "2024-02-29"]) {
    const keys = Array.from({ length: 12 }, (_, index) => monthKey(monthStart(day(date), -index)));
    assert.equal(new Set(keys).size, 12, date);
  }
});

Deno.test("the same day of a shorter month is its last day", () => {
  assert.equal(dayKey(sameDayOf(day("2026-03-31"), -1)), "2026-02-28");
  assert.equal(dayKey(sameDayOf(day("2024-03-31"), -1)), "2024-02-29");
  assert.equal(dayKey(sameDayOf(day("2026-07-31"), -1)), "2026-06-30");
  assert.equal(dayKey(sameDayOf(day("2024-02-29"), -12)), "2023-02-28");
  assert.equal(dayKey(sameDayOf(day("2026-11-15"), -1)), "2026-10-15");
});

Deno.test("createCalendar() refuses a time zone that is not known with RangeError", () => {
  assert.throws(() => createCalendar("Mars/Olympus"), RangeError);
});
