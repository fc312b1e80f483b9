/**
 * From trees to plain values with the place of each, variables put in.
 *
 * @module
 */
import type { Place } from "./problems.ts";
import type { Path } from "./report.ts";
import { substitute, type Variables, variablesIn } from "./variables.ts";
import type { Entry, FailAt, Tree } from "./yaml.ts";
import { NESTING_MAX } from "./yaml.ts";

/** Far above any configuration: what aliases may blow a file up to. */
export const VALUES_MAX = 20_000;

export interface Values {
  readonly value: unknown;
  /** Place of a value, or the nearest one around it. */
  readonly placeOf: (path: Path) => Place | null;
  /** Place of a key itself, for keys that should not be there. */
  readonly keyPlaceOf: (path: Path) => Place | null;
  /** Paths whose value could not be made: nothing else is said about them. */
  readonly broken: readonly Path[];
}

/** Every variable that a tree uses. */
export function variablesOf(tree: Tree): Set<string> {
  const names = new Set<string>();
  const seen = new Set<Tree>();
  const waiting: Tree[] = [tree];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === "map") waiting.push(...node.entries.map(({ value }) => value));
    else if (node.kind === "list") waiting.push(...node.items);
    else if (node.kind === "include") { if (node.target) waiting.push(node.target); }
    else if (typeof node.value === "string") {
      for (const name of variablesIn(node.value)) names.add(name);
    }
  }
  return names;
}

/** The entries of a mapping with those of the files it includes in their place. */
function allEntries(entries: readonly Entry[], fail: FailAt): Entry[] {
  return entries.flatMap((entry) => {
    if (entry.key !== "$include" || entry.value.kind !== "include") return [entry];
    const { target } = entry.value;
    if (target === null) return [];
    if (target.kind === "map") return allEntries(target.entries, fail);
    fail(entry.value.place, "includes a file that is no mapping beside other keys");
    return [];
  });
}

/** Whether a mapping is nothing but an include, and so stands for the whole file. */
function soleInclude(tree: Tree): Tree | null {
  if (tree.kind === "include") return tree;
  const first = tree.kind === "map" && tree.entries.length === 1 ? tree.entries[0] : undefined;
  return first?.key === "$include" && first.value.kind === "include" ? first.value : null;
}

/** The list that an item includes, which stands in the item's place; `null` for any other item. */
function includedList(item: Tree): (Tree & { readonly kind: "list" }) | null {
  let tree: Tree = item;
  for (let include = soleInclude(tree); include; include = soleInclude(tree)) {
    if (include.kind !== "include" || include.target === null) return null;
    tree = include.target;
  }
  return tree !== item && tree.kind === "list" ? tree : null;
}

const SEPARATOR = "\u0000";

/** Makes the values. The key of a mapping without a value counts as left out. */
export function valuesOf(tree: Tree, variables: Variables, fail: FailAt): Values {
  const places = new Map<string, Place>();
  const keyPlaces = new Map<string, Place>();
  const broken: Path[] = [];
  let count = 0;

  function map(entries: readonly Entry[], path: Path, depth: number): unknown {
    const result: Record<string, unknown> = {};
    for (const { key, place, value } of allEntries(entries, fail)) {
      if (Object.hasOwn(result, key)) {
        fail(place, "is there twice, once by an include: keep one of them");
        continue;
      }
      // A section of that name is unknown anyway; below, a name of the operator's would be lost.
      if (key === "__proto__" && path.length > 0) {
        fail(place, "__proto__ is a word of the program's language and no name: choose another");
        continue;
      }
      const own = [...path, key];
      keyPlaces.set(own.join(SEPARATOR), place);
      const made = visit(value, own, depth + 1, place);
      Object.defineProperty(result, key, {
        value: made ?? undefined,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return result;
  }

  /** The items of a list, with those of the lists that it includes in their place. */
  function* spliced(items: readonly Tree[]): Generator<Tree> {
    for (const item of items) {
      const list = includedList(item);
      // Lists that include each other many times over are bounded like all other values.
      if (list === null || count >= VALUES_MAX) yield item;
      else {
        count++;
        yield* spliced(list.items);
      }
    }
  }

  function visit(node: Tree, path: Path, depth: number, keyPlace: Place | null): unknown {
    if (++count > VALUES_MAX || depth > NESTING_MAX) {
      if (count === VALUES_MAX + 1) {
        fail(node.place, `grows to more than ${VALUES_MAX} values by its aliases and includes`);
      } else if (count <= VALUES_MAX) fail(node.place, "is nested too deep");
      return undefined;
    }
    const include = soleInclude(node);
    if (include?.kind === "include") {
      if (include.target) return visit(include.target, path, depth + 1, keyPlace);
      places.set(path.join(SEPARATOR), include.place);
      broken.push(path);
      return undefined;
    }
    const place = node.kind === "scalar" ? node.place : keyPlace ?? node.place;
    places.set(path.join(SEPARATOR), place);
    if (node.kind === "map") return map(node.entries, path, depth);
    if (node.kind === "list") {
      return [...spliced(node.items)]
        .map((item, index) => visit(item, [...path, index], depth + 1, null));
    }
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      return node.kind === "scalar" ? node.value : undefined;
    }
    return substitute(node.value, node.plain, variables, (message) => {
      fail(node.place, message);
      broken.push(path);
    });
  }

  const value = visit(tree, [], 0, null);
  const placeOf = (path: Path): Place | null => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(path.slice(0, length).join(SEPARATOR));
      if (place) return place;
    }
    return null;
  };
  return {
    value,
    placeOf,
    keyPlaceOf: (path) => keyPlaces.get(path.join(SEPARATOR)) ?? placeOf(path),
    broken,
  };
}
