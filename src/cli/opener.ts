/**
 * Opens sources: each is shown as it was kept, or as connecting, before Stripe is asked.
 *
 * @module
 */
import type { AccountSettings, FigureSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { DurableStore } from "../store/durable.ts";
import type { SourceStore, SourceView } from "../store/port.ts";
import type { PostgresDatabase } from "../store/postgres/database.ts";
import type { Clock } from "../stripe/client.ts";
import { keepAlone, type Keeper } from "./keeper.ts";
import { keepOpenings } from "./openings.ts";
import { openReplica } from "./replica.ts";
import { progressLog, publishMetrics } from "./source_log.ts";
import { infoOf } from "./source_settings.ts";
import { type OpenedStore, openingCounted, startStore, type Storage } from "./source_store.ts";

export interface OpenerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
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

/** A source that is shown; started once its client is there. */
export interface Opened {
  readonly keeper: Keeper;
  /** As the configuration has them now; a keeper asks for them whenever it counts. */
  figures: FigureSettings;
  store: SourceStore;
  unsubscribe: () => void;
}

/** Subscriptions whose renewals are laid out at a time. */
const WARMED_AT_ONCE = 20;

export interface Opener {
  open(account: AccountSettings, figures: FigureSettings): Promise<Opened>;
  /** Keeps the opening of a store's facts; returns what ends that. */
  followOpening(
    opened: OpenedStore,
    account: AccountSettings,
    figures: () => FigureSettings,
  ): () => Promise<void>;
}

/** @param onShown Told what is shown of a source: at first, and whenever it is made anew. */
export function createOpener(
  options: OpenerOptions,
  onShown: (name: string, view: SourceView) => void,
): Opener {
  const { clock, log, metrics, readPages } = options;
  /** Names this process among the replicas. */
  const holder = crypto.randomUUID();

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
    onShown(name, view);
  }

  const pause = options.pause ?? (() => new Promise<void>((resolve) => setTimeout(resolve)));
  const quotesOf = ({ reporting }: FigureSettings) => reporting?.quotes?.digest ?? null;

  /** Follows the facts with their opening; returns what ends that. */
  function followOpening(
    opened: OpenedStore,
    account: AccountSettings,
    figures: () => FigureSettings,
  ) {
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
    if (!readPages || store.status.asOf === null) return;
    const now = Math.floor(clock.now() / 1000);
    while (store.settleRenewals(now, WARMED_AT_ONCE) > 0) yield;
    try {
      yield* readPages(name, store);
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

  return { open, followOpening };
}
