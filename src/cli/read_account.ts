/**
 * Reads one configured account for a command: from the database, where that has it, else from
 * Stripe, without a server, until its past is known.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { createLogger } from "../observability/log.ts";
import { createMetrics } from "../observability/metrics.ts";
import type { SourceView } from "../store/port.ts";
import type { Clock, FetchLike } from "../stripe/client.ts";
import { createSources } from "./sources.ts";
import { storedAccount } from "./stored_account.ts";

export interface Readout {
  readonly view: SourceView;
  readonly settings: Settings;
  /** Counts what was read under other figure settings; Stripe is not asked. */
  recount(settings: Settings): Promise<void>;
  stop(): Promise<void>;
}

export interface ReadoutOptions {
  readonly settings: Settings;
  /** The account's key under `accounts:`; not needed where there is one. */
  readonly account: string | undefined;
  readonly clock: Clock;
  readonly fetch: FetchLike;
  /** Progress and faults, line by line. */
  readonly say: (line: string) => void;
}

function chosen({ accounts }: Settings, name: string | undefined): AccountSettings {
  const known = accounts.map((account) => account.name).join(", ");
  const found = name === undefined && accounts.length === 1
    ? accounts[0]
    : accounts.find((account) => account.name === name);
  if (found) return found;
  throw new TypeError(
    accounts.length === 0
      ? "There is no account: set STRIPE_SECRET_KEY, or accounts in the configuration"
      : `Name one of the accounts with --account: ${known}`,
  );
}

/** Resolves when the past is known as far as the key allows. */
function known(view: SourceView, say: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const look = () => {
      const { phase, problem, asOf, historyDone, permissions, progress, history } = view.status;
      if (phase === "key_rejected" || phase === "permission_missing") {
        end();
        return reject(new TypeError(problem ?? "Stripe refuses the key"));
      }
      const step = history ?? progress;
      const reading = step &&
        `reading ${history ? "invoices" : "subscriptions"}: ${step.done} of ` +
          `about ${Math.round(step.estimated)}`;
      const line = problem ?? reading;
      if (line && line !== said) say(said = line);
      if (asOf === null || !(historyDone || permissions.invoices === "missing")) return;
      end();
      resolve();
    };
    const end = view.subscribe(look);
    look();
  });
}

/**
 * @throws {TypeError} when there is no such account, or Stripe refuses the key.
 * @throws {StorageError} when the database cannot be read.
 */
export async function readAccount(options: ReadoutOptions): Promise<Readout> {
  const { clock, fetch, say } = options;
  const account = chosen(options.settings, options.account);
  const settings = { ...options.settings, accounts: [account] };
  const log = createLogger({ level: "error", format: "text", now: clock.now, write: say });
  const stored = await storedAccount(settings, account, { log, now: clock.now, say });
  if (stored) return stored;
  const sources = createSources({
    clock,
    random: Math.random,
    fetch,
    log,
    metrics: createMetrics(() => {}),
    pollSeconds: 600,
    onChange: () => {},
  });
  await sources.apply(settings);
  const view = sources.views.get(account.name)!;
  try {
    await known(view, say);
  } catch (error) {
    await sources.stop();
    throw error;
  }
  return { view, settings, recount: (next) => sources.apply(next), stop: () => sources.stop() };
}
