/** Turns a GET into Stripe's answer: authentication, permissions, lists, single objects. */
import * as errors from "./errors.ts";
import { type ExpandTree, readExpand, type Resolve, shape } from "./expand.ts";
import { listFilter, listParameters } from "./filters.ts";
import { type Kind, KINDS, type Resource, type StripeObject, WORDS } from "./kinds.ts";
import { type Query, readQuery } from "./query.ts";
import { type Schema, SCHEMAS } from "./schema.ts";
import { createShelf, type Entry } from "./shelf.ts";
import type { Collection, Source } from "./source.ts";

export interface HandlerOptions {
  readonly source: Source;
  readonly key: string;
  readonly forbidden: () => ReadonlySet<Resource>;
}

/** A single object takes `expand` alone. */
const SINGLE = { isList: false, ranges: [], filters: [] };

function keyOf(request: Request): string {
  const [scheme = "", value = ""] = (request.headers.get("authorization") ?? "").split(" ");
  if (/^bearer$/i.test(scheme) && value) return value;
  if (/^basic$/i.test(scheme) && value) {
    try {
      return atob(value).split(":")[0]!;
    } catch {
      throw errors.keyMissing();
    }
  }
  throw errors.keyMissing();
}

/** An id from a path; one that is no valid text is looked for as it is, and not found. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function isKind(name: string): name is Kind {
  return (KINDS as readonly string[]).includes(name);
}

/** Creates the function that answers a request with a Stripe object, or throws an ApiError. */
export function createHandler({ source, key, forbidden }: HandlerOptions) {
  const resolve: Resolve = (kind, id) => {
    const { shelf, view } = source.collection(kind);
    const entry = shelf.get(id);
    if (entry) return view(entry);
    const removed = shelf.removed(id);
    if (!removed) return undefined;
    // A discount keeps its coupon after the coupon's deletion; other references lose their object.
    return kind === "coupons" ? { ...view(removed), valid: false } : deletedShape(kind, id);
  };

  function checkAccess(request: Request, resource: Resource): void {
    if (forbidden().has(resource)) {
      throw errors.permissionMissing(
        keyOf(request),
        source.account.id,
        WORDS[resource].permission,
      );
    }
  }

  return function handle(request: Request): StripeObject {
    const { pathname, searchParams } = new URL(request.url);
    const sent = keyOf(request);
    if (sent !== key) throw errors.keyInvalid(sent);
    if (request.method !== "GET") throw errors.methodRefused(request.method, pathname);
    const [, version, name = "", id, nested, ...rest] = pathname.split("/");
    const unknown = errors.urlUnknown(request.method, pathname);
    if (version !== "v1" || rest.length > 0 || !Object.hasOwn(WORDS, name)) throw unknown;
    const resource = name as Resource;
    checkAccess(request, resource);
    if (resource === "account" || resource === "balance") {
      if (id !== undefined) throw unknown;
      return source[resource] as unknown as StripeObject;
    }
    if (resource === "invoices" && id && nested === "lines") {
      return listLines(id, searchParams, resolve);
    }
    if (nested !== undefined) throw unknown;
    if (resource === "subscription_items") {
      return id
        ? retrieveItem(source.collection("subscriptions"), id, searchParams, resolve)
        : listItems(searchParams, resolve);
    }
    if (!isKind(resource)) throw unknown;
    const collection = source.collection(resource);
    return id
      ? retrieve(resource, collection, decoded(id), searchParams, resolve)
      : list(resource, collection, pathname, searchParams, resolve);
  };
}

/** What is left of a deleted object. */
function deletedShape(kind: Kind, id: string): StripeObject {
  return { id, object: WORDS[kind].object, deleted: true };
}

function retrieve(
  kind: Kind,
  collection: Collection,
  id: string,
  search: URLSearchParams,
  resolve: Resolve,
): StripeObject {
  const query = readQuery(search, SINGLE);
  const tree = readExpand(query.expand, SCHEMAS[kind], false);
  const { shelf, view } = collection;
  const entry = shelf.get(id);
  if (entry) return shape(view(entry), SCHEMAS[kind], tree, resolve);
  if (shelf.removed(id)) return deletedShape(kind, id);
  throw errors.missing(WORDS[kind].object, id, "id");
}

function list(
  kind: Kind,
  collection: Collection,
  url: string,
  search: URLSearchParams,
  resolve: Resolve,
): StripeObject {
  const query = readQuery(search, listParameters(kind));
  const tree = readExpand(query.expand, SCHEMAS[kind], true);
  const filter = listFilter(kind, query);
  return pageOf(collection, { query, tree, filter, url, schema: SCHEMAS[kind] }, resolve, kind);
}

interface ListRequest {
  readonly query: Query;
  readonly tree: ExpandTree;
  readonly filter?: ((object: StripeObject) => boolean) | undefined;
  readonly url: string;
  readonly schema: Schema;
}

function pageOf(
  { shelf, view, peek = view }: Collection,
  { query, tree, filter, url, schema }: ListRequest,
  resolve: Resolve,
  kind: Resource,
): StripeObject {
  const cursor = (id: string | undefined, name: string): Entry | undefined => {
    if (id === undefined) return undefined;
    const entry = shelf.get(id);
    if (!entry) throw errors.missing(WORDS[kind].object, id, name);
    return entry;
  };
  const startingAfter = cursor(query.startingAfter, "starting_after");
  const endingBefore = cursor(query.endingBefore, "ending_before");
  const page = shelf.page({
    ...query.ranges.get("created"),
    limit: query.limit,
    ...(startingAfter ? { startingAfter } : {}),
    ...(endingBefore ? { endingBefore } : {}),
    ...(filter ? { matches: (entry: Entry) => filter(peek(entry)) } : {}),
  });
  return {
    object: "list",
    data: page.data.map((entry) => shape(view(entry), schema, tree, resolve)),
    has_more: page.hasMore,
    url,
  };
}

/** A nested list as a collection of its own, in the order it has. */
function nestedCollection(objects: readonly StripeObject[]): Collection {
  const entries = objects.map((object, index) => ({
    id: String(object["id"]),
    // Nested lists keep their own order, which `created` does not give; the index does.
    created: objects.length - index,
    object,
  }));
  return {
    shelf: createShelf<Entry>(entries),
    view: (entry) => (entry as typeof entries[number]).object,
  };
}

function listItems(search: URLSearchParams, resolve: Resolve): StripeObject {
  const query = readQuery(search, { isList: true, ranges: [], filters: ["subscription"] });
  const tree = readExpand(query.expand, SCHEMAS.subscription_items, true);
  const [id] = query.filters.get("subscription") ?? [];
  if (id === undefined) throw errors.parameterMissing("subscription");
  const subscription = resolve("subscriptions", id);
  if (!subscription) throw errors.missing("subscription", id, "subscription");
  const { data } = subscription["items"] as { data: readonly StripeObject[] };
  const request = {
    query,
    tree,
    url: "/v1/subscription_items",
    schema: SCHEMAS.subscription_items,
  };
  return pageOf(nestedCollection(data), request, resolve, "subscription_items");
}

function listLines(id: string, search: URLSearchParams, resolve: Resolve): StripeObject {
  const query = readQuery(search, { isList: true, ranges: [], filters: [] });
  const tree = readExpand(query.expand, SCHEMAS.lines, true);
  const invoice = resolve("invoices", id);
  if (!invoice) throw errors.missing("invoice", id, "id");
  const { data } = invoice["lines"] as { data: readonly StripeObject[] };
  const request = { query, tree, url: `/v1/invoices/${id}/lines`, schema: SCHEMAS.lines };
  return pageOf(nestedCollection(data), request, resolve, "invoices");
}

function retrieveItem(
  { shelf, view }: Collection,
  id: string,
  search: URLSearchParams,
  resolve: Resolve,
): StripeObject {
  const query = readQuery(search, SINGLE);
  const tree = readExpand(query.expand, SCHEMAS.subscription_items, false);
  for (const entry of shelf.all()) {
    const { data } = view(entry)["items"] as { data: readonly StripeObject[] };
    const item = data.find((each) => each["id"] === id);
    if (item) return shape(item, SCHEMAS.subscription_items, tree, resolve);
  }
  throw errors.missing("subscription_item", id, "id");
}
