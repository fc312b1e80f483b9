/**
 * The running sources: one for each configured account, kept in step with Stripe. A reload of the
 * configuration keeps what has not changed.
 *
 * @module
 */
import type { AccountSettings, FigureSettings, Settings } from "../../config/settings.ts";
import type { WebhookDesk } from "../../routes/deps.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { ResilientFetchOptions } from "../resilience/resilient_fetch.ts";
import type { DurableStore } from "../store/durable.ts";
import type { SourceStore, SourceView } from "../store/port.ts";
import type { PostgresDatabase } from "../store/postgres/database.ts";
import type { Clock, FetchLike } from "../stripe/client.ts";
import type { CustomerLabels } from "../stripe/customer_labels.ts";
import { type ClientPool, createClientPool, type PooledClient } from "../stripe/pool.ts";
import type { Compared } from "../sync/comparer.ts";
import { startSourceSync } from "../sync/source_sync.ts";
import { keepAlone, type Keeper } from "./keeper.ts";
import { createLabelDesk } from "./label_desk.ts";
import { openReplica, type Replica } from "./replica.ts";
import { logSync, progressLog, publishMetrics, recordStripe } from "./source_log.ts";
import { identityOf, infoOf, limitsOf, pollSecondsOf, sameFigures } from "./source_settings.ts";
import { keepOpenings } from "./openings.ts";
import { type OpenedStore, openingCounted, startStore, type Storage } from "./source_store.ts";
import { withinSource } from "./traced.ts";
import { createWebhookDesk } from "./webhook_desk.ts";

export interface SourcesOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly fetch: FetchLike;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | null;
  /** Seconds between two looks at the events, at most. */
  readonly pollSeconds: number;
  /** In place of the limits that the configuration leaves out. */
  readonly limits?: Partial<ResilientFetchOptions>;
  /** Where sources keep their facts; in memory alone without one. */
  readonly storage?: Storage | null;
  /** Where replicas keep them together, in place of `storage`. */
  readonly replicated?: PostgresDatabase | null;
  /** Milliseconds that a replica's lease lasts. */
  readonly leaseMs?: number;
  /** Asks a source's view what its pages ask; no openings are kept without it. */
  readonly readPages?: (name: string, view: SourceView) => Generator<void>;
  /** Lets everything else that waits have its turn. */
  readonly pause?: () => Promise<void>;
  /** Called after each new version of any source. */
  readonly onChange: () => void;
}

/** Subscriptions whose renewals are laid out at a time. */
const WARMED_AT_ONCE = 20;

/** A source that is shown; started once its client is there. */
interface Opened {
  readonly keeper: Keeper;
  /** As the configuration has them now; a keeper asks for them whenever it counts. */
  figures: FigureSettings;
  store: SourceStore;
  unsubscribe: () => void;
}

interface Running {
  readonly clientId: string;
  readonly identity: string;
  readonly opened: Opened;
}

export interface Sources {
  readonly webhooks: WebhookDesk;
  /**
   * Compares a source with Stripe; `null` where another replica was asked to.
   *
   * @throws {StripeFault}
   */
  compare(source: string): Promise<Compared | null>;
  readonly views: ReadonlyMap<string, SourceView>;
  readonly pool: ClientPool;
  /** What a source's customers are called; `null` for their ids. */
  labels(source: string): CustomerLabels | null;
  /** Shows the sources of the settings as they were kept, or as connecting, before they start. */
  announce(settings: Settings): Promise<void>;
  /** Starts, keeps or stops sources so that they are those of the settings. */
  apply(settings: Settings): Promise<void>;
  /** Resolves when all that was kept of every source is loaded. @throws {StorageError} */
  loaded(): Promise<void>;
  /** Facts that are read so far. */
  read(): number;
  stop(): Promise<void>;
}

export function createSources(options: SourcesOptions): Sources {
  const { clock, log, metrics } = options;
  const pool = createClientPool();
  const running = new Map<string, Running>();
  const views = new Map<string, SourceView>();
  const labels = createLabelDesk(clock);
  const desk = createWebhookDesk({
    now: clock.now,
    retry: (source, event) => running.get(source)?.opened.keeper.retry(event) ?? false,
  });

  /** Sources that are shown before they are started. */
  const announced = new Map<string, Opened>();
  const holder = crypto.randomUUID();
  const unlisten = options.replicated?.listen((change) => {
    for (const { keeper } of shown()) if ("wake" in keeper) (keeper as Replica).wake(change);
  });

  const shown = () => [
    ...announced.values(),
    ...[...running.values()].map(({ opened }) => opened),
  ];

  /** Shows a store in place of the one that was shown before. */
  function show(
    opened: Omit<Opened, "keeper">,
    name: string,
    store: SourceStore,
    view: SourceView = store,
  ): void {
    opened.unsubscribe();
    opened.store = store;
    store.setQuotes(opened.figures.reporting?.quotes ?? null);
    const sayProgress = progressLog(log.child({ source: name }), store, clock);
    opened.unsubscribe = store.subscribe(() => {
      sayProgress();
      publishMetrics(metrics, name, store);
      options.onChange();
    });
    views.set(name, view);
    options.onChange();
  }

  const pause = options.pause ?? (() => new Promise<void>((resolve) => setTimeout(resolve)));
  const quotesOf = ({ reporting }: FigureSettings) => reporting?.quotes?.digest ?? null;

  /** Follows the facts with their opening; returns what ends that. */
  function followOpening(
    opened: OpenedStore,
    account: AccountSettings,
    figures: () => FigureSettings,
  ) {
    const { readPages } = options;
    const { store, ledger } = opened;
    if (!readPages || !("keepOpening" in store)) return () => Promise.resolve();
    return keepOpenings({
      store: store as DurableStore,
      ledger,
      clock,
      log: log.child({ source: account.name }),
      counted: () => openingCounted(store.info, account.exclude, quotesOf(figures())),
      read: (view) => readPages(account.name, view),
    });
  }

  /** What fails here fails again on the page that needs it, and is told there. */
  function* warm(name: string, store: SourceStore): Generator<void> {
    if (!options.readPages || store.status.asOf === null) return;
    const now = Math.floor(clock.now() / 1000);
    while (store.settleRenewals(now, WARMED_AT_ONCE) > 0) yield;
    try {
      yield* options.readPages(name, store);
    } catch (error) {
      log.child({ source: name }).warn("a page could not be made ready", { error });
    }
  }

  async function open(account: AccountSettings, figures: FigureSettings): Promise<Opened> {
    const { name } = account;
    const { replicated, storage, leaseMs } = options;
    metrics.beginSource(name);
    const of = log.child({ source: name });
    const opened = { figures, store: null as unknown as SourceStore, unsubscribe: () => {} };
    const info = () => infoOf(account, opened.figures);
    const onStore = (store: SourceStore, view: SourceView) => show(opened, name, store, view);
    const quotes = quotesOf(figures);
    if (replicated) {
      const keeper = await openReplica({
        database: replicated,
        account,
        holder,
        clock,
        log: of,
        info,
        onStore,
        quotes,
        pause,
        warm: (store) => warm(name, store),
        onLease: (held) => metrics.setLease(name, held),
        ...(leaseMs ? { leaseMs } : {}),
      });
      return Object.assign(opened, { keeper });
    }
    const now = () => Math.floor(clock.now() / 1000);
    const alone = startStore(account, info, storage ?? null, of, now, quotes);
    onStore(alone.store, alone.view);
    metrics.setLease(name, true);
    const onLoaded = () => show(opened, name, alone.store);
    const ready = (store: SourceStore) => warm(name, store);
    const keeper = keepAlone(alone, { clock, info, pause, warm: ready, onLoaded });
    return Object.assign(opened, { keeper });
  }

  async function start(
    account: AccountSettings,
    settings: Settings,
    client: PooledClient,
    pollSeconds: number,
    given?: Opened,
  ): Promise<void> {
    const { name } = account;
    const of = log.child({ source: name, key: client.id });
    if (account.warning) of.warn(account.warning);
    const opened = given ?? announced.get(name) ?? await open(account, settings.figures);
    announced.delete(name);
    running.set(name, {
      clientId: client.id,
      identity: identityOf(account, pollSeconds),
      opened,
    });
    opened.keeper.start(({ store, ledger, kept, succeeds = false }) => {
      if (succeeds) client.client.dropBurst();
      const sync = startSourceSync({
        client: client.client,
        store,
        ledger,
        clock,
        pollSeconds,
        resume: kept,
        onEvent: logSync(of, metrics, name, clock.now, options.tracing),
        ...(options.tracing ? { within: withinSource(options.tracing, name) } : {}),
      });
      const endOpenings = followOpening({ store, ledger, kept }, account, () => opened.figures);
      return {
        ...sync,
        async stop() {
          await sync.stop();
          await endOpenings();
        },
      };
    });
  }

  /** What is under way at Stripe ends by itself, or with its client. */
  function end(name: string): Promise<void> {
    const source = running.get(name);
    if (!source) return Promise.resolve();
    running.delete(name);
    views.delete(name);
    desk.close(name);
    source.opened.unsubscribe();
    if (!options.replicated) metrics.setLease(name, false);
    return source.opened.keeper.stop();
  }

  /** New figure settings count again what is stored; Stripe is not asked. */
  function takeFigures(opened: Opened, figures: FigureSettings): void {
    const same = sameFigures(opened.figures, figures);
    opened.figures = figures;
    opened.store.setQuotes(figures.reporting?.quotes ?? null);
    if (!same) opened.keeper.recount();
    opened.store.publish();
  }

  return {
    webhooks: desk,
    compare: async (source) => await running.get(source)?.opened.keeper.compare() ?? null,
    views,
    pool,
    labels: labels.of,
    async announce({ accounts, figures }) {
      for (const account of accounts) {
        const opened = await open(account, figures);
        announced.set(account.name, opened);
        desk.open(account, () => opened.store);
      }
    },
    async apply(settings) {
      const wanted = new Set(settings.accounts.map(({ name }) => name));
      for (const name of [...running.keys()]) if (!wanted.has(name)) end(name);
      for (const account of settings.accounts) {
        const client = await pool.client({
          key: account.key.reveal(),
          base: account.base,
          account: account.account ?? undefined,
          fetch: options.fetch,
          clock,
          random: options.random,
          limits: { ...options.limits, ...limitsOf(account) },
          onEvent: recordStripe(metrics, log.child({ source: account.name })),
        });
        labels.keep(account, client);
        const pollSeconds = pollSecondsOf(settings, account.name, options.pollSeconds);
        const known = running.get(account.name);
        const same = known?.clientId === client.id &&
          known.identity === identityOf(account, pollSeconds);
        // What is half read is neither counted anew nor handed on.
        if (known) await known.opened.keeper.loaded;
        if (same) takeFigures(known.opened, settings.figures);
        else if (
          known && known.identity === identityOf(account, pollSeconds) && !options.replicated
        ) {
          // Another key of the same account: what was read stays, and another account's is refused.
          await known.opened.keeper.stop();
          takeFigures(known.opened, settings.figures);
          await start(account, settings, client, pollSeconds, known.opened);
        } else {
          const ended = end(account.name);
          // The lease is given back before it is asked for again.
          if (options.replicated) await ended;
          await start(account, settings, client, pollSeconds);
        }
        const { opened } = running.get(account.name)!;
        desk.open(account, () => opened.store);
      }
      pool.keepOnly(new Set([...running.values()].map(({ clientId }) => clientId)));
      options.onChange();
    },
    loaded: async () => void await Promise.all(shown().map(({ keeper }) => keeper.loaded)),
    read: () => shown().reduce((sum, { keeper }) => sum + keeper.read(), 0),
    async stop() {
      const ended = [...running.keys()].map(end);
      pool.keepOnly(new Set());
      await Promise.all(ended);
      await unlisten?.();
    },
  };
}
