/** Expansion: reading `expand[]`, refusing what Stripe refuses, and shaping an object by it. */
import { expansionTooDeep, expansionUnknown } from "./errors.ts";
import type { Kind, StripeObject } from "./kinds.ts";
import type { Rule, Schema } from "./schema.ts";

/** The expanded fields as a tree: `data.items.data.discounts` is four nodes deep. */
export interface ExpandTree {
  readonly [field: string]: ExpandTree;
}

/** Finds the full object behind an id; undefined if there is none. */
export type Resolve = (kind: Kind, id: string) => StripeObject | undefined;

const LEVELS_MAX = 4;
const NESTED_LIST_MAX = 10;

/**
 * Reads paths such as `items.data.discounts` into a tree.
 *
 * @throws ApiError 400 for more than four levels, or a field that cannot be expanded.
 */
export function readExpand(paths: readonly string[], schema: Schema, isList: boolean): ExpandTree {
  const root: Record<string, ExpandTree> = Object.create(null);
  for (const path of paths) {
    const fields = path.split(".");
    if (fields.length > LEVELS_MAX) throw expansionTooDeep(path);
    if (isList) checkListPath(fields, schema);
    else checkFields(fields, schema);
    let node: Record<string, ExpandTree> = root;
    for (const field of fields) {
      node = (node[field] ??= Object.create(null)) as Record<string, ExpandTree>;
    }
  }
  return isList ? root["data"] ?? {} : root;
}

function checkListPath(fields: readonly string[], schema: Schema): void {
  const [first = "", ...rest] = fields;
  if (first !== "data") {
    throw expansionUnknown(
      first,
      Object.hasOwn(schema, first) ? `data.${fields.join(".")}` : undefined,
    );
  }
  if (rest.length > 0) checkFields(rest, schema);
}

function checkFields(fields: readonly string[], schema: Schema): void {
  const [field = "", ...rest] = fields;
  const rule = Object.hasOwn(schema, field) ? schema[field] : undefined;
  if (!rule || (rest.length === 0 && (rule.is === "part" || rule.is === "parts"))) {
    throw expansionUnknown(field);
  }
  if (rest.length === 0) return;
  if (rule.is === "hidden" && rule.keyed) {
    // `currency_options.tiers`, without a currency, is accepted and does nothing.
    const [currency = "", ...inside] = rest;
    if (!Object.hasOwn(rule.keyed, currency) && inside.length > 0) checkFields(inside, rule.keyed);
    return;
  }
  const inner = rule.is === "hidden" ? rule.list : rule.schema;
  const isList = rule.is === "list" || (rule.is === "hidden" && rule.list !== undefined);
  if (isList) checkListPath(rest, inner ?? {});
  else checkFields(rest, inner ?? {});
}

function isObject(value: unknown): value is StripeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Gives an object as Stripe sends it, with the fields of `tree` expanded. */
export function shape(
  full: StripeObject,
  schema: Schema,
  tree: ExpandTree,
  resolve: Resolve,
): StripeObject {
  const shaped: Record<string, unknown> = { ...full };
  for (const field in schema) {
    const value = full[field];
    if (value === undefined || value === null) continue;
    shaped[field] = shapeField(value, schema[field]!, tree[field], resolve);
  }
  return shaped;
}

function shapeField(
  value: unknown,
  rule: Rule,
  tree: ExpandTree | undefined,
  resolve: Resolve,
): unknown {
  switch (rule.is) {
    case "ref":
      return shapeReference(value, rule, tree, resolve);
    case "refs":
      return Array.isArray(value)
        ? value.map((each) => shapeReference(each, rule, tree, resolve))
        : value;
    case "part":
      return isObject(value) ? shapePart(value, rule.schema, tree, resolve) : value;
    case "parts":
      return Array.isArray(value)
        ? value.map((each) => isObject(each) ? shape(each, rule.schema, tree ?? {}, resolve) : each)
        : value;
    case "list":
      return isObject(value) ? shapeList(value, rule.schema, tree?.["data"] ?? {}, resolve) : value;
    case "hidden":
      // JSON leaves out what is undefined.
      return tree === undefined ? undefined : shapeHidden(value, rule, tree, resolve);
  }
}

/** What a frozen part looks like unexpanded: prices and plans are shared by many items. */
const frozenShapes = new WeakMap<StripeObject, StripeObject>();

function shapePart(
  value: StripeObject,
  schema: Schema,
  tree: ExpandTree | undefined,
  resolve: Resolve,
): StripeObject {
  if (tree || !Object.isFrozen(value)) return shape(value, schema, tree ?? {}, resolve);
  let shaped = frozenShapes.get(value);
  if (!shaped) frozenShapes.set(value, shaped = shape(value, schema, {}, resolve));
  return shaped;
}

function shapeReference(
  value: unknown,
  rule: Extract<Rule, { is: "ref" | "refs" }>,
  tree: ExpandTree | undefined,
  resolve: Resolve,
): unknown {
  const inline = isObject(value) ? value : undefined;
  const id = inline ? inline["id"] : value;
  if (tree === undefined) return id;
  const stored = rule.kind && typeof id === "string" ? resolve(rule.kind, id) : undefined;
  const found = stored ?? inline;
  return found ? shape(found, rule.schema ?? {}, tree, resolve) : id;
}

function shapeHidden(
  value: unknown,
  rule: Extract<Rule, { is: "hidden" }>,
  tree: ExpandTree,
  resolve: Resolve,
): unknown {
  if (!isObject(value)) return value;
  if (rule.list) return shapeList(value, rule.list, tree["data"] ?? {}, resolve);
  const keyed = rule.keyed;
  if (!keyed) return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [key, part],
    ) => [key, isObject(part) ? shape(part, keyed, tree[key] ?? {}, resolve) : part]),
  );
}

/** A nested list holds its first ten; `has_more` says that there are others at `url`. */
function shapeList(
  list: StripeObject,
  schema: Schema,
  tree: ExpandTree,
  resolve: Resolve,
): StripeObject {
  const data = Array.isArray(list["data"]) ? list["data"] as StripeObject[] : [];
  return {
    ...list,
    data: data.slice(0, NESTED_LIST_MAX).map((each) => shape(each, schema, tree, resolve)),
    has_more: list["has_more"] === true || data.length > NESTED_LIST_MAX,
  };
}
