/**
 * zod's findings as sentences: what a value must be and which known word is near. The value itself
 * is never told, since it may be a secret.
 *
 * @module
 */
import type * as z from "zod";
import { didYouMean, nearest } from "./nearest.ts";
import type { Path } from "./report.ts";
import { configSchema } from "./schema.ts";
import { keysAt } from "./schema_keys.ts";

type Issue = z.core.$ZodIssue;

export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** The key is wrong, not its value. */
  readonly atKey: boolean;
}

const KINDS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  string: "a text; put it in quotes if it looks like something else",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list: begin each entry with a dash",
  object: "a mapping of keys",
  record: "a mapping of keys",
}));

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
    value,
  );
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, path: Path): Finding[] {
  const known = keysAt(configSchema, path);
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `is no known key${didYouMean(key, known) || `: known are ${known.join(", ")}`}`,
    atKey: true,
  }));
}

function word(value: unknown, known: readonly string[], what: string): string {
  if (value === undefined) return `is missing: ${what} ${known.join(", ")}`;
  return `${what} ${known.join(", ")}${typeof value === "string" ? didYouMean(value, known) : ""}`;
}

function widgetType(value: unknown, known: readonly string[]): string {
  if (value === undefined) return `is missing: a widget's type is one of ${known.join(", ")}`;
  const meant = typeof value === "string" ? nearest(value, known) : null;
  return meant === null
    ? `is no type of widget: known are ${known.join(", ")}`
    : `is no type of widget; did you mean ${meant}?`;
}

/** The branch of a union that was meant: the one whose kind of value fits. */
function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): Finding[] {
  const value = valueAt(root, path);
  if (issue.errors.length === 0) {
    const { options = [] } = issue as { options?: readonly unknown[] };
    return [{ path, message: widgetType(value, options.map(String)), atKey: false }];
  }
  const wrongKind = typeof value === "object"
    ? ["invalid_type", "invalid_value"]
    : ["invalid_type"];
  const fits = issue.errors.find((branch) =>
    !branch.some(({ code, path }) => path.length === 0 && wrongKind.includes(code))
  );
  return findings(fits ?? issue.errors[0]!, root, path);
}

function size(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === "too_small";
  const limit = small ? issue.minimum : issue.maximum;
  if (issue.origin === "string") {
    return limit === 1 && small ? "is empty" : `must have ${bound(small)} ${limit} characters`;
  }
  if (issue.origin === "array") {
    return `must have ${bound(small)} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  }
  return issue.inclusive === false
    ? `must be ${small ? "above" : "below"} ${limit}`
    : `must be ${bound(small)} ${limit}`;
}

function bound(small: boolean): string {
  return small ? "at least" : "at most";
}

function kind(issue: z.core.$ZodIssueInvalidType, value: unknown): string {
  const what = KINDS.get(issue.expected) ?? "another kind of value";
  return value === undefined ? `is missing: it must be ${what}` : `must be ${what}`;
}

function one(issue: Issue, path: Path, root: unknown): Finding[] {
  const found = (message: string, atKey = false): Finding[] => [{ path, message, atKey }];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(issue, path);
    case "invalid_union":
      return union(issue, path, root);
    case "invalid_type":
      return found(kind(issue, value));
    case "invalid_value":
      return found(word(value, issue.values.map(String), "must be one of"));
    case "invalid_key":
      return found(`as a key, ${issue.issues[0]?.message ?? "is not allowed"}`, true);
    case "too_small":
    case "too_big":
      return found(size(issue));
    case "invalid_format":
      return found(issue.format === "url" ? "must be an address with https" : issue.message);
    default:
      return found(issue.message);
  }
}

/** Every finding as a path and a sentence; `root` is the value that was checked. */
export function findings(issues: readonly Issue[], root: unknown, before: Path = []): Finding[] {
  return issues.flatMap((issue) => one(issue, [...before, ...(issue.path as Path)], root));
}
