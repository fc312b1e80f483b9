/**
 * A company whose true history is known, read once from its account and counted in many ways: what
 * was rebuilt (metrics.md B.6) against what was true.
 */
import assert from "node:assert/strict";
import {
  format,
  multiply,
  parse,
  type Rational,
  subtract,
  sum,
} from "../../src/metrics/rational.ts";
import type { Rates } from "../../src/metrics/reporting.ts";
import type { Segment } from "../../src/metrics/segments.ts";
import {
  type Company,
  createCompany,
  createSimulator,
  type Lost,
  type TrueLife,
} from "../../src/simulator/mod.ts";
import { DAY, follow, type Followed, makeInfo, NOW } from "./harness.ts";
import type { Way } from "./ways.ts";

export interface Known extends AsyncDisposable {
  readonly company: Company;
  readonly followed: Followed;
}

/** Reads a company with every case, its past too. */
export async function readCompany(seed: number, customers: number): Promise<Known> {
  const company = createCompany({ now: NOW, customers, seed, cases: "all" });
  const followed = follow({ simulator: createSimulator({ source: company.source }) });
  await followed.until(() => followed.store.status.historyDone, 3600);
  return { company, followed, [Symbol.asyncDispose]: () => followed[Symbol.asyncDispose]() };
}

function runningAt(segments: readonly Segment[], at: number): readonly Segment[] {
  return segments.filter(({ from, to }) => from <= at && (to === null || at < to));
}

/** A customer at a time: what was rebuilt, what was true, and whether it can be known at all. */
interface Close {
  readonly customer: string;
  readonly scripts: string;
  readonly currency: string;
  readonly rebuilt: Rational;
  readonly truth: Rational;
  readonly isMarked: boolean;
  readonly isLost: boolean;
}

type Losses = ReadonlyMap<string, readonly Lost[]>;

function closeOf(own: readonly TrueLife[], { store }: Followed, at: number, losses: Losses): Close {
  const lost = own.flatMap(({ subscription }) => losses.get(subscription) ?? []);
  const running = own.flatMap(({ subscription }) => runningAt(store.segments(subscription), at));
  return {
    customer: own[0]!.customer,
    scripts: [...new Set(own.map(({ script }) => script ?? "plain"))].join(),
    currency: own[0]!.currency,
    rebuilt: sum(running.map(({ exact }) => exact)),
    truth: sum(own.map((life) => parse(life.worthAt(at)))),
    isMarked: running.some(({ quality }) => quality === "inferred"),
    isLost: lost.some(({ from, to }) => from <= at && at < to),
  };
}

/** Where to look from: zone and reporting currency beside the way of counting. */
export interface Setting {
  readonly way: Way;
  readonly timeZone: string;
  readonly reporting?: Rates;
}

export interface Findings {
  /** In words, one for each customer and close that is wrong, and for each wrong sum. */
  readonly faults: string[];
  readonly months: number;
  readonly marked: number;
}

/** Rates into a reporting currency, or none: every currency for itself. */
function sumsOf({ store }: Followed, reporting: Rates | undefined) {
  if (!reporting) {
    const closeOn = (currency: string, day: number) =>
      store.daily.closes(currency, day, day + 1)[0]!;
    return {
      currencies: store.tally.currencies(),
      closeOn,
      worth: (_: string, own: Rational) => own,
    };
  }
  const worth = (currency: string, own: Rational) =>
    currency === reporting.to ? own : multiply(own, reporting.rates[currency]!);
  const closeOn = (currency: string, day: number) =>
    store.convertedMovements!.period(currency, day, day + 1).end;
  return { currencies: [reporting.to], closeOn, worth };
}

/**
 * Compares every customer at every month's close, and the sums by currency, but for customers
 * whose worth nobody can know then, or that are marked as not known.
 */
export function compareMonths({ company, followed }: Known, setting: Setting): Findings {
  const { way: { name, options, counting }, timeZone, reporting } = setting;
  const { store, ledger } = followed;
  const info = makeInfo("stripe", { options, timeZone, reporting: reporting ?? null });
  ledger.recount(info, followed.seconds());
  const faults: string[] = [];
  let [months, marked] = [0, 0];
  const losses = company.unrecoverable(counting);
  const byCustomer = Map.groupBy(company.trueLives(counting), ({ customer }) => customer);
  const { currencies, closeOn, worth } = sumsOf(followed, reporting);
  for (const { month, at, books } of company.trueHistory({ counting, timeZone })) {
    const began = [...byCustomer.values()].map((own) =>
      own.filter(({ changes }) => changes[0]!.at <= at)
    ).filter((own) => own.length > 0);
    const closes = began.map((own) => closeOf(own, followed, at, losses));
    months += closes.length;
    marked += closes.filter(({ isMarked }) => isMarked).length;
    const isDoubted = ({ isMarked, isLost }: Close) => isMarked || isLost;
    for (const close of closes) {
      const [rebuilt, truth] = [format(close.rebuilt), format(close.truth)];
      if (isDoubted(close) || rebuilt === truth) continue;
      const { customer, scripts } = close;
      faults.push(
        `${name} ${timeZone}: ${customer} (${scripts}) ${month}: ${rebuilt}, true ${truth}`,
      );
    }
    for (const currency of currencies) {
      const off = sum(
        closes.filter((close) => reporting || close.currency === currency).filter((close) =>
          format(close.rebuilt) !== format(close.truth)
        ).map((close) => worth(close.currency, subtract(close.rebuilt, close.truth))),
      );
      const true_ = reporting
        ? sum(Object.entries(books.mrr).map(([each, { exact }]) => worth(each, parse(exact))))
        : parse(books.mrr[currency]?.exact ?? "0");
      const told = format(subtract(closeOn(currency, store.calendar.dayOf(at)), off));
      if (told === format(true_)) continue;
      faults.push(`${name} ${timeZone}: ${currency} ${month}: ${told}, true ${format(true_)}`);
    }
  }
  return { faults, months, marked };
}

/** How many of many faults are told in words. */
const TOLD_MAX = 30;

/** Fails with the first of the faults, and how many there are by way of counting and case. */
export function assertNone(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const kinds = new Map<string, number>();
  for (const fault of faults) {
    const kind = /\((\w[^)]*)\)/.exec(fault)?.[1] ?? "sums";
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const counts = [...kinds].map(([kind, count]) => `${count} of ${kind}`);
  assert.fail([...faults.slice(0, TOLD_MAX), ...counts].join("\n"));
}

/** The product trusts the events only from a little into their window on. */
const MARGIN = 7200;

/** Whether it is between the newest line that shows the old state and the events' beginning. */
function isDatedWell(at: number, lost: readonly Lost[], since: number): boolean {
  // At the start of a local day (metrics.md B.6 step 2.8).
  return lost.some(({ shownAt }) => shownAt - DAY <= at && at <= since + MARGIN);
}

/** The faults of one way of counting, at the time of the first reading, in words. */
export function compareNow({ company, followed }: Known, way: Way): string[] {
  const { store, ledger } = followed;
  const now = followed.seconds();
  ledger.recount(makeInfo("stripe", { options: way.options }), now);
  const losses = company.unrecoverable(way.counting);
  const since = company.now() - 30 * DAY;
  const lives = company.trueLives(way.counting);
  const scripts = new Map(lives.map((life) => [life.subscription, life.script ?? "plain"]));
  const faults: string[] = [];
  for (const [currency, { exact }] of Object.entries(company.books(now, way.counting).mrr)) {
    const total = format(store.tally.total(currency, "mrr"));
    if (total !== exact) faults.push(`${way.name}: ${currency} is ${total} now, true ${exact}`);
  }
  for (const { subscription, at, before, after } of store.corrections()) {
    const what = `${way.name}: ${subscription} (${scripts.get(subscription)})`;
    // What an invoice shows before the events begin needs no correction.
    const lost = losses.get(subscription)?.filter(({ to }) => to >= since);
    if (!lost || lost.length === 0) {
      faults.push(`${what} is corrected from ${format(before)} to ${format(after)}`);
      continue;
    }
    if (!isDatedWell(at, lost, since)) faults.push(`${what} is corrected on a wrong day: ${at}`);
    const around = store.segments(subscription).filter(({ from, to }) =>
      from <= at && (to === null || at <= to)
    );
    if (around.some(({ quality }) => quality === "inferred")) continue;
    faults.push(`${what} is corrected without a mark`);
  }
  const dayStart = now - now % DAY;
  for (const own of Map.groupBy(lives, ({ customer }) => customer).values()) {
    const before = closeOf(own, followed, dayStart - 1, losses);
    const after = closeOf(own, followed, now, losses);
    const what = `${way.name}: ${after.customer} (${after.scripts})`;
    const [live, truth] = [format(after.rebuilt), format(after.truth)];
    if (live !== truth) faults.push(`${what} is worth ${live} now, true ${truth}`);
    if (format(before.rebuilt) === live || format(before.truth) !== truth) continue;
    faults.push(`${what} moves on the day of installation: ${format(before.rebuilt)} to ${live}`);
  }
  return faults;
}
