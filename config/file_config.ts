/**
 * A configuration file with its includes and variables, checked key by key.
 *
 * @module
 */
import { readFiles } from "./includes.ts";
import type { ConfigIo } from "./io.ts";
import { findings } from "./issues.ts";
import { type Problem, problemOf } from "./problems.ts";
import { createReport, type Report } from "./report.ts";
import { configSchema, type FileConfig } from "./schema.ts";
import { withoutUnsupported } from "./unsupported.ts";
import { type Values, valuesOf, variablesOf } from "./values.ts";
import { resolveVariables } from "./variables.ts";
import type { FailAt } from "./yaml.ts";

export interface ReadConfig {
  /** The sections without a fault; what is wrong with the others is among the problems. */
  readonly config: FileConfig;
  readonly files: readonly string[];
  /** For faults between keys. */
  readonly report: Report;
  /** Sections that had faults, and so are not in `config`. */
  readonly faulty: ReadonlySet<string>;
}

/** Reads and checks a file; what is wrong goes to `problems`. */
export async function readConfig(
  io: ConfigIo,
  path: string,
  problems: Problem[],
): Promise<ReadConfig> {
  const fail: FailAt = (place, message) => void problems.push(problemOf(null, message, place));
  const { tree, files } = await readFiles(io, path, fail);
  if (tree === null) {
    return { config: {}, files, report: createReport(problems), faulty: new Set() };
  }
  const variables = await resolveVariables(io, variablesOf(tree));
  const values = valuesOf(tree, variables, fail);
  const report = createReport(problems, values.placeOf);
  const value = withoutUnsupported(values.value, report);
  return { ...check(value, values, problems, report), files, report };
}

function check(value: unknown, values: Values, problems: Problem[], report: Report) {
  const result = configSchema.safeParse(value);
  const faulty = new Set(values.broken.map(([section]) => String(section)));
  if (!result.success) {
    const reportKey = createReport(problems, values.keyPlaceOf);
    for (const { path, message, atKey } of findings(result.error.issues, value)) {
      faulty.add(String(path[0]));
      if (!isBroken(path, values)) (atKey ? reportKey : report)(path, message);
    }
  }
  const sound = Object.entries(value ?? {}).filter(([section]) => !faulty.has(section));
  const again = configSchema.safeParse(Object.fromEntries(sound));
  return { config: again.success ? again.data : {}, faulty };
}

function isBroken(path: readonly (string | number)[], { broken }: Values): boolean {
  return broken.some((one) => one.every((key, index) => path[index] === key));
}
