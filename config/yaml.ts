/**
 * YAML text to a tree that knows where each part stands. Aliases and merge keys are resolved,
 * includes are left as nodes to be filled in.
 *
 * @module
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
} from "yaml";
import type { Place } from "./problems.ts";

/** A larger file is no configuration, and the parser takes seconds for it. */
export const FILE_BYTES_MAX = 256 * 1024;
/** Deeper than any configuration; recursion stays far from the end of the stack. */
export const NESTING_MAX = 60;

export interface ScalarTree {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** Written without quotes. */
  readonly plain: boolean;
}

export interface IncludeTree {
  readonly kind: "include";
  readonly place: Place;
  /** As written. */
  readonly path: string;
  /** The included file once it is read; `null` where it could not be. */
  target: Tree | null;
}

export interface Entry {
  readonly key: string;
  readonly place: Place;
  readonly value: Tree;
}

export type Tree =
  | ScalarTree
  | IncludeTree
  | { readonly kind: "map"; readonly place: Place; readonly entries: readonly Entry[] }
  | { readonly kind: "list"; readonly place: Place; readonly items: readonly Tree[] };

export interface ParsedYaml {
  readonly tree: Tree;
  /** Every include of the file, to be filled in. */
  readonly includes: readonly IncludeTree[];
}

/** Takes a fault at a place. */
export type FailAt = (place: Place, message: string) => void;

const INCLUDE_TAGS = ["!include", "!include:"];
const INCLUDE_KEY = "$include";

/** glance's own spelling at the start of an entry; of equal length, so that columns stay. */
function normalizeIncludes(text: string): string {
  return text.replace(/^([ -]*)!include:(?=\s)/gm, `$1${INCLUDE_KEY}:`);
}

/** Says a parser's fault without quoting the file: a value may be a secret. */
function faultText(code: string, message: string): string {
  switch (code) {
    case "RESOURCE_EXHAUSTION":
      return "is nested too deep";
    case "TAG_RESOLVE_FAILED":
      return "has a tag that is not known: only !include is. Put the text in quotes if it is no tag";
    case "MULTIPLE_DOCS":
      return "begins a second document: keep one per file and remove the ---";
    case "TAB_AS_INDENT":
      return "is indented by a tab: use spaces";
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BAD_INDENT":
    case "MULTILINE_IMPLICIT_KEY":
    case "MISSING_CHAR":
    case "UNEXPECTED_TOKEN":
      return `is no valid YAML: ${
        sentence(message)
      }. Look at the indentation and at the quotes (a text with { or : needs them)`;
    default:
      return `is no valid YAML (${code.toLowerCase().replaceAll("_", " ")})`;
  }
}

/** The parser's own words where they hold nothing of the file. */
function sentence(message: string): string {
  return /^[A-Za-z ,'[\]{}-]+$/.test(message) ? message.toLowerCase() : "something is out of place";
}

/** Parses a file's text. Returns `null` once faults are reported. */
export function parseYaml(text: string, file: string, fail: FailAt): ParsedYaml | null {
  const start: Place = { file, line: 1, column: 1 };
  if (new TextEncoder().encode(text).length > FILE_BYTES_MAX) {
    fail(
      start,
      "is larger than 256 KiB: split it by $include, or look whether it is the right file",
    );
    return null;
  }
  const lineCounter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parseDocument(normalizeIncludes(text), {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    customTags: INCLUDE_TAGS.map((tag) => ({ tag, resolve: (path: string) => path })),
  });
  // The first fault is the cause; those after it are mostly its echo.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    fail(placeAt(fault.pos[0]), faultText(fault.code, fault.message));
    return null;
  }
  const { contents } = document;
  if (contents === null) return { tree: { kind: "map", place: start, entries: [] }, includes: [] };
  return buildTree(contents, placeAt, fail);
}

function buildTree(
  contents: Node,
  placeAt: (offset: number) => Place,
  fail: FailAt,
): ParsedYaml {
  const includes: IncludeTree[] = [];
  const done = new Map<Node, Tree>();
  const running = new Set<Node>();
  /** The newest of each name so far; the library looks through all of the file for each alias. */
  const anchors = new Map<string, Node>();
  const placeOf = (node: Node): Place => placeAt(node.range?.[0] ?? 0);
  const nothing = (place: Place): Tree => ({ kind: "scalar", place, value: null, plain: true });

  function included(path: string, place: Place): IncludeTree {
    const node: IncludeTree = { kind: "include", place, path, target: null };
    includes.push(node);
    return node;
  }

  function scalar(node: Scalar, place: Place): Tree {
    const { value } = node;
    if (node.tag && INCLUDE_TAGS.includes(node.tag)) return included(String(value), place);
    const plain = node.type === Scalar.PLAIN || node.type === undefined;
    if (value === null || typeof value === "string" || typeof value === "boolean") {
      return { kind: "scalar", place, value, plain };
    }
    if (typeof value === "number" && Number.isFinite(value)) {
      return { kind: "scalar", place, value, plain };
    }
    fail(place, "is a kind of value that is not supported: use text, numbers, true or false");
    return nothing(place);
  }

  function alias(node: Alias, depth: number): Tree {
    const target = anchors.get(node.source);
    if (target && !running.has(target)) return visit(target, depth);
    fail(
      placeOf(node),
      target
        ? "uses an alias that holds itself"
        : "uses an alias whose anchor does not come before it",
    );
    return nothing(placeOf(node));
  }

  function entriesOf(pair: Pair, depth: number): Entry[] {
    const key = pair.key as Node;
    const place = placeOf(key);
    if (!isScalar(key) || key.value === null || typeof key.value === "object") {
      fail(place, "is no key: keys are plain words");
      return [];
    }
    const value = pair.value === null ? nothing(place) : visit(pair.value as Node, depth);
    const name = String(key.value);
    if (name === INCLUDE_KEY && value.kind === "scalar") {
      if (typeof value.value === "string" && value.value !== "") {
        return [{ key: name, place, value: included(value.value, value.place) }];
      }
      fail(value.place, "must be the path of a file to include");
      return [];
    }
    return [{ key: name, place, value }];
  }

  function map(node: YAMLMap, place: Place, depth: number): Tree {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    const keys = new Set<string>();
    for (const pair of node.items) {
      for (const entry of entriesOf(pair as Pair, depth + 1)) {
        if (entry.key === "<<") merged.push(...mergedEntries(entry, fail));
        else if (keys.has(entry.key)) {
          fail(entry.place, "is there twice: keep one of them");
        } else {
          keys.add(entry.key);
          own.push(entry);
        }
      }
    }
    for (const entry of merged) {
      if (keys.has(entry.key)) continue;
      keys.add(entry.key);
      own.push(entry);
    }
    return { kind: "map", place, entries: own };
  }

  function visit(node: Node, depth: number): Tree {
    if (isAlias(node)) return alias(node, depth);
    const known = done.get(node);
    if (known) return known;
    const place = placeOf(node);
    if (depth > NESTING_MAX) {
      fail(place, "is nested too deep");
      return nothing(place);
    }
    running.add(node);
    if (node.anchor) anchors.set(node.anchor, node);
    const tree: Tree = isMap(node)
      ? map(node, place, depth)
      : isSeq(node)
      ? { kind: "list", place, items: node.items.map((item) => visit(item as Node, depth + 1)) }
      : isScalar(node)
      ? scalar(node, place)
      : nothing(place);
    running.delete(node);
    done.set(node, tree);
    return tree;
  }

  return { tree: visit(contents, 0), includes };
}

/** What `<<` adds: the keys of one mapping, or of several of which the first wins. */
function mergedEntries({ value, place }: Entry, fail: FailAt): readonly Entry[] {
  if (value.kind === "map") return value.entries;
  if (value.kind === "list" && value.items.every((item) => item.kind === "map")) {
    return value.items.flatMap((item) => item.kind === "map" ? item.entries : []);
  }
  fail(place, "must be an alias of a mapping, or a list of such");
  return [];
}
