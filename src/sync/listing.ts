/**
 * Whole listings: page after page, or in parallel windows over `created`, so that not latency but
 * the limiter sets the pace (facts.md, "Stripe SDK").
 *
 * @module
 */
import type { Clock, Query, StripeClient, StripePage } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import type { UnreadStretch } from "../store/port.ts";
import { idIn } from "../stripe/shape.ts";
import { createPageTurn, type PageTurn } from "./page_turn.ts";

/** The largest page that Stripe gives. */
const PAGE = 100;
/** Seconds between tries of a page that failed for a passing reason. */
const RETRY_SECONDS = 5;

export interface ListingContext {
  readonly client: StripeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told each fault that will be tried again. */
  readonly onFault: (fault: StripeFault) => void;
  /** Whether a fault that passes is thrown, too: whoever asked tries again later. */
  readonly impatient?: boolean;
}

/** Repeats a request until it succeeds; gives up on what no repetition mends, or if impatient. */
export async function persist<T>(context: ListingContext, request: () => Promise<T>): Promise<T> {
  while (true) {
    context.signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof StripeFault) || !error.passing || context.impatient) throw error;
      context.onFault(error);
      await context.clock.sleep(RETRY_SECONDS * 1000, context.signal);
    }
  }
}

/** Every object of a list, newest first, a page at a time. */
export async function listAll(
  context: ListingContext,
  path: string,
  query: Query,
  onPage: (data: readonly unknown[]) => void | Promise<void>,
): Promise<void> {
  const turn = createPageTurn(path);
  let after: string | null = null;
  while (true) {
    const cursor: Query = after === null ? {} : { starting_after: after };
    const page: StripePage = await persist(
      context,
      () => context.client.list(path, { ...query, limit: PAGE, ...cursor }),
    );
    await onPage(page.data);
    after = turn(page);
    if (after === null) return;
  }
}

/** A stretch that is listed newest first. Its `from` rises when it is split. */
type Window = { -readonly [Field in keyof UnreadStretch]: UnreadStretch[Field] } & {
  /** Ids that came already and may come again. */
  met: ReadonlySet<string>;
  /** How often a page of it was refused in a row. */
  refusals: number;
  turn: PageTurn;
};

/** How often a stretch is begun anew where a page of it is refused. */
const REFUSALS_MAX = 3;

/** Whether a page is refused for what it asks, as when the object that it is to follow is gone. */
function isRefusal(error: unknown): error is StripeFault {
  return error instanceof StripeFault &&
    (error.kind === "bad_request" || error.kind === "not_found");
}

/** Lets what is left of a window be read from its beginning, without the object that is gone. */
function beginAnew(path: string, window: Window): void {
  window.refusals++;
  if (window.after === null) return;
  window.to = Math.min(window.to, window.reached + 1);
  window.after = null;
  window.turn = createPageTurn(path);
}

function stretchOf({ from, to, reached, after, density }: Window): UnreadStretch {
  return { from, to, reached, after, density };
}

export interface WindowOptions {
  /** Unix seconds; nothing was created before. */
  readonly from: number;
  /** Unix seconds; what is created later is left to the events. */
  readonly to: number;
  /** Windows that are read at the same time. */
  readonly workersMax: number;
  /** What an earlier reading had not read, to go on from there; everything without it. */
  readonly rest?: readonly UnreadStretch[];
  /** Completes the objects of a page, each in its place, before they count as read. */
  readonly prepare?: (data: readonly unknown[]) => Promise<readonly unknown[]>;
  /**
   * `left` is about how many objects are still to come; everything created from `readTo` on
   * (Unix seconds) has come. `rest` is what is not read after this page.
   */
  readonly onPage: (
    data: readonly unknown[],
    left: number,
    readTo: number,
    rest: readonly UnreadStretch[],
  ) => void;
  /**
   * Told the stretches that Stripe goes on refusing, once all others are read; without it the
   * refusal is thrown.
   */
  readonly onRefused?: (refused: readonly UnreadStretch[], fault: StripeFault) => void;
}

/** A window with fewer objects left than this is not worth splitting: each costs a part page. */
const SPLIT_OBJECTS_MIN = 3 * PAGE;
/** The newest window's length; each older one is twice as long, as most accounts grow. */
const NEWEST_SECONDS = 30 * 86_400;
/** Workers for each request that may be under way, so that one always waits for its token. */
const WORKERS_PER_SLOT = 2;

function createdOf(value: unknown): number | null {
  const created = (value as { created?: unknown } | null)?.created;
  return typeof created === "number" ? created : null;
}

function objectsLeft(window: Window): number {
  return (window.reached - window.from) * (window.density ?? 0);
}

/** A stretch that nothing was read of in this process. */
function windowOf(path: string, stretch: UnreadStretch): Window {
  return { ...stretch, met: new Set(), refusals: 0, turn: createPageTurn(path) };
}

function openWindow(
  path: string,
  from: number,
  to: number,
  density: number | null = null,
): Window {
  return windowOf(path, { from, to, reached: to, after: null, density });
}

/** Windows over [from, to), newest first: so few that empty years cost next to nothing. */
function firstWindows(path: string, from: number, to: number): Window[] {
  const windows: Window[] = [];
  let end = to;
  for (let length = NEWEST_SECONDS; end > from; length *= 2) {
    const start = Math.max(from, end - length);
    windows.push(openWindow(path, start, end));
    end = start;
  }
  return windows;
}

/** Takes the older half of what the fullest window has left, or `null` if none has enough. */
function split(path: string, windows: ReadonlySet<Window>): Window | null {
  let fullest: Window | null = null;
  for (const window of windows) {
    if (!fullest || objectsLeft(window) > objectsLeft(fullest)) fullest = window;
  }
  if (!fullest || objectsLeft(fullest) < SPLIT_OBJECTS_MIN) return null;
  const middle = Math.floor((fullest.from + fullest.reached) / 2);
  if (middle <= fullest.from) return null;
  const older = openWindow(path, fullest.from, middle, fullest.density);
  fullest.from = middle;
  return older;
}

/** Reads the next page of a window. */
function readPage(
  context: ListingContext,
  path: string,
  query: Query,
  window: Window,
): Promise<StripePage> {
  return persist(context, () =>
    context.client.list(path, {
      ...query,
      limit: PAGE,
      "created[gte]": window.from,
      "created[lt]": window.to,
      ...(window.after === null ? {} : { starting_after: window.after }),
    }));
}

/** Moves a window behind a page; returns the page's part of it and whether more may follow. */
function advance(
  window: Window,
  page: StripePage,
  asked: number,
): { readonly data: readonly unknown[]; readonly more: boolean } {
  /** When an object was created; `null` for a date that was not asked for, which says nothing. */
  const dated = (value: unknown) => {
    const created = createdOf(value);
    return created !== null && created >= asked && created < window.to ? created : null;
  };
  // The window may have been split while the page was under way: the rest is the other's.
  const within = page.data.filter((value) => (dated(value) ?? Infinity) >= window.from);
  const data = window.met.size === 0
    ? within
    : within.filter((value) => !window.met.has(idIn(value) ?? ""));
  const oldest = within.map(dated).findLast((created) => created !== null) ?? window.reached;
  const after = within.length === page.data.length ? window.turn(page) : null;
  const more = after !== null;
  if (more) {
    window.density = within.length / Math.max(1, window.reached - oldest);
    window.after = after;
    const ofSecond = within.filter((value) => dated(value) === oldest)
      .map((value) => idIn(value) ?? "");
    window.met = new Set(oldest === window.reached ? [...window.met, ...ofSecond] : ofSecond);
  }
  window.reached = more ? oldest : window.from;
  window.refusals = 0;
  return { data, more };
}

/**
 * Every object created in [from, to), in parallel windows, as many as the client's limits can
 * feed. While workers are idle, the fullest window gives away the older half of what it has left.
 * Within a window pages follow by cursor, since several objects may share a second.
 */
export async function listWindowed(
  context: ListingContext,
  path: string,
  query: Query,
  options: WindowOptions,
): Promise<void> {
  const windows = new Set<Window>();
  const tasks = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const failing = new AbortController();
  const inner = { ...context, signal: AbortSignal.any([context.signal, failing.signal]) };
  const waiting = options.rest?.map((stretch) => windowOf(path, stretch)) ??
    firstWindows(path, options.from, options.to);
  const refused: Window[] = [];
  let refusal: StripeFault | null = null;
  const { prepare = (data) => Promise.resolve(data) } = options;

  /** The next page; `null` where it is refused again and again. */
  async function nextPage(window: Window): Promise<StripePage | null> {
    while (true) {
      try {
        return await readPage(inner, path, query, window);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusal = error;
        beginAnew(path, window);
        if (window.refusals >= REFUSALS_MAX) return null;
        context.onFault(error);
        await context.clock.sleep(RETRY_SECONDS * 1000, inner.signal);
      }
    }
  }

  async function read(window: Window): Promise<void> {
    for (let more = true; more;) {
      const asked = window.from;
      const page = await nextPage(window);
      if (!page) {
        refused.push(window);
        break;
      }
      const prepared = await prepare(page.data);
      // From here on at once: who keeps `rest` keeps it with what the page brought.
      const advanced = advance(window, { ...page, data: prepared }, asked);
      more = advanced.more;
      const left = [...windows].reduce((sum, each) => sum + objectsLeft(each), 0);
      const open = [...windows, ...waiting, ...refused].filter((each) => each !== window || more);
      const readTo = Math.max(options.from, ...open.map(({ reached }) => reached));
      options.onPage(advanced.data, Math.round(left), readTo, open.map(stretchOf));
      if (more) spread();
    }
    windows.delete(window);
    spread();
  }

  function start(window: Window): void {
    windows.add(window);
    const task = read(window)
      .catch((error) => {
        failures.push(error);
        failing.abort(error);
      })
      .finally(() => tasks.delete(task));
    tasks.add(task);
  }

  function spread(): void {
    const workers = Math.min(options.workersMax, WORKERS_PER_SLOT * context.client.slots());
    while (windows.size < workers) {
      const next = waiting.shift() ?? split(path, windows);
      if (!next) return;
      start(next);
    }
  }

  spread();
  while (tasks.size > 0) await Promise.race(tasks);
  if (failures.length > 0) throw failures[0];
  if (!refusal) return;
  if (refused.length > 0 && !options.onRefused) throw refusal;
  if (refused.length > 0) options.onRefused?.(refused.map(stretchOf), refusal);
}
