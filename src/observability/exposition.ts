/**
 * The text format that Prometheus reads (version 0.0.4).
 *
 * @module
 */

/** The content type to answer with. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type MetricType = "counter" | "gauge" | "histogram" | "untyped";

export interface Sample {
  /** Behind the family's name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All samples of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** Read when scraped. */
  samples(): Iterable<Sample> | Promise<Iterable<Sample>>;
}

/** A family's lines: HELP, TYPE and one for each sample. */
export function renderFamily(
  family: Pick<Family, "name" | "help" | "type">,
  samples: Iterable<Sample>,
): string {
  const { name, help, type } = family;
  const lines = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`];
  for (const { suffix = "", labels = {}, value } of samples) {
    lines.push(`${name}${suffix}${renderLabels(labels)} ${renderNumber(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

/** As Go reads it: infinity is `+Inf`. */
export function renderNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
