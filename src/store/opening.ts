/**
 * The opening: what a source's view answered to the questions of the pages, kept beside the facts,
 * so that a start shows its pages before it has read every subscription. An answer is given again
 * to the same question alone; whatever was not asked then waits for the facts. A journal drops the
 * opening with the first write that changes what it was told from.
 *
 * @module
 */
import { encodeFact, reviveFact } from "./codec.ts";
import { sealed, unsealed } from "./opening_text.ts";
import type { SourceView } from "./port.ts";
import { scanQuestion } from "./scans.ts";

/** What is asked for is known once every fact has been read. */
export class StillLoadingError extends Error {
  override readonly name = "StillLoadingError";
  constructor() {
    super("The stored facts are still being read");
  }
}

/** Answers by question: `[]` for `undefined`. */
export type Answers = Readonly<Record<string, readonly unknown[]>>;

/** What an opening was made under; under anything else it is not used. */
export interface OpeningMark {
  /** How everything is counted, as text. */
  readonly counted: string;
  /** The local day on which it was made. */
  readonly day: number;
}

interface Opening extends OpeningMark {
  /** When a value changes by time alone next, Unix seconds; `null` where none does. */
  readonly until: number | null;
  readonly answers: Answers;
}

/** Parts of a view that are asked further. */
const PARTS = [
  "tally",
  "daily",
  "priceDays",
  "movements",
  "convertedMovements",
  "rates",
  "money",
] as const;
type PartName = typeof PARTS[number];

/** Parts of parts. */
const INNER: ReadonlySet<string> = new Set(["money.cash", "money.payments"]);

/** Members of a list that an answer may have: no page shows more, and no start should read more. */
const LIST_MAX = 5_000;

/** The question as text; `null` where it cannot be asked again. */
function questionOf(path: string, args: readonly unknown[]): string | null {
  if (args.some((arg) => typeof arg === "object" && arg !== null || typeof arg === "function")) {
    return null;
  }
  const text = args.map((arg) => typeof arg === "string" ? JSON.stringify(arg) : String(arg));
  return `${path}(${text.join(",")})`;
}

/** Whether a value comes back as it is from its text. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function" && typeof value !== "symbol";
  }
  if (Array.isArray(value)) return value.every(isPlain);
  if (value instanceof Map) return [...value].every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}

/** A generator's members; anything else as it is. */
function listed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Symbol.iterator in value && !(value instanceof Map || value instanceof Set)
    ? [...value as Iterable<unknown>]
    : value;
}

/** Answers as their questions come, and which of them can be given again. */
function createRecord(view: SourceView) {
  const answers = new Map<string, string>();

  function keep(question: string, value: unknown): void {
    if (Array.isArray(value) && value.length > LIST_MAX) return;
    try {
      if (!isPlain(value)) return;
      answers.set(question, encodeFact(value === undefined ? [] : [value], view.price));
    } catch {
      // A part of it is unknown, such as for want of a rate: asked again, it says so itself.
    }
  }

  return {
    answers,
    note<T>(question: string | null, value: T): T {
      const shown = listed(value) as T;
      if (question !== null && !answers.has(question)) keep(question, shown);
      return shown;
    },
  };
}

type Note = <T>(question: string | null, value: T) => T;

/** A part of a view whose answers are noted. */
function recordedPart<T extends object>(part: T, path: string, note: Note): T {
  const inner = new Map<string, object>();
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof name === "symbol") return value;
      const at = `${path}.${name}`;
      if (typeof value === "function") {
        return (...args: unknown[]) =>
          note(questionOf(at, args), Reflect.apply(value, target, args));
      }
      if (!INNER.has(at)) return note(at, value);
      if (!inner.has(at)) inner.set(at, recordedPart(value as object, at, note));
      return inner.get(at);
    },
  });
}

/** A part of a view that answers what was asked before. */
function openedPart(path: string, answer: (question: string) => unknown, asked: Asked): object {
  const inner = new Map<string, object>();
  return new Proxy({}, {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      const at = `${path}.${name}`;
      if (asked(at)) return answer(at);
      if (!INNER.has(at)) return (...args: unknown[]) => answer(questionOf(at, args) ?? "");
      if (!inner.has(at)) inner.set(at, openedPart(at, answer, asked));
      return inner.get(at);
    },
  });
}

type Asked = (question: string) => boolean;

/** The members of a view that are known before the subscriptions are, as they are read first. */
function knownFirst(view: SourceView) {
  return {
    get info() {
      return view.info;
    },
    get status() {
      return view.status;
    },
    get calendar() {
      return view.calendar;
    },
    get closedMonths() {
      return view.closedMonths;
    },
    get inbox() {
      return view.inbox;
    },
    price: view.price,
    coupon: view.coupon,
    product: view.product,
    calledCustomer: view.calledCustomer,
    forgotten: view.forgotten,
    unreadable: view.unreadable,
    corrections: view.corrections,
    subscribe: view.subscribe,
    watch: view.watch,
  };
}

type Parts = Pick<SourceView, PartName>;

/** Every part by its name, made when it is first asked for. */
function partsBy(make: (name: PartName) => object | null): Parts {
  const made = new Map<PartName, object | null>();
  const parts = {};
  for (const name of PARTS) {
    Object.defineProperty(parts, name, {
      enumerable: true,
      get() {
        if (!made.has(name)) made.set(name, make(name));
        return made.get(name);
      },
    });
  }
  return parts as Parts;
}

/** The first without the getters of the second being called. */
function joined<A extends object, B extends object>(a: A, b: B): A & B {
  return Object.defineProperties(a, Object.getOwnPropertyDescriptors(b)) as A & B;
}

/** A view of the source as it is, whose answers are noted. */
function recordedView(view: SourceView, note: Note): SourceView {
  const parts = partsBy((name) => {
    const part = view[name];
    note(name, part === null ? null : true);
    return part === null ? null : recordedPart(part, name, note);
  });
  const one = <A, T>(name: string, ask: (id: A) => T) => (id: A) =>
    note(questionOf(name, [id]), ask(id));
  const own: Omit<SourceView, PartName | keyof ReturnType<typeof knownFirst>> = {
    get version() {
      return note("version", view.version);
    },
    renewalDays: (now) => note("renewalDays", view.renewalDays(now)),
    renewalRows: (now) => note("renewalRows", view.renewalRows(now)),
    customerDiscount: one("customerDiscount", view.customerDiscount),
    pastDueSince: one("pastDueSince", view.pastDueSince),
    inclusiveTax: one("inclusiveTax", view.inclusiveTax),
    standing: one("standing", view.standing),
    subscriptionsOf: one("subscriptionsOf", view.subscriptionsOf),
    inStatus: one("inStatus", view.inStatus),
    segments: one("segments", view.segments),
    unresolved: () => note("unresolved", view.unresolved()),
    // The result is kept, and not what was looked at for it.
    scanned: (scan, args, now) =>
      note(scanQuestion(scan, args, view.calendar.dayOf(now)), view.scanned(scan, args, now)),
    standings: view.standings,
    allSegments: view.allSegments,
  };
  return joined(joined(parts, knownFirst(view)), own);
}

/**
 * A view that answers what an opening knows, and for the rest what is read first.
 *
 * @param view Holds what is read first; nothing else of it is looked at.
 * @param answers `null` without an opening.
 */
export function openedView(view: SourceView, answers: Answers | null): SourceView {
  const revived = new Map<string, unknown>();
  const asked = (question: string) => answers !== null && Object.hasOwn(answers, question);

  function answer<T>(question: string | null): T {
    if (question === null || !asked(question)) throw new StillLoadingError();
    if (!revived.has(question)) {
      try {
        revived.set(question, reviveFact(answers![question]![0], view.price));
      } catch {
        // It names a price that is not stored: the facts will say what is right.
        throw new StillLoadingError();
      }
    }
    return revived.get(question) as T;
  }

  const parts = partsBy((name) =>
    asked(name) && answer(name) === null ? null : openedPart(name, answer, asked)
  );
  const one = <T>(name: string) => (id: string): T => answer<T>(questionOf(name, [id]));
  const own: Omit<SourceView, PartName | keyof ReturnType<typeof knownFirst>> = {
    get version() {
      return asked("version") ? answer<number>("version") : view.version;
    },
    renewalDays: () => answer("renewalDays"),
    renewalRows: () => answer("renewalRows"),
    customerDiscount: one("customerDiscount"),
    pastDueSince: one("pastDueSince"),
    inclusiveTax: one("inclusiveTax"),
    standing: one("standing"),
    subscriptionsOf: one("subscriptionsOf"),
    inStatus: one("inStatus"),
    segments: one("segments"),
    unresolved: () => answer("unresolved"),
    scanned: (scan, args, now) => answer(scanQuestion(scan, args, view.calendar.dayOf(now))),
    standings: () => answer(null),
    allSegments: () => answer(null),
  };
  return joined(joined(parts, knownFirst(view)), own);
}

/**
 * The opening of a source as text.
 *
 * @param until When a value changes by time alone next, Unix seconds; `Infinity` for never.
 * @param read Asks what pages ask.
 */
export function recordOpening(
  view: SourceView,
  { counted, day }: OpeningMark,
  until: number,
  read: (view: SourceView) => void,
): string {
  const { answers, note } = createRecord(view);
  read(recordedView(view, note));
  const kept = [...answers].map(([question, text]) => `${JSON.stringify(question)}:${text}`);
  const head = JSON.stringify({ counted, day, until: until === Infinity ? null : until });
  return sealed(`${head.slice(0, -1)},"answers":{${kept.join(",")}}}`);
}

/**
 * The answers of an opening; `null` where it was made on another day, counted otherwise, or where
 * something has changed by time alone since.
 *
 * @param now Unix seconds.
 * @throws {TypeError | SyntaxError} when it is damaged.
 */
export function readOpening(text: string, mark: OpeningMark, now: number): Answers | null {
  const { counted, day, until, answers } = JSON.parse(unsealed(text)) as Opening;
  const isSame = counted === mark.counted && day === mark.day;
  return isSame && (until === null || now < until) ? answers : null;
}
