/**
 * The sources page: each account, how far it is, and what its key may read.
 *
 * @module
 */
import type { Permission, SourceView } from "../store/port.ts";
import { round } from "../metrics/rational.ts";
import { momentOf, progressText } from "./context.ts";
import { reasonText } from "./reasons.ts";
import { unreadSentences } from "./unread.ts";
import { formatInteger, formatMoney } from "./format.ts";
import type { Alarm, Link } from "./models.ts";
import { type WebhookCircumstances, webhookNotes } from "./webhooks.ts";

export interface PermissionRow {
  readonly resource: string;
  readonly state: string;
  /** Before the state: whether it is granted, missing, or not known. */
  readonly mark: "✓" | "!" | "–";
  readonly alarm: Alarm;
  /** What it is read for, and so what is missing without it. */
  readonly needed: string;
}

/** A subscription whose invoices lead elsewhere than its object. */
export interface CorrectionRow {
  readonly subscription: Link;
  readonly at: string;
  readonly byInvoices: string;
  readonly byObject: string;
}

export interface Corrections {
  readonly sentence: string;
  readonly rows: readonly CorrectionRow[];
}

export interface SourceDetails {
  readonly name: string;
  /** Its key in the configuration. */
  readonly source: string;
  /** Whether it can be compared with Stripe now. */
  readonly comparable: boolean;
  readonly account: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly problem: string | null;
  readonly notes: readonly string[];
  readonly corrections: Corrections | null;
  readonly permissions: readonly PermissionRow[];
  readonly keyLink: Link;
}

const NEEDED: ReadonlyMap<string, string> = new Map(Object.entries<string>({
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
}));

const STATES: Readonly<Record<Permission, Pick<PermissionRow, "state" | "mark" | "alarm">>> = {
  ok: { state: "granted", mark: "✓", alarm: "calm" },
  missing: { state: "not granted", mark: "!", alarm: "warn" },
  unknown: { state: "not known", mark: "–", alarm: "calm" },
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

/** The newest corrections that are listed. */
const LISTED_MAX = 20;

function correctionsOf(view: SourceView, when: (seconds: number) => string): Corrections | null {
  const all = [...view.corrections()].sort((a, b) => b.at - a.at);
  if (all.length === 0) return null;
  const one = all.length === 1;
  const listed = all.length > LISTED_MAX ? ` The newest ${LISTED_MAX} are listed.` : "";
  return {
    sentence:
      `The invoices of ${formatInteger(all.length)} ${
        one ? "subscription" : "subscriptions"
      } lead to another MRR than ${one ? "it has" : "they have"}. What the subscription is now ` +
      `counts. When it changed is not known: it is put in the middle of the time in which it can ` +
      `have happened, and that time is marked as inferred.${listed}`,
    rows: all.slice(0, LISTED_MAX).map(({ subscription, at, currency, before, after }) => ({
      subscription: {
        text: subscription,
        href: `/explain/subscription/${encodeURIComponent(subscription)}?source=${
          encodeURIComponent(view.info.name)
        }`,
      },
      at: when(at),
      byInvoices: formatMoney(round(before), currency),
      byObject: formatMoney(round(after), currency),
    })),
  };
}

/** "live, rebuilding the past from invoices: month 9 of 24 · 12 s". */
function phaseText(view: SourceView): string {
  const { asOf, history, phase } = view.status;
  if (asOf === null && phase === "backfill") return `${PHASES.backfill}: ${progressText(view)}`;
  if (phase !== "history" || !history) return PHASES[phase];
  const left = history.secondsLeft === null ? "" : ` · ${Math.ceil(history.secondsLeft)} s`;
  return `${PHASES.history}: month ${history.month} of ${history.months}${left}`;
}

/** "24 Nov 03:00: 1,204 subscriptions, none differed". */
function comparisonText(
  { comparing, compared }: SourceView["status"],
  when: (seconds: number) => string,
): string {
  if (comparing) return "under way";
  if (!compared) return "none yet: it runs every night at three";
  const { at, subscriptions, differed } = compared;
  const found = differed === 0 ? "none differed" : `${formatInteger(differed)} repaired`;
  return `${when(at)}: ${formatInteger(subscriptions)} subscriptions, ${found}`;
}

/** @param now Unix seconds. */
export function sourceDetails(
  view: SourceView,
  now: number,
  keyUrl: string,
  webhooks: WebhookCircumstances,
): SourceDetails {
  const { info, status } = view;
  const when = (seconds: number | null) =>
    seconds === null ? "–" : momentOf({ view, now }, seconds).text;
  const phase = phaseText(view);
  const lastWebhook = view.inbox.lastWebhook();
  return {
    name: info.displayName,
    source: info.name,
    comparable: status.asOf !== null && status.phase !== "stopped" && !status.comparing,
    account: `${info.account} · ${info.livemode ? "live" : "test"} mode`,
    facts: [
      {
        label: "State",
        value: status.staleSince === null ? phase : `stale since ${when(status.staleSince)}`,
      },
      { label: "Figures as of", value: when(status.asOf) },
      { label: "Last event", value: when(status.lastEventAt) },
      {
        label: "Last webhook",
        value: when(lastWebhook && Math.floor(lastWebhook.receivedAt / 1000)),
      },
      { label: "Last look at the events", value: when(status.lastReconcileAt) },
      { label: "Last comparison of everything", value: comparisonText(status, when) },
      { label: "Requests to Stripe since the start", value: formatInteger(status.reads) },
      { label: "Circuit breaker", value: status.breaker.replace("_", " ") },
      { label: "Time zone", value: info.timeZone },
    ],
    problem: status.problem,
    notes: [
      ...status.reasons.map(reasonText),
      ...unreadSentences(view),
      ...webhookNotes(view, webhooks, now),
    ],
    corrections: correctionsOf(view, when),
    permissions: Object.entries(status.permissions).map(([resource, permission]) => {
      const needed = NEEDED.get(resource) ?? "";
      return { resource: resource.replaceAll("_", " "), needed, ...STATES[permission] };
    }),
    keyLink: { text: "Create a key with the right permissions", href: keyUrl },
  };
}
