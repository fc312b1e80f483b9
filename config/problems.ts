/**
 * What is wrong with a configuration: every fault at once, each with its place and what to do.
 *
 * @module
 */

/** A place in a file; lines and columns from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  /** What is wrong and what to do, in a sentence; never a configured value. */
  readonly message: string;
  /** `null` for a fault of the environment. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** `pages[0].width`, or the name of a variable. */
  readonly key: string | null;
}

/** Stripe's keys and secrets by their prefixes: masked wherever a message quotes a text. */
const STRIPE_SECRET = /\b(?:rk|sk|sk_org|pk)_(?:live|test)_\w+|\bwhsec_\w+/g;

/** Takes what looks like a secret out of a message. */
export function mask(text: string): string {
  return text.replace(STRIPE_SECRET, "[secret]");
}

/** A problem with no place but a key: a variable, or the file as a whole. */
export function problemOf(key: string | null, message: string, place?: Place | null): Problem {
  return {
    message: mask(message),
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    key: key === null ? null : mask(key),
  };
}

/** "glance.yml, line 12, column 7", or `null` where no file is to blame. */
export function whereOf({ file, line, column }: Problem): string | null {
  if (file === null) return null;
  return line === null ? file : `${file}, line ${line}, column ${column}`;
}

/** One line for a problem: where, which key, what. */
export function problemText(problem: Problem): string {
  return [whereOf(problem), problem.key, problem.message].filter((part) => part !== null).join(
    ": ",
  );
}

/** The configuration or the environment cannot be used; `message` lists every fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  /** What was read until then, to be watched for the correction. */
  readonly files: readonly string[];

  constructor(problems: readonly Problem[], files: readonly string[] = []) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    super(
      `The configuration has ${count}:\n` +
        problems.map((problem) => `- ${problemText(problem)}`).join("\n"),
    );
    this.problems = problems;
    this.files = files;
  }
}
