/**
 * Where a check tells what is wrong: a path of keys in, a problem with its place out.
 *
 * @module
 */
import { type Place, type Problem, problemOf } from "./problems.ts";

export type Path = readonly (string | number)[];

/** Takes a fault at a path; a second one at the same path is dropped. */
export type Report = (path: Path, message: string) => void;

/** Where the value or the key at a path stands in the files. */
export type PlaceOf = (path: Path) => Place | null;

const ENVIRONMENT = "$env";

/** The path of a variable, for faults that are found later than in the environment. */
export function fromEnvironment(name: string): Path {
  return [ENVIRONMENT, name];
}

/** `pages[0].head-widgets[1]` */
export function keyText(path: Path): string | null {
  if (path[0] === ENVIRONMENT) return String(path[1]);
  if (path.length === 0) return null;
  return path.map((key, index) =>
    typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`
  ).join("");
}

/** Collects into `problems`; without files there is no place to name. */
export function createReport(problems: Problem[], placeOf: PlaceOf = () => null): Report {
  const seen = new Set<string>();
  return (path, message) => {
    const id = JSON.stringify(path);
    if (seen.has(id)) return;
    seen.add(id);
    const place = path[0] === ENVIRONMENT ? null : placeOf(path);
    problems.push(problemOf(keyText(path), message, place));
  };
}
