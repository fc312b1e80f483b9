/**
 * The running sources: one for each configured account, kept in step with Stripe. A reload of the
 * configuration keeps what has not changed.
 *
 * @module
 */
import type { AccountSettings, FigureSettings, Settings } from "../../config/settings.ts";
import type { WebhookDesk } from "../../routes/deps.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { ResilientFetchOptions } from "../resilience/resilient_fetch.ts";
import type { SourceView } from "../store/port.ts";
import type { FetchLike } from "../stripe/client.ts";
import type { CustomerLabels } from "../stripe/customer_labels.ts";
import { type ClientPool, createClientPool, type PooledClient } from "../stripe/pool.ts";
import type { Compared } from "../sync/comparer.ts";
import { startSourceSync } from "../sync/source_sync.ts";
import { createLabelDesk } from "./label_desk.ts";
import { createOpener, type Opened, type OpenerOptions } from "./opener.ts";
import type { Replica } from "./replica.ts";
import { logSync, recordStripe } from "./source_log.ts";
import { identityOf, limitsOf, pollSecondsOf, sameFigures } from "./source_settings.ts";
import { withinSource } from "./traced.ts";
import { createWebhookDesk } from "./webhook_desk.ts";

export interface SourcesOptions extends OpenerOptions {
  /** In [0, 1). */
  readonly random: () => number;
  readonly fetch: FetchLike;
  readonly tracing?: Tracing | null;
  /** Seconds between two looks at the events, at most. */
  readonly pollSeconds: number;
  /** In place of the limits that the configuration leaves out. */
  readonly limits?: Partial<ResilientFetchOptions>;
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
  /** Values again what is stored, for dates that follow a stepped clock. */
  recount(): void;
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
  const opener = createOpener(options, (name, view) => {
    views.set(name, view);
    options.onChange();
  });
  const labels = createLabelDesk(clock);
  const desk = createWebhookDesk({
    now: clock.now,
    retry: (source, event) => running.get(source)?.opened.keeper.retry(event) ?? false,
  });

  /** Sources that are shown before they are started. */
  const announced = new Map<string, Opened>();
  const unlisten = options.replicated?.listen((change) => {
    for (const { keeper } of shown()) if ("wake" in keeper) (keeper as Replica).wake(change);
  });

  const shown = () => [
    ...announced.values(),
    ...[...running.values()].map(({ opened }) => opened),
  ];

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
    const opened = given ?? announced.get(name) ?? await opener.open(account, settings.figures);
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
      const endOpenings = opener.followOpening(
        { store, ledger, kept },
        account,
        () => opened.figures,
      );
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
        const opened = await opener.open(account, figures);
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
    recount() {
      for (const { opened } of running.values()) {
        opened.keeper.recount();
        // A page may change by its dates alone.
        opened.store.setStatus({});
        opened.store.publish();
      }
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
