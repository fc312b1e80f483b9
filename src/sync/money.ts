/**
 * Follows the money beside the subscriptions: reads payouts, disputes, schedules and balance
 * transactions once, then what events say has changed (metrics.md C.9 to C.11, D.2). What was read
 * is kept by the store, so a restart reads only what is newer. A missing permission costs its own
 * figure and stops nothing else.
 *
 * @module
 */
import { type Query } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { optionalId } from "../stripe/shape.ts";
import { translateDispute, translatePayout, translateSchedule } from "../stripe/translate_money.ts";
import type { InboxEvent } from "../store/inbox.ts";
import type { MoneyResource } from "../store/port.ts";
import type { BackfillContext } from "./backfill.ts";
import { createCashReader, KEPT_SECONDS } from "./cash_reader.ts";
import { objectOf } from "./event.ts";
import { RESUME_SECONDS_MAX } from "./events.ts";
import { isGap } from "./gaps.ts";
import { INVOICE_EXPAND, takeInvoice, withAllLines } from "./invoice_intake.ts";
import { createMoneyBehind } from "./money_behind.ts";
import { eachOf } from "./each_of.ts";
import { listWindowed } from "./listing.ts";
import { noteUnreadable } from "./unreadable.ts";

/** What is refetched when an event names it. */
const PATHS = {
  invoice: "/v1/invoices",
  payout: "/v1/payouts",
  dispute: "/v1/disputes",
  schedule: "/v1/subscription_schedules",
} as const;
type MoneyKind = keyof typeof PATHS;

const KIND_OF = {
  invoices: "invoice",
  payouts: "payout",
  disputes: "dispute",
  subscription_schedules: "schedule",
} as const satisfies Record<Exclude<MoneyResource, "balance_transactions">, MoneyKind>;

export interface MoneyFollower {
  /** Notes what an event says has changed; whether it says anything. */
  note(event: InboxEvent): boolean;
  /** Reads the schedules, whose phases date changes of the past. @throws {StripeFault} */
  readSchedules(signal: AbortSignal): Promise<void>;
  /** Reads what was not read of the past; `signal` ends it. @throws {StripeFault} */
  read(signal: AbortSignal): Promise<void>;
  /** Fetches what was noted; returns how many objects. @throws {StripeFault} */
  refresh(): Promise<number>;
  /**
   * From when on events are to be noted again, so that what is kept can be followed on; `null`
   * where Stripe no longer has all of them. Unix seconds.
   */
  resumable(): number | null;
  /** Nothing is known to be as Stripe has it, until it has been looked at again. */
  fallBehind(): void;
  /** Every event of the absence was noted. */
  heard(): void;
  /** Stripe does not give what was noted. */
  lost(): void;
  /** Lets payouts and disputes be read again that an absence (from Unix seconds on) may have moved. */
  lookBack(from: number): void;
  /** Lets everything be read anew but cash, which is followed without events. */
  startAnew(): void;
}

interface Noted {
  readonly kind: MoneyKind;
  readonly id: string;
  /** When a payment first failed, where an event told it. */
  readonly failedAt: number | null;
  readonly deleted: boolean;
}

/** Becomes available, and is paid out, without an event that must come. */
const IDLE_SECONDS = 3600;
/** After so long an absence a few requests are worth being sure that events told everything. */
const LOOK_BACK_SECONDS = 60 * 3600;
/** A payout is under way for days, a dispute for weeks. */
const UNDERWAY_SECONDS = 90 * 86_400;
const WORKERS_MAX = 4;
/** Subscriptions whose renewals are laid out in one go. */
const SLICE = 200;

/** Events after which the balance has other transactions. */
const MOVES_CASH =
  /^(charge|refund|payout|transfer|topup|application_fee|balance)\.|^(invoice|invoice_payment)\.paid$/;

function touched(event: InboxEvent): Noted | null {
  const { type, created } = event;
  const object = objectOf(event);
  const noted = (kind: MoneyKind, id: string | null, failedAt: number | null = null) =>
    id === null ? null : { kind, id, failedAt, deleted: type.endsWith(".deleted") };
  const id = optionalId(object, "id");
  if (type === "invoice_payment.paid") return noted("invoice", optionalId(object, "invoice"));
  if (type.startsWith("invoice.") && type !== "invoice.upcoming") {
    return noted("invoice", id, type === "invoice.payment_failed" ? created : null);
  }
  if (type.startsWith("charge.dispute.")) return noted("dispute", id);
  if (type.startsWith("payout.")) return noted("payout", id);
  return type.startsWith("subscription_schedule.") ? noted("schedule", id) : null;
}

export function createMoneyFollower(context: BackfillContext): MoneyFollower {
  const { store, client, clock } = context;
  const { money } = store;
  const cash = createCashReader(context);
  const waiting = new Map<string, Noted>();
  /** Lists of which what was created since (Unix seconds) is to be read again. */
  const unsure = new Map<MoneyKind, number>();
  const behind = createMoneyBehind(store);
  let cashMoved = false;
  let cashReadAt = -Infinity;
  const seconds = () => Math.floor(clock.now() / 1000);

  function permit(resource: string, permission: "ok" | "missing"): void {
    const { permissions } = store.status;
    if (permissions[resource] === permission) return;
    store.setStatus({ permissions: { ...permissions, [resource]: permission } });
  }

  const isMissing = (resource: string) => store.status.permissions[resource] === "missing";

  /** Runs what a missing permission may forbid; that costs this resource alone. */
  async function permitted(resource: string, run: () => Promise<void>): Promise<void> {
    if (isMissing(resource)) return;
    try {
      await run();
      permit(resource, "ok");
    } catch (error) {
      if (!(error instanceof StripeFault) || error.kind !== "permission_missing") throw error;
      permit(resource, "missing");
    }
  }

  const put: Readonly<Record<Exclude<MoneyKind, "invoice">, (value: unknown) => void>> = {
    payout(value) {
      const read = noteUnreadable(store, "payout", value, () => translatePayout(value));
      if (read) money.setPayout(read);
    },
    dispute(value) {
      const read = noteUnreadable(store, "dispute", value, () => translateDispute(value));
      if (read) money.setDispute(read);
    },
    schedule(value) {
      const read = noteUnreadable(store, "schedule", value, () => translateSchedule(value));
      if (read) {
        money.setSchedule({ ...read, customer: store.calledCustomer(read.customer) });
      }
    },
  };

  /** Its past, too, is read again, so that it is there when figures are counted anew from facts. */
  async function putInvoice(value: unknown, { failedAt }: Noted): Promise<void> {
    const [whole] = await withAllLines({ ...context, impatient: true }, [value]);
    takeInvoice(store, whole, "all", "change", failedAt);
  }

  async function readList(
    kind: Exclude<MoneyKind, "invoice">,
    resource: string,
    signal: AbortSignal,
  ): Promise<void> {
    const from = money.isListRead(kind) ? unsure.get(kind) : seconds() - KEPT_SECONDS;
    if (from === undefined) return;
    await permitted(resource, async () => {
      await listWindowed({ ...context, signal }, PATHS[kind], {}, {
        from,
        to: seconds() + 1,
        workersMax: WORKERS_MAX,
        onPage: (data) => data.forEach(put[kind]),
      });
      money.setListRead(kind, true);
      unsure.delete(kind);
    });
    store.noteMoney();
  }

  /** Whether a resource was read, and nothing that an event named of it waits. */
  function isRead(resource: MoneyResource): boolean {
    if (resource === "balance_transactions") return money.cashReading.done;
    const kind = KIND_OF[resource];
    if (waiting.values().some((noted) => noted.kind === kind)) return false;
    return kind === "invoice" || (money.isListRead(kind) && !unsure.has(kind));
  }

  async function refetch(noted: Noted): Promise<void> {
    const { kind, id, deleted } = noted;
    const path = `${PATHS[kind]}/${encodeURIComponent(id)}`;
    if (kind === "invoice" && deleted) return money.payments.remove(id);
    try {
      const query: Query = kind === "invoice" ? { expand: INVOICE_EXPAND } : {};
      const value = await client.retrieve(path, query);
      if (kind === "invoice") await putInvoice(value, noted);
      else put[kind](value);
    } catch (error) {
      if (!isGap(error)) throw error;
      if (kind === "invoice") money.payments.remove(id);
    }
  }

  async function refreshCash(): Promise<void> {
    const moved = cashMoved;
    cashMoved = false;
    try {
      await permitted("balance_transactions", cash.refresh);
      cashReadAt = seconds();
      behind.cashSeen();
    } catch (error) {
      cashMoved ||= moved;
      throw error;
    }
  }

  return {
    note(event) {
      const moves = MOVES_CASH.test(event.type);
      if (moves) cashMoved = true;
      const noted = touched(event);
      if (!noted) return moves;
      const key = `${noted.kind} ${noted.id}`;
      const before = waiting.get(key);
      const times = [before?.failedAt, noted.failedAt].filter((at) => at != null);
      waiting.set(key, { ...noted, failedAt: times.length > 0 ? Math.min(...times) : null });
      return true;
    },
    fallBehind: behind.begin,
    lost: behind.lost,
    heard() {
      behind.heard();
      behind.check(isRead);
    },
    resumable() {
      const { eventsReadTo } = store.status;
      const followedTo = money.followedTo();
      if (followedTo === null || followedTo === eventsReadTo) return followedTo;
      return seconds() - followedTo > RESUME_SECONDS_MAX ? null : followedTo;
    },
    lookBack(from) {
      if (seconds() - from < LOOK_BACK_SECONDS) return;
      for (const list of ["payout", "dispute"] as const) unsure.set(list, from - UNDERWAY_SECONDS);
    },
    startAnew() {
      for (const list of ["payout", "dispute", "schedule"] as const) money.setListRead(list, false);
      money.setFollowedTo(store.status.eventsReadTo);
      store.setInvoiceReading(null);
      store.setStatus({ paymentsRead: false });
    },
    readSchedules: (signal) => readList("schedule", "subscription_schedules", signal),
    async read(signal) {
      await Promise.all([
        readList("payout", "payouts", signal),
        readList("dispute", "disputes", signal),
        readList("schedule", "subscription_schedules", signal),
      ]);
      behind.check(isRead);
      await permitted("balance_transactions", () => cash.readPast(signal));
      await refreshCash();
      behind.check(isRead);
      while (store.settleRenewals(seconds(), SLICE) > 0) await clock.sleep(0, signal);
      store.publish();
    },
    async refresh() {
      const { eventsReadTo } = store.status;
      const noted = [...waiting];
      await eachOf(noted, async ([key, each]) => {
        await refetch(each);
        // One that was noted again meanwhile waits on.
        if (waiting.get(key) === each) waiting.delete(key);
      });
      const idle = seconds() - cashReadAt >= IDLE_SECONDS;
      if (money.cashReading.done && (cashMoved || idle)) await refreshCash();
      // Cash is looked at after each start; what else events said up to here is read.
      if (waiting.size === 0 && eventsReadTo !== null) money.setFollowedTo(eventsReadTo);
      behind.check(isRead);
      if (noted.length > 0) store.noteMoney();
      return noted.length;
    },
  };
}
