/**
 * The routes and the cache of visitors with equal access.
 *
 * @module
 */
import type { Hono } from "hono";
import type { AuthOptions } from "./auth.ts";
import { basePathOf, linksUnderBasePath } from "./base_path.ts";
import type { AppDeps, ServerDeps } from "./deps.ts";
import type { PageCache } from "./page_cache.ts";
import { createRouter, limited } from "./router.ts";
import type { Access } from "./visitor.ts";

/** Routes and cache of an access. */
export interface AccessRouter {
  /** Over the pages that are open to it. */
  readonly deps: AppDeps;
  readonly router: Hono;
}

/** Accesses in use, and those from before a reload. */
const ROUTERS_MAX = 100;

/** The part of the cache that is of an access: a key begins with all of its rights. */
function cacheOf(cache: PageCache, { key }: Access): PageCache {
  return {
    ...cache,
    get: (address) => cache.get(`${key} ${address}`),
    set: (address, entry) => cache.set(`${key} ${address}`, entry),
  };
}

/** Finds the router of an access, or makes it. */
export function createAccessRouters(
  given: ServerDeps & Pick<AppDeps, "limitedLog">,
  auth: AuthOptions,
): (access: Access) => AccessRouter {
  const routers = new Map<string, AccessRouter>();
  return function routerOf(access) {
    const known = routers.get(access.key);
    if (known) return known;
    const whole: AppDeps = {
      ...given,
      access,
      cache: cacheOf(given.cache, access),
      linked: (html) => linksUnderBasePath(html, basePathOf(given.live().settings.server)),
    };
    const made = { deps: limited(whole, "pages"), router: createRouter(whole, auth) };
    if (routers.size >= ROUTERS_MAX) routers.clear();
    routers.set(access.key, made);
    return made;
  };
}
