/**
 * Counters, gauges and histograms. Recording is a map look-up and an addition; all text is made
 * when scraped.
 *
 * @module
 */
import { type Family, renderNumber, type Sample } from "./exposition.ts";

/** Series of one metric; what comes beyond them is added up under the label value "other". */
const SERIES_MAX = 1_000;

export interface InstrumentOptions {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Counter extends Family {
  /**
   * Adds `by` (1), which may not be negative; label values in the order of their names. Adding 0
   * shows a series before anything is counted: a rule sees a first step only against a 0.
   */
  inc(labels?: readonly string[], by?: number): void;
}

export interface Gauge extends Family {
  set(value: number, labels?: readonly string[]): void;
}

export interface Histogram extends Family {
  observe(value: number, labels?: readonly string[]): void;
}

/** A counter; one without labels begins at 0. @throws {TypeError} for a malformed name */
export function createCounter(options: InstrumentOptions): Counter {
  const series = createSeries(options, () => ({ value: 0 }));
  return {
    ...family(options),
    type: "counter",
    inc(labels, by = 1) {
      if (by >= 0) series.at(labels).value += by;
    },
    *samples() {
      for (const { labels, state } of series.all()) yield { labels, value: state.value };
    },
  };
}

/** A gauge; one without labels begins at 0. @throws {TypeError} for a malformed name */
export function createGauge(options: InstrumentOptions): Gauge {
  const series = createSeries(options, () => ({ value: 0 }));
  return {
    ...family(options),
    type: "gauge",
    set: (value, labels) => void (series.at(labels).value = value),
    *samples() {
      for (const { labels, state } of series.all()) yield { labels, value: state.value };
    },
  };
}

/** A gauge, or an untyped value, that is read when scraped. @throws {TypeError} as above */
export function createReading(
  options: InstrumentOptions & {
    readonly type: "counter" | "gauge" | "untyped";
    readonly read: Family["samples"];
  },
): Family {
  checkNames(options);
  return { ...family(options), type: options.type, samples: options.read };
}

/**
 * A histogram over ascending upper bounds; `+Inf` is added.
 *
 * @throws {RangeError} when the bounds do not ascend
 * @throws {TypeError} for a malformed name
 */
export function createHistogram(
  options: InstrumentOptions & { readonly bounds: readonly number[] },
): Histogram {
  const { bounds } = options;
  const series = createSeries(options, () => createBins(bounds));
  return {
    ...family(options),
    type: "histogram",
    observe: (value, labels) => series.at(labels).add(value),
    *samples() {
      for (const { labels, state } of series.all()) yield* state.samples(labels);
    },
  };
}

/** The counts of one histogram series. */
export interface Bins {
  add(value: number): void;
  samples(labels: Readonly<Record<string, string>>): Iterable<Sample>;
}

/** Empty bins. @throws {RangeError} when the bounds do not ascend */
export function createBins(bounds: readonly number[]): Bins {
  if (bounds.some((bound, index) => index > 0 && !(bound > bounds[index - 1]!))) {
    throw new RangeError(
      `Cannot create histogram as its bounds must ascend: current value is ${bounds}`,
    );
  }
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    add(value) {
      let index = 0;
      while (index < bounds.length && value > bounds[index]!) index++;
      counts[index]! += 1;
      sum += value;
    },
    *samples(labels) {
      let count = 0;
      for (let index = 0; index < counts.length; index++) {
        count += counts[index]!;
        const le = renderNumber(bounds[index] ?? Infinity);
        yield { suffix: "_bucket", labels: { ...labels, le }, value: count };
      }
      yield { suffix: "_sum", labels, value: sum };
      yield { suffix: "_count", labels, value: count };
    },
  };
}

function family({ name, help }: InstrumentOptions): { name: string; help: string } {
  return { name, help };
}

function checkNames({ name, labels = [] }: InstrumentOptions): void {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
    throw new TypeError(`Cannot create metric as its name is malformed: ${name}`);
  }
  const bad = labels.find((label) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) || label === "le");
  if (bad !== undefined) {
    throw new TypeError(`Cannot create metric ${name} as a label's name is malformed: ${bad}`);
  }
}

interface Series<T> {
  at(values?: readonly string[]): T;
  all(): Iterable<{ labels: Readonly<Record<string, string>>; state: T }>;
}

function createSeries<T>(options: InstrumentOptions, create: () => T): Series<T> {
  checkNames(options);
  const names = options.labels ?? [];
  const known = new Map<string, { labels: Record<string, string>; state: T }>();

  function at(values: readonly string[] = []): T {
    const key = values.length === 1 ? values[0]! : values.join("\u0000");
    const found = known.get(key);
    if (found) return found.state;
    const other = names.map(() => "other");
    if (known.size >= SERIES_MAX && values.some((value) => value !== "other")) return at(other);
    const labels = Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
    const state = create();
    known.set(key, { labels, state });
    return state;
  }

  if (names.length === 0) at();
  return { at, all: () => known.values() };
}
