/**
 * The sources page: each account, how far it is, and what its key may read.
 *
 * @module
 */
import type { Permission, SourceView } from "../store/port.ts";
import { momentOf, progressText, reasonText } from "./context.ts";
import { formatInteger } from "./format.ts";
import type { Alarm, Link } from "./models.ts";

export interface PermissionRow {
  readonly resource: string;
  readonly state: string;
  readonly alarm: Alarm;
  /** What it is read for, and so what is missing without it. */
  readonly needed: string;
}

export interface SourceDetails {
  readonly name: string;
  readonly account: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly problem: string | null;
  readonly notes: readonly string[];
  readonly permissions: readonly PermissionRow[];
  readonly keyLink: Link;
}

const NEEDED: Readonly<Record<string, string>> = {
  subscriptions: "everything: without it there is no MRR",
  prices: "everything: without it there is no MRR",
  products: "the names of plans",
  coupons: "discounts, and what they apply to",
  customers: "discounts that customers carry; nothing else of them is kept",
  invoices: "the past of MRR, failed payments, usage billed, the rate of inclusive automatic tax",
  tax_rates: "the exact rate of inclusive automatic tax",
  events: "following changes without reading the whole account again",
  balance: "what lies at Stripe, and the check of cash against it",
  balance_transactions: "cash: gross volume, refunds, disputes, fees, net",
  payouts: "when the next payout arrives",
  disputes: "the rate of disputes",
  subscription_schedules: "what is agreed to begin or change later, in the forecast",
};

const STATES: Readonly<Record<Permission, readonly [string, Alarm]>> = {
  ok: ["may be read", "calm"],
  missing: ["not permitted", "warn"],
  unknown: ["not known", "calm"],
};

const PHASES: Readonly<Record<SourceView["status"]["phase"], string>> = {
  connecting: "connecting",
  backfill: "reading the account",
  history: "live, rebuilding the past from invoices",
  live: "live",
  key_rejected: "key rejected",
  permission_missing: "permission missing",
  stopped: "stopped",
};

/** @param now Unix seconds. */
export function sourceDetails(view: SourceView, now: number, keyUrl: string): SourceDetails {
  const { info, status } = view;
  const when = (seconds: number | null) =>
    seconds === null ? "–" : momentOf({ view, now }, seconds).text;
  const phase = status.asOf === null && status.phase === "backfill"
    ? `${PHASES.backfill}: ${progressText(view)}`
    : PHASES[status.phase];
  return {
    name: info.displayName,
    account: `${info.account} · ${info.livemode ? "live" : "test"} mode`,
    facts: [
      {
        label: "State",
        value: status.staleSince === null ? phase : `stale since ${when(status.staleSince)}`,
      },
      { label: "Figures as of", value: when(status.asOf) },
      { label: "Last event", value: when(status.lastEventAt) },
      { label: "Last look at the events", value: when(status.lastReconcileAt) },
      { label: "Requests to Stripe since the start", value: formatInteger(status.reads) },
      { label: "Circuit breaker", value: status.breaker.replace("_", " ") },
      { label: "Time zone", value: info.timeZone },
    ],
    problem: status.problem,
    notes: status.reasons.map(reasonText),
    permissions: Object.entries(status.permissions).map(([resource, permission]) => {
      const [state, alarm] = STATES[permission];
      return {
        resource: resource.replaceAll("_", " "),
        state,
        alarm,
        needed: NEEDED[resource] ?? "",
      };
    }),
    keyLink: { text: "Create a key with the right permissions", href: keyUrl },
  };
}
