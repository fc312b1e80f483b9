/**
 * The checks of the original's report.
 *
 * @module
 */
import type { Check } from "./health.ts";

const MIB = 1_024 * 1_024;
/** Memory in use above which the program is degraded, and unhealthy (original's limits). */
const DEGRADED_MB = 512;
const UNHEALTHY_MB = 1_024;

/** Judges the memory in use (bytes): degraded above 512 MB, unhealthy above 1,024 MB. */
export function memoryCheck(
  read: () => { readonly allocBytes: number; readonly sysBytes: number },
): Check {
  return function checkMemory() {
    const { allocBytes, sysBytes } = read();
    const details = { alloc_mb: Math.round(allocBytes / MIB), sys_mb: Math.round(sysBytes / MIB) };
    const mb = allocBytes / MIB;
    if (mb > UNHEALTHY_MB) {
      return { status: "unhealthy", message: `Memory above ${UNHEALTHY_MB} MB`, details };
    }
    if (mb > DEGRADED_MB) {
      return { status: "degraded", message: `Memory above ${DEGRADED_MB} MB`, details };
    }
    return { status: "healthy", message: "Memory within limits", details };
  };
}

/**
 * Asks the store how many daily rows it holds; one that cannot tell is unhealthy, and one whose
 * backup failed is degraded.
 */
export function databaseCheck(
  count: (signal: AbortSignal) => Promise<{ readonly revenue: number; readonly customer: number }>,
  backupFailed: () => boolean = () => false,
): Check {
  return async function checkDatabase(signal) {
    const { revenue, customer } = await count(signal);
    const details = { revenue_metrics_count: revenue, customer_metrics_count: customer };
    if (backupFailed()) {
      return { status: "degraded", message: "The last backup failed: the log says why", details };
    }
    return { status: "healthy", message: "Store answers", details };
  };
}

/**
 * Degraded while any source's breaker is not closed, or its key is rejected, its figures are stale or
 * cannot be read: they are those of before.
 */
export function stripePoolCheck(
  read: () => {
    readonly clients: number;
    readonly circuits: Readonly<Record<"closed" | "open" | "half_open", number>>;
    /** Sources that do not follow Stripe at the moment. */
    readonly behind?: number;
  },
): Check {
  return function checkStripePool() {
    const { clients, circuits, behind = 0 } = read();
    const details = { total_clients: clients, circuit_states: { ...circuits } };
    if (behind > 0) {
      const message = behind === 1
        ? "1 account does not follow Stripe: the sources page says why"
        : `${behind} accounts do not follow Stripe: the sources page says why`;
      return { status: "degraded", message, details };
    }
    if (circuits.open + circuits.half_open > 0) {
      return { status: "degraded", message: "Stripe does not answer for every source", details };
    }
    return { status: "healthy", message: "Stripe answers", details };
  };
}
