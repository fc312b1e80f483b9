/**
 * A file and those it includes: `$include: other.yml`, relative to the including file.
 *
 * @module
 */
import { type ConfigIo, whyUnreadable } from "./io.ts";
import type { Place } from "./problems.ts";
import { type FailAt, parseYaml, type Tree } from "./yaml.ts";

/** glance's own limit. */
export const INCLUDE_DEPTH_MAX = 20;
const FILES_MAX = 200;

export interface ReadFiles {
  /** `null` where the first file could not be used. */
  readonly tree: Tree | null;
  /** Every file that was read or should have been, the first one first. */
  readonly files: readonly string[];
}

/** A path relative to the file that names it, without `.` and `..` where they can be resolved. */
export function relativeTo(file: string, path: string): string {
  const joined = path.startsWith("/") ? path : file.slice(0, file.lastIndexOf("/") + 1) + path;
  const parts: string[] = [];
  for (const part of joined.split("/")) {
    const last = parts.at(-1);
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && last !== undefined && last !== ".." && last !== "") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** Reads a file and everything it includes. */
export async function readFiles(io: ConfigIo, path: string, fail: FailAt): Promise<ReadFiles> {
  const known = new Map<string, Tree | null>();

  async function read(file: string, chain: readonly string[], from: Place): Promise<Tree | null> {
    known.set(file, null);
    let text;
    try {
      text = await io.readFile(file);
    } catch (error) {
      const what = chain.length === 0 ? "cannot be read" : `includes ${file}, which cannot be read`;
      fail(from, `${what}: ${whyUnreadable(error)}`);
      return null;
    }
    const parsed = parseYaml(text, file, fail);
    for (const include of parsed?.includes ?? []) {
      include.target = await follow(include.path, include.place, [...chain, file]);
    }
    const tree = parsed?.tree ?? null;
    known.set(file, tree);
    return tree;
  }

  async function follow(path: string, place: Place, chain: readonly string[]) {
    const file = relativeTo(place.file, path);
    if (chain.includes(file)) {
      fail(place, `includes ${file}, which includes this file: break the circle`);
      return null;
    }
    if (known.has(file)) return known.get(file) ?? null;
    if (chain.length > INCLUDE_DEPTH_MAX || known.size >= FILES_MAX) {
      fail(place, `includes more than ${INCLUDE_DEPTH_MAX} levels or ${FILES_MAX} files`);
      return null;
    }
    return await read(file, chain, place);
  }

  const tree = await read(path, [], { file: path, line: 1, column: 1 });
  return { tree, files: [...known.keys()] };
}
