/**
 * What sources do, told to the log and the metrics.
 *
 * @module
 */
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { SourceStore } from "../store/port.ts";
import type { Clock, ResilienceEvent } from "../stripe/client.ts";
import type { SyncEvent } from "../sync/source_sync.ts";
import { unvaluedCount } from "../widgets/context.ts";
import { unreadByKind } from "../widgets/unread.ts";

/** Ids of a comparison's differences that the log names. */
const DRIFT_LOGGED_MAX = 20;
/** Milliseconds between two log lines about the progress of a reading. */
const PROGRESS_LOG_MS = 5000;

export function recordStripe(metrics: Metrics, log: Logger) {
  return (event: ResilienceEvent): void => {
    switch (event.kind) {
      case "attempt": {
        const { result } = event;
        const status = "status" in result ? result.status : result.error;
        metrics.recordStripeRequest(event.endpoint, status, event.durationMs / 1000);
        return;
      }
      case "retry":
        metrics.countRetry();
        return log.debug("stripe request repeated", {
          operation: event.endpoint,
          retry: event.retry,
          wait_ms: Math.round(event.waitMs),
        });
      case "limiter_wait":
        return metrics.recordLimiterWait(event.waitMs / 1000);
      case "breaker":
        return log.warn("stripe circuit breaker", {
          of: event.of,
          from: event.from,
          to: event.to,
        });
    }
  };
}

export function logSync(
  log: Logger,
  metrics: Metrics,
  source: string,
  now: () => number,
  tracing?: Tracing | null,
) {
  return (event: SyncEvent): void => {
    switch (event.kind) {
      case "identity":
        metrics.countIdentityViolation(source);
        return log.error("movements do not add up", { problem: event.problem });
      case "phase":
        return log.info("phase", { phase: event.phase });
      case "backfilled":
        return log.info("account read", {
          subscriptions: event.subscriptions,
          duration: Math.round(event.seconds * 1000),
        });
      case "rebuilt":
        return log.info("past rebuilt from invoices", {
          invoices: event.invoices,
          unreadable: event.unreadable,
          corrections: event.corrections,
          duration: Math.round(event.seconds * 1000),
        });
      case "settled": {
        const { state, row } = event;
        const { id, type } = row.event;
        const seconds = (now() - row.receivedAt) / 1000;
        tracing?.ended("event applied", { "glance.event": type, "glance.source": source }, seconds);
        if (state === "done") metrics.webhooks.recordApplied(seconds);
        else {
          metrics.webhooks.countIgnored("type_not_read");
          log.info("event of a type that no figure needs", { type, id });
        }
        return;
      }
      case "set_aside":
        return log.error("event set aside after its tries", {
          id: event.row.event.id,
          type: event.row.event.type,
          problem: event.error,
        });
      case "compared":
        metrics.countDrift(source, event.drifted.length);
        return log[event.drifted.length > 0 ? "error" : "info"]("mirror compared with Stripe", {
          drift: event.drifted.length,
          drifted: event.drifted.slice(0, DRIFT_LOGGED_MAX),
          duration: Math.round(event.seconds * 1000),
        });
      case "applied":
        return log.debug("changes applied", { objects: event.objects });
      case "fault":
        return log.warn(event.fault.message, {
          operation: event.fault.path,
          fault: event.fault.kind,
          request_id: event.fault.requestId ?? undefined,
        });
      case "defect":
        return log.error("synchronisation failed", { error: event.error });
    }
  };
}

/** Says how far a reading is, now and then. */
export function progressLog(log: Logger, store: SourceStore, clock: Clock): () => void {
  let saidAt = -Infinity;
  return () => {
    const { progress } = store.status;
    if (!progress || clock.steady() - saidAt < PROGRESS_LOG_MS) return;
    saidAt = clock.steady();
    log.info("reading the account", {
      done: progress.done,
      estimated: Math.round(progress.estimated),
      seconds_left: progress.secondsLeft === null ? null : Math.ceil(progress.secondsLeft),
    });
  };
}

export function publishMetrics(
  metrics: Metrics,
  name: string,
  store: SourceStore,
): void {
  const { status } = store;
  metrics.setSync(name, {
    ...(status.progress
      ? { done: status.progress.done, estimated: Math.round(status.progress.estimated) }
      : {}),
    ...(status.asOf === null ? {} : { lastSuccessSeconds: status.asOf }),
  });
  metrics.setUnresolved(name, unvaluedCount(store));
  metrics.setUnreadable(name, unreadByKind(store));
  const { inbox } = store;
  metrics.webhooks.setInbox(name, inbox.waiting().length, inbox.setAside().length);
}
