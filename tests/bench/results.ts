/**
 * What a run found, as `RESULTS.md`: a table for each benchmark, replaced as a whole when that
 * benchmark runs again.
 *
 * @module
 */
import type { Usage } from "./child.ts";

export interface Row {
  readonly what: string;
  /** As measured, with its unit. */
  readonly figure: string;
  /** Against the baseline of the same run. */
  readonly ratio: string;
  readonly target: string;
  /** `null` where there is no target. */
  readonly met: boolean | null;
}

export interface Section {
  readonly title: string;
  /** What the ratios are against, and how it was measured. */
  readonly about: string;
  readonly rows: readonly Row[];
}

/** One of the benchmarks: measures, and says what it found. */
export type Benchmark = () => Promise<Section>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** CPU between two readings, in milliseconds. */
export function cpuBetween(before: Usage, after: Usage): number {
  return after.cpuMs - before.cpuMs;
}

export function ratioText(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

const METS = new Map([[true, "yes"], [false, "**no**"], [null, ""]]);

function machine(): string {
  const { total } = Deno.systemMemoryInfo();
  const cores = navigator.hardwareConcurrency;
  const [load] = Deno.loadavg();
  return `${cores} cores, ${Math.round(total / 2 ** 30)} GB, Deno ${Deno.version.deno}; ` +
    `load average at the start ${load!.toFixed(1)}`;
}

/** When and where a benchmark begins; other work on the machine shows in its load. */
export function circumstances(): string {
  return `${new Date().toISOString().slice(0, 10)}; ${machine()}.`;
}

/** @param begun The `circumstances` of its beginning. */
export function sectionText(name: string, { title, about, rows }: Section, begun: string): string {
  return [
    `## ${name}: ${title}`,
    "",
    `${begun} ${about}`,
    "",
    "| what | figure | ratio | target | met |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) =>
      `| ${row.what} | ${row.figure} | ${row.ratio} | ${row.target} | ${METS.get(row.met)} |`
    ),
    "",
  ].join("\n");
}

const HEAD = `# Benchmarks

Written by \`deno task bench\`; see \`main.ts\` for how. Times depend on the machine and on what else
runs on it; a ratio is against a baseline of the same run, and holds better. Nothing here gates a
test.
`;

/** The text with these sections in place of the ones of the same names, in the order of `names`. */
export function withSections(
  text: string,
  names: readonly string[],
  fresh: ReadonlyMap<string, string>,
): string {
  const known = new Map<string, string>();
  for (const part of text.split(/^(?=## )/m).slice(1)) {
    known.set(/^## (\w+)/.exec(part)?.[1] ?? "", `${part.trimEnd()}\n`);
  }
  const sections = names.flatMap((name) => fresh.get(name) ?? known.get(name) ?? []);
  return [HEAD, ...sections].join("\n");
}
