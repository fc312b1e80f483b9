/**
 * What customers are called where they are shown: read from Stripe then, kept in memory for some
 * minutes, never stored and never logged (design.md section 3).
 *
 * @module
 */
import type { StripeClient } from "./client.ts";

export interface CustomerLabels {
  /** What is known of these customers in time; others are left out and called by their id. */
  of(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface CustomerLabelOptions {
  readonly client: Pick<StripeClient, "retrieve">;
  /** `name`, `description`, `email` or `metadata.KEY`. */
  readonly label: string;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
  /** Waits, until the signal ends that. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const KEPT_MS = 5 * 60_000;
const KEPT_MAX = 2_000;
/** A page does not wait longer; what comes later is there for the next one. */
const WAIT_MS = 1_500;
/** Requests for one page: a page shows no more customers. */
const ASKED_MAX = 100;
const LENGTH_MAX = 80;

function fieldOf(customer: unknown, label: string): unknown {
  if (typeof customer !== "object" || customer === null) return null;
  const [outer, ...key] = label.split(".");
  const value = (customer as Record<string, unknown>)[outer!];
  if (outer !== "metadata") return value;
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[key.join(".")]
    : null;
}

/** A label as it is shown, or `null` where there is none. */
function labelOf(customer: unknown, label: string): string | null {
  const value = fieldOf(customer, label);
  if (typeof value !== "string") return null;
  const text = value.replaceAll(/\p{C}/gu, " ").trim();
  if (text === "") return null;
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX - 1)}…` : text;
}

interface Kept {
  readonly text: string | null;
  readonly until: number;
}

/** Reads and keeps the labels of one source's customers. */
export function createCustomerLabels(options: CustomerLabelOptions): CustomerLabels {
  const { client, label, now, sleep } = options;
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Promise<void>>();

  function keep(id: string, text: string | null): void {
    kept.delete(id);
    kept.set(id, { text, until: now() + KEPT_MS });
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  }

  /** A customer that cannot be read is called by its id, and not asked for again at once. */
  function ask(id: string): Promise<void> {
    let request = asked.get(id);
    if (!request) {
      request = client.retrieve(`/v1/customers/${encodeURIComponent(id)}`)
        .then((customer) => keep(id, labelOf(customer, label)), () => keep(id, null))
        .finally(() => asked.delete(id));
      asked.set(id, request);
    }
    return request;
  }

  /** Those in force, without those that were kept for long enough. */
  function current(id: string): Kept | undefined {
    const found = kept.get(id);
    if (found && found.until > now()) return found;
    kept.delete(id);
    return undefined;
  }

  return {
    async of(ids) {
      const missing = [...new Set(ids)].filter((id) => !current(id)).slice(0, ASKED_MAX);
      if (missing.length > 0) {
        const enough = new AbortController();
        const late = sleep(WAIT_MS, enough.signal).catch(() => {});
        await Promise.race([Promise.all(missing.map(ask)), late]);
        enough.abort();
      }
      return new Map(
        ids.flatMap((id) => {
          const text = current(id)?.text;
          return text ? [[id, text] as const] : [];
        }),
      );
    },
  };
}
