/**
 * The state of webhooks: the last events and what became of them, and what is wrong with the
 * endpoint, with what to do.
 *
 * @module
 */
import type { InboxRow, InboxState } from "../store/inbox.ts";
import type { SourceView } from "../store/port.ts";
import { countText, momentOf } from "./context.ts";
import { formatInteger } from "./format.ts";
import type { Alarm, Choices } from "./models.ts";

/** What of a source's webhooks its inbox does not tell. */
export interface WebhookCircumstances {
  /** Whether a webhook secret is configured. */
  readonly configured: boolean;
  /** The version that an endpoint should send. */
  readonly apiVersion: string;
  /** The last request that was refused. */
  readonly refusal: { readonly at: number; readonly reason: string } | null;
}

const SETUP = "glance webhook:setup prints what to create at Stripe";
/** Events that are found by looking, so long after the last webhook, should have come by one. */
const SILENT_MS = 15 * 60_000;
/** A refusal is worth a word for a day, or until a webhook is accepted again. */
const REFUSAL_MS = 86_400_000;

/** What a refusal means; one without a signature was somebody else's and means nothing. */
const REFUSALS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  signature_invalid:
    "its signature is not of a configured secret: compare the endpoint's signing " +
    "secret with STRIPE_WEBHOOK_SECRET or webhook-secrets",
  signature_expired:
    "its signature was older or newer than five minutes: check this machine's clock",
  secret_missing: "no webhook secret is configured",
  livemode_mismatch: "it was of the other mode (live or test) than the account's key",
  account_mismatch: "it was of another account",
  source_unknown: "its address names no configured account",
}));

/** Reasons of events that are acknowledged and change nothing. */
const NOT_OURS: ReadonlySet<string> = new Set(["livemode_mismatch", "account_mismatch"]);

/** What is wrong with a source's webhooks, in sentences. @param now Unix seconds. */
export function webhookNotes(
  view: SourceView,
  { configured, apiVersion, refusal }: WebhookCircumstances,
  now: number,
): string[] {
  const { inbox } = view;
  const last = inbox.lastWebhook();
  const when = (ms: number) => momentOf({ view, now }, Math.floor(ms / 1000)).text;
  const notes: string[] = [];
  if (!configured) {
    notes.push(
      "No webhook secret is configured: changes show with the next look at the events, not at " +
        `once. ${SETUP}.`,
    );
  } else if (!last) {
    notes.push(
      "No webhook has come yet: changes show with the next look at the events. Check that the " +
        `endpoint's URL can be reached from the internet; ${SETUP}.`,
    );
  }
  if (last && last.apiVersion !== null && last.apiVersion !== apiVersion) {
    notes.push(
      `The webhook endpoint sends version ${last.apiVersion} and this program reads ${apiVersion}. ` +
        `Figures are right, as objects are fetched; create a new endpoint of that version. ${SETUP}.`,
    );
  }
  const missed = inbox.recent().find(({ via, event }) =>
    via === "poll" && last !== null && event.created * 1000 > last.receivedAt + SILENT_MS
  );
  if (last && missed) {
    notes.push(
      `Webhooks stopped coming at ${when(last.receivedAt)}: later events were found by looking. ` +
        "Stripe's dashboard shows under Webhooks what it could not deliver and why.",
    );
  }
  const why = refusal && REFUSALS.get(refusal.reason);
  const since = Math.max(now * 1000 - REFUSAL_MS, last?.receivedAt ?? 0);
  if (why && refusal.at > since) {
    const what = NOT_OURS.has(refusal.reason) ? "had no effect" : "was refused";
    notes.push(`A webhook ${what} at ${when(refusal.at)}: ${why}.`);
  }
  const aside = inbox.setAside().length;
  if (aside > 0) {
    notes.push(`${countText(aside, "event")} could not be applied: see the webhooks page.`);
  }
  return notes;
}

export interface WebhookFilter {
  readonly state: InboxState | null;
  /** Beginning of a type, e.g. `invoice.`; empty for all. */
  readonly type: string;
}

const STATES: Readonly<Record<InboxState, readonly [string, Alarm]>> = {
  waiting: ["waiting", "calm"],
  done: ["applied", "calm"],
  ignored: ["not needed", "calm"],
  set_aside: ["set aside", "warn"],
};

const ROWS_MAX = 100;

/** An event as the webhooks page shows it. */
export interface WebhookRow {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** "webhook", or "looked up" where no webhook brought it. */
  readonly via: string;
  readonly received: string;
  /** "12 ms" from coming in to its effect; "–" while it waits. */
  readonly took: string;
  /** How old it was when it came in. */
  readonly age: string;
  readonly state: string;
  readonly alarm: Alarm;
  readonly error: string | null;
  readonly canRetry: boolean;
}

/** The newest rows of all sources and everything that was set aside, newest first. */
export function webhookRows(
  views: Iterable<SourceView>,
  { state, type }: WebhookFilter,
): (InboxRow & { readonly view: SourceView })[] {
  return [...views].flatMap((view) => {
    const rows = new Map(
      [...view.inbox.setAside(), ...view.inbox.recent()].map((row) => [row.event.id, row]),
    );
    return [...rows.values()].map((row) => ({ ...row, view }));
  })
    .filter((row) => (state === null || row.state === state) && row.event.type.startsWith(type))
    .sort((a, b) => b.receivedAt - a.receivedAt)
    .slice(0, ROWS_MAX);
}

function durationText(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${formatInteger(Math.round(seconds / 3600))} h`;
}

/** @param now Unix seconds. */
export function webhookRow(
  { view, event, via, receivedAt, settledAt, state, error }: ReturnType<typeof webhookRows>[number],
  now: number,
): WebhookRow {
  const [text, alarm] = STATES[state];
  return {
    id: event.id,
    type: event.type,
    source: view.info.name,
    via: via === "webhook" ? "webhook" : "looked up",
    received: momentOf({ view, now }, Math.floor(receivedAt / 1000)).text,
    took: settledAt === null ? "–" : durationText(settledAt - receivedAt),
    age: durationText(receivedAt - event.created * 1000),
    state: text,
    alarm: error !== null && state === "waiting" ? "warn" : alarm,
    error,
    canRetry: state === "set_aside",
  };
}

/** Links that filter by state. */
export function stateChoices({ state, type }: WebhookFilter): Choices {
  const href = (of: InboxState | null) => {
    const query = new URLSearchParams({
      ...(of === null ? {} : { state: of }),
      ...(type === "" ? {} : { type }),
    });
    return `/webhooks/status${query.size === 0 ? "" : `?${query}`}`;
  };
  const choice = (of: InboxState | null, text: string) => ({
    text,
    href: href(of),
    current: of === state,
  });
  return {
    label: "State",
    choices: [
      choice(null, "All"),
      ...(Object.keys(STATES) as InboxState[]).map((of) => choice(of, STATES[of][0])),
    ],
  };
}

/** Whether a text names a state. */
export function isInboxState(text: string): text is InboxState {
  return Object.hasOwn(STATES, text);
}
