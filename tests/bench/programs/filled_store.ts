/**
 * A store of so many subscriptions, filled as a backfill fills it, and the parts that the routes
 * are given around it: no server, no network.
 *
 * @module
 */
import { accessOf, ANYONE } from "../../../routes/visitor.ts";
import { createMemoryAccess } from "../../../src/store/access/memory.ts";
import { loadConfig } from "../../../config/load.ts";
import type { Settings } from "../../../config/settings.ts";
import type { AppDeps } from "../../../routes/deps.ts";
import { createBroadcaster } from "../../../routes/broadcast.ts";
import { createPageCache } from "../../../routes/page_cache.ts";
import { createAssetShelf } from "../../../src/cli/assets.ts";
import { createHealth } from "../../../src/observability/health.ts";
import { createLogger } from "../../../src/observability/log.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";
import { createRegistry } from "../../../src/observability/registry.ts";
import { systemClock } from "../../../src/resilience/clock.ts";
import { createCompany, SIMULATOR_KEY } from "../../../src/simulator/mod.ts";
import { createMemoryStore } from "../../../src/store/memory.ts";
import type { SourceStore } from "../../../src/store/port.ts";
import { createLedger, type Ledger } from "../../../src/sync/ledger.ts";

export interface Filled {
  readonly store: SourceStore;
  readonly ledger: Ledger;
  /** Subscriptions as Stripe gives them, for changes. */
  readonly some: readonly Readonly<Record<string, unknown>>[];
}

/** Subscriptions kept as they came, to be put again with a change. */
const KEPT = 1000;

export async function builtInSettings(): Promise<Settings> {
  const { settings } = await loadConfig({
    env: (name) => name === "STRIPE_SECRET_KEY" ? SIMULATOR_KEY : undefined,
    readFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
  });
  return settings;
}

/** @param now Unix seconds. */
export function fillStore(subscriptions: number, now: number, { figures }: Settings): Filled {
  // A customer has a little more than one subscription; the rest is left out.
  const { source } = createCompany({ seed: 1, customers: subscriptions, now });
  const store = createMemoryStore({
    name: "default",
    account: source.account.id,
    displayName: "Synthetic",
    livemode: false,
    defaultCurrency: "usd",
    timeZone: "UTC",
    preset: figures.preset,
    options: figures.options,
  });
  const ledger = createLedger(store);
  const all = (kind: Parameters<typeof source.collection>[0]) => {
    const { shelf, view } = source.collection(kind);
    return { entries: shelf.all(), view };
  };
  const prices = all("prices");
  prices.entries.forEach((entry) => ledger.putPrice(prices.view(entry)));
  const coupons = all("coupons");
  coupons.entries.forEach((entry) => ledger.putCoupon(coupons.view(entry)));
  const products = all("products");
  products.entries.forEach((entry) => ledger.putProduct(products.view(entry)));
  const { entries, view } = all("subscriptions");
  const some: Record<string, unknown>[] = [];
  for (const entry of entries.slice(0, subscriptions)) {
    const value = JSON.parse(JSON.stringify(view(entry))) as Record<string, unknown>;
    if (some.length < KEPT && value["status"] === "active") some.push(value);
    ledger.putListed(value, now);
  }
  store.setStatus({ phase: "live", asOf: now, liveSince: now });
  store.publish();
  return { store, ledger, some };
}

/** What the routes are given; `now` stands still. */
export async function depsOf(store: SourceStore, settings: Settings, now: number) {
  const shelf = await createAssetShelf();
  const clock = systemClock();
  const deps: AppDeps = {
    linked: (html) => html,
    access: accessOf(ANYONE, settings),
    accessStore: createMemoryAccess(),
    audit: { record: () => Promise.resolve() },
    limitedLog: { warn: () => {}, error: () => {}, flush: () => {} },
    broadcaster: createBroadcaster({ clock: systemClock(), versions: () => ({}) }),
    compare: () => Promise.resolve(null),
    webhooks: {
      receive: () => Promise.resolve({ kind: "refused", reason: "source_unknown" }),
      refusal: () => null,
      retry: () => false,
    },
    live: () => ({ settings, fault: null, sources: new Map([["default", store]]) }),
    assets: () => shelf.assets,
    asset: shelf.find,
    assetFile: (name) => shelf.file(null, name),
    addAsset: shelf.add,
    customCssHref: () => null,
    health: createHealth({ version: "0", clock, checks: {} }),
    metrics: createMetrics(() => {}),
    business: createRegistry(() => {}),
    log: createLogger({ level: "info", format: "json", now: clock.now, write: () => {} }),
    cache: createPageCache(),
    version: "0",
    now: () => now * 1000,
    demo: null,
    stopping: () => false,
  };
  return deps;
}
