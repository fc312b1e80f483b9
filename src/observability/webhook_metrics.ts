/**
 * Metrics of webhooks and of the streams to open pages.
 *
 * @module
 */
import type { Family } from "./exposition.ts";
import { createCounter, createGauge, createHistogram } from "./instruments.ts";

export interface WebhookMetrics {
  /** Notes an event that was taken in. `ageSeconds`: how old it was. */
  recordAccepted(isNew: boolean, ageSeconds: number): void;
  countRefused(reason: string): void;
  /** Notes an event that was acknowledged and changes nothing. */
  countIgnored(reason: "livemode_mismatch" | "account_mismatch" | "type_not_read"): void;
  /** Notes an event that was applied; seconds since it came in. */
  recordApplied(seconds: number): void;
  setInbox(source: string, waiting: number, setAside: number): void;
  readonly families: readonly Family[];
}

const AGE_BOUNDS = [0.5, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400];
const APPLY_BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600, 3_600];

export function createWebhookMetrics(): WebhookMetrics {
  const received = createCounter({
    name: "glance_webhooks_received_total",
    help: "Webhooks that were accepted, repeated ones too.",
  });
  const duplicate = createCounter({
    name: "glance_webhooks_duplicate_total",
    help: "Accepted webhooks whose event was known.",
  });
  const refused = createCounter({
    name: "glance_webhooks_rejected_total",
    help: "Webhooks that were refused, or that the store could not take.",
    labels: ["reason"],
  });
  const ignored = createCounter({
    name: "glance_webhooks_ignored_total",
    help: "Events that were acknowledged and change nothing: of another account or mode, or of a " +
      "type that no figure needs.",
    labels: ["reason"],
  });
  const age = createHistogram({
    name: "glance_webhook_age_seconds",
    help: "Age of a webhook's event when it came in.",
    bounds: AGE_BOUNDS,
  });
  const applied = createHistogram({
    name: "glance_webhook_apply_seconds",
    help: "Time from an event's coming in to its effect.",
    bounds: APPLY_BOUNDS,
  });
  const waiting = createGauge({
    name: "glance_inbox_waiting",
    help: "Events that wait to be applied.",
    labels: ["source"],
  });
  const setAside = createGauge({
    name: "glance_inbox_set_aside",
    help: "Events that were given up after their tries.",
    labels: ["source"],
  });
  return {
    recordAccepted(isNew, ageSeconds) {
      received.inc();
      if (!isNew) duplicate.inc();
      age.observe(ageSeconds);
    },
    countRefused: (reason) => refused.inc([reason]),
    countIgnored: (reason) => ignored.inc([reason]),
    recordApplied: (seconds) => applied.observe(seconds),
    setInbox(source, waits, aside) {
      waiting.set(waits, [source]);
      setAside.set(aside, [source]);
    },
    families: [received, duplicate, refused, ignored, age, applied, waiting, setAside],
  };
}
