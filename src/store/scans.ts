/**
 * What pages find by a look at everything: worked out once, and kept until something changes that
 * was looked at. A scan is a function by itself: it sees the source through a view that notes what
 * is read, its arguments and the local day. So what an answer depends on follows from what it was
 * made of, and nobody has to remember it.
 *
 * @module
 */
import type { CustomerHistory } from "../metrics/books.ts";
import type { SourceView } from "./port.ts";

/** Results that are kept; a flood of odd questions must not fill the memory. */
const SCANS_MAX = 200;

/** An argument that is told by its text. */
export type Plain = string | number | boolean | null;

/** What every customer had before a local day. */
export interface Past {
  /**
   * All customers of a currency, their steps cut at the day.
   *
   * @param ratesOf The day, before that one, at whose rates converted amounts are valued.
   */
  histories(currency: string, ratesOf: number): Iterable<CustomerHistory>;
}

/** What a scan is given: all that it may reach. */
export interface Look {
  /** The source. */
  readonly view: SourceView;
  /** The local day. */
  readonly today: number;
  /** Changes on or after `day` leave alone what was made of it. */
  pastBefore(day: number, converted: boolean): Past;
}

/** Plain data from a look at everything: of what it is given, not of the clock nor of a module. */
export type Scan<Args extends readonly Plain[], T> = (look: Look, ...args: Args) => T;

export interface Scans {
  /** @param now Unix seconds. */
  get<Args extends readonly Plain[], T>(scan: Scan<Args, T>, args: Args, now: number): T;
}

/** The question that a scan answers, as text. */
export function scanQuestion(
  { name }: { readonly name: string },
  args: readonly Plain[],
  today: number,
): string {
  return `scanned ${name} ${[today, ...args].map(String).join(" ")}`;
}

/** Something that was read: as it is, and as it was then. */
interface Read {
  readonly now: () => unknown;
  readonly was: unknown;
}

/** Members that follow from the subscriptions' standings and segments alone. */
const OF_ROWS: ReadonlySet<PropertyKey> = new Set<keyof SourceView>([
  "tally",
  "daily",
  "priceDays",
  "movements",
  "standing",
  "standings",
  "subscriptionsOf",
  "inStatus",
  "segments",
  "allSegments",
  "unresolved",
]);

type Note = (name: string, now: () => unknown) => void;

/** @param note Is told what is read. */
function pastOf(view: SourceView, day: number, converted: boolean, note: Note): Past {
  note("movements", () => view.movements);
  note(`movements before ${day}`, () => view.movements.changesBefore(day));
  if (converted) {
    note("rates", () => view.rates);
    note(`rates before ${day}`, () => view.rates?.changesBefore(day));
  }
  const end = view.calendar.startOf(day);
  return {
    *histories(currency, ratesOf) {
      if (ratesOf >= day) {
        throw new RangeError(
          `Cannot value the past before day ${day} at later rates: current value is ${ratesOf}`,
        );
      }
      const book = converted ? view.convertedMovements! : view.movements;
      for (const history of book.histories(currency, ratesOf)) {
        const { steps } = history;
        if ((steps.at(-1)?.at ?? -Infinity) < end) yield history;
        else if (steps[0]!.at < end) {
          yield { ...history, steps: steps.filter(({ at }) => at < end) };
        }
      }
    },
  };
}

/** The view, noting what is read of it. */
function noting(view: SourceView, rows: () => number, note: Note): SourceView {
  return new Proxy(view, {
    get(_, name): unknown {
      if (OF_ROWS.has(name)) note("rows", rows);
      else if (name !== "calendar") note("version", () => view.version);
      return Reflect.get(view, name);
    },
  });
}

/** A result with all that was read for it. */
interface Kept {
  readonly reads: ReadonlyMap<string, Read>;
  readonly result: unknown;
}

const holds = ({ reads }: Kept) => reads.values().every((read) => read.now() === read.was);

/**
 * @param view What is looked at.
 * @param rows Grows with every standing and every segment of the view that changes.
 */
export function createScans(view: SourceView, rows: () => number): Scans {
  /** By the question, and by the scan, as two of them may have one name. */
  const kept = new Map<string, Map<unknown, Kept>>();

  return {
    get<Args extends readonly Plain[], T>(scan: Scan<Args, T>, args: Args, now: number): T {
      const { calendar } = view;
      const today = calendar.dayOf(now);
      const question = scanQuestion(scan, args, today);
      const known = kept.get(question)?.get(scan);
      if (known && holds(known)) return known.result as T;
      const reads = new Map<string, Read>();
      const note: Note = (name, read) => {
        if (!reads.has(name)) reads.set(name, { now: read, was: read() });
      };
      note("calendar", () => view.calendar);
      const result = scan({
        view: noting(view, rows, note),
        today,
        pastBefore: (day, converted) => pastOf(view, day, converted, note),
      }, ...args);
      if (kept.size >= SCANS_MAX) kept.clear();
      const ofQuestion = kept.get(question) ?? new Map<unknown, Kept>();
      kept.set(question, ofQuestion.set(scan, { reads, result }));
      return result;
    },
  };
}
