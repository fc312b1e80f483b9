/**
 * Reads balance transactions: the past in stretches, newest first, so that this month stands
 * first; then what is new, with an overlap (metrics.md C.10, D.2). How far it is stands in the store,
 * with the sums: a stretch counts when it is whole, so one that is broken off is read again. The
 * balance is only believed at a moment at which no transaction was missing.
 *
 * @module
 */
import type { Balance } from "../metrics/cash.ts";
import { type CashBook, type CashEntry, createCashBook } from "../metrics/cash_book.ts";
import { StripeFault } from "../stripe/fault.ts";
import { translateBalance, translateCashEntry } from "../stripe/translate_money.ts";
import type { BackfillContext } from "./backfill.ts";
import { listWindowed } from "./listing.ts";
import { createPageTurn } from "./page_turn.ts";
import { noteUnreadable } from "./unreadable.ts";

const DAY_SECONDS = 86_400;
/** Money facts are kept as long as the daily rows (design.md section 3). */
export const KEPT_SECONDS = 1_100 * DAY_SECONDS;
/** What appears late is looked for this far back. */
const OVERLAP_SECONDS = 3 * DAY_SECONDS;
/** How often the whole overlap is read again; looks in between stop at a page that is known. */
const WHOLE_OVERLAP_SECONDS = 3600;
/** The first stretch: it must reach behind the overlap, which is not sealed. */
const STRETCH_SECONDS = OVERLAP_SECONDS + DAY_SECONDS;
/** A stretch with fewer transactions is followed by one twice as long … */
const SPARSE = 1_000;
/** … and one with more by one half as long: one that is broken off is read again. */
const DENSE = 5_000;
/** Few, so that what happens meanwhile does not wait behind the past. */
const WORKERS_MAX = 4;
/** Looks at a balance that moved while it was read. */
const TRIES_MAX = 3;
const PATH = "/v1/balance_transactions";

export interface CashReader {
  /** Reads what is kept of the past, from where it was before. @throws {StripeFault} */
  readPast(signal: AbortSignal): Promise<void>;
  /** Reads what is new since the past was read, and the balance. @throws {StripeFault} */
  refresh(): Promise<void>;
}

export function createCashReader(context: BackfillContext): CashReader {
  const { store, client, clock } = context;
  const { money } = store;
  const seconds = () => Math.floor(clock.now() / 1000);
  /** Whether the key may read charges, as far as is known. */
  let chargesReadable = true;

  /** Charges come along only where their currencies are the last source of rates (A.9). */
  function expansion(): { readonly expand?: readonly string[] } {
    const { rates, tally, calendar } = store;
    if (!chargesReadable || !rates) return {};
    const today = calendar.dayOf(seconds());
    const known = (currency: string) => {
      const origin = rates.rateOn(currency, today)?.origin;
      return origin !== undefined && origin !== "payments";
    };
    return tally.currencies().every(known) ? {} : { expand: ["data.source"] };
  }

  /** Runs a reading, a second time without charges where those may not be read. */
  async function withCharges<T>(run: (params: ReturnType<typeof expansion>) => Promise<T>) {
    const params = expansion();
    try {
      return await run(params);
    } catch (error) {
      const refused = error instanceof StripeFault && error.kind === "permission_missing";
      if (!refused || !params.expand) throw error;
      chargesReadable = false;
      return await run({});
    }
  }

  function entry(value: unknown): CashEntry | null {
    return noteUnreadable(store, "balance transaction", value, () => translateCashEntry(value));
  }

  async function readStretch(from: number, to: number, signal: AbortSignal): Promise<CashBook> {
    const stretch = createCashBook(store.calendar);
    await withCharges((params) =>
      listWindowed({ ...context, signal }, PATH, params, {
        from,
        to,
        workersMax: WORKERS_MAX,
        onPage(data) {
          for (const value of data) {
            const read = entry(value);
            if (read && !money.cash.has(read)) stretch.add(read);
          }
        },
      })
    );
    return stretch;
  }

  /** New transactions, newest first: at most the overlap, or up to a page that is known. */
  async function unseen(since: number, whole: boolean): Promise<CashEntry[]> {
    const found: CashEntry[] = [];
    const turn = createPageTurn(PATH);
    for (let after: string | null = null;;) {
      const page = await withCharges((params) =>
        client.list(PATH, {
          ...params,
          limit: 100,
          "created[gte]": since,
          ...(after === null ? {} : { starting_after: after }),
        })
      );
      const read = page.data.flatMap((value) => entry(value) ?? []);
      const fresh = read.filter((each) => !money.cash.has(each));
      found.push(...fresh);
      if (!whole && fresh.length === 0 && read.length === page.data.length) return found;
      after = turn(page);
      if (after === null) return found;
    }
  }

  async function readBalance(): Promise<Balance | null> {
    if (store.status.permissions.balance === "missing") return null;
    const value = await client.retrieve("/v1/balance");
    return noteUnreadable(store, "balance", value, () => translateBalance(value, seconds()));
  }

  return {
    async readPast(signal) {
      if (money.cashReading.done) return;
      const startedAt = seconds() + 1;
      const floor = startedAt - KEPT_SECONDS;
      let length = STRETCH_SECONDS;
      for (let to = money.cashReading.from ?? startedAt; to > floor;) {
        const from = Math.max(floor, to - length);
        const stretch = await readStretch(from, to, signal);
        // Between two versions: the sums and how far they reach are kept together.
        const before = money.cashReading;
        money.cash.seal(from, Math.max(from, Math.min(to, startedAt - OVERLAP_SECONDS)));
        money.cash.merge(stretch);
        money.setCashReading({
          from,
          done: from === floor,
          coveredTo: before.from === null ? startedAt : before.coveredTo,
          wholeAt: before.from === null ? startedAt : before.wholeAt,
        });
        to = from;
        if (stretch.size() < SPARSE) length *= 2;
        else if (stretch.size() > DENSE) length = Math.ceil(length / 2);
        store.noteMoney();
      }
      // The oldest day that is kept may have passed what was read before.
      money.setCashReading({ ...money.cashReading, done: true });
    },
    async refresh() {
      const { coveredTo, wholeAt } = money.cashReading;
      const at = seconds();
      const whole = at - (wholeAt ?? 0) >= WHOLE_OVERLAP_SECONDS;
      const since = coveredTo - OVERLAP_SECONDS;
      let fresh = await unseen(since, whole);
      let balance = await readBalance();
      // A payment between the two would leave a difference that is none.
      for (let tries = 0; balance && tries < TRIES_MAX; tries++) {
        const known = new Set(fresh.map(({ id }) => id));
        const later = (await unseen(since, false)).filter(({ id }) => !known.has(id));
        if (later.length === 0) break;
        fresh = [...fresh, ...later];
        balance = tries === TRIES_MAX - 1 ? null : await readBalance();
      }
      fresh.forEach(money.cash.add);
      if (balance) money.setBalance(balance);
      const from = money.cash.readFrom();
      if (whole && from !== null) {
        money.cash.seal(from, since);
        money.forgetBefore(at - KEPT_SECONDS);
      }
      money.setCashReading({
        ...money.cashReading,
        coveredTo: at,
        wholeAt: whole ? at : wholeAt,
      });
      store.noteMoney();
    },
  };
}
