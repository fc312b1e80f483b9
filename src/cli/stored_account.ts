/**
 * Makes an account from what the database keeps of it, so that a command need not list it again.
 * Nothing is written.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import type { InboxStorage } from "../store/inbox.ts";
import type { FactReader, FactWriter } from "../store/journal.ts";
import { recount } from "./keeper.ts";
import type { Readout } from "./read_account.ts";
import { infoOf } from "./source_settings.ts";
import { reopenStore, takeOver } from "./source_store.ts";

export interface StoredOptions {
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly say: (line: string) => void;
}

/** A journal of these facts that keeps nothing. */
function silent(reader: FactReader): FactReader & FactWriter & InboxStorage {
  return {
    facts: reader.facts,
    opening: () => null,
    write() {},
    writeOpening() {},
    forgetSnapshots() {},
    addEvents: () => [],
    openEvents: () => [],
    recentEvents: () => [],
    countEvents: () => 0,
    forgetEvents() {},
  };
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What the database keeps of an account; `null` where there is none, or nothing of it. */
async function factsOf(
  settings: Settings,
  { name, mode }: AccountSettings,
): Promise<FactReader | null> {
  const { databasePath, database } = settings;
  if (!database && (databasePath === null || !isThere(databasePath))) return null;
  const { openConfigured } = await import("./database/stored.ts");
  await using opened = await openConfigured(settings, "look");
  const known = await opened.sources();
  return known.some((source) => source.name === name && source.mode === mode)
    ? await opened.load(name, mode)
    : null;
}

/**
 * The account as the database has it; `null` where it has not been read to its end once.
 *
 * @throws {StorageError} that says what is wrong and what to do.
 */
export async function storedAccount(
  settings: Settings,
  account: AccountSettings,
  { log, now, say }: StoredOptions,
): Promise<Readout | null> {
  const reader = await factsOf(settings, account);
  if (!reader) return null;
  const seconds = Math.floor(now() / 1000);
  const info = infoOf(account, settings.figures);
  const reopened = reopenStore(account, info, silent(reader), log, seconds);
  const { store, ledger, kept } = reopened;
  const { asOf, historyDone, permissions } = store.status;
  if (!kept || asOf === null) return null;
  store.setQuotes(settings.figures.reporting?.quotes ?? null);
  takeOver(reopened, account, info, seconds);
  say(`from the database, as of ${new Date(asOf * 1000).toISOString().replace(".000", "")}`);
  if (!historyDone && permissions.invoices !== "missing") {
    say("its past is not read to the end yet: what lies before may be inferred");
  }
  return {
    view: store,
    settings,
    recount({ figures }) {
      store.setQuotes(figures.reporting?.quotes ?? null);
      recount({ store, ledger, kept: true }, infoOf(account, figures), seconds);
      return Promise.resolve();
    },
    stop() {
      store.close();
      return Promise.resolve();
    },
  };
}
