/** The company's true failed payments, from its history. */
import { totalOf } from "./cash.ts";
import { fateOf, type InvoiceRef } from "./invoices.ts";
import { current } from "./state.ts";

export interface TrueFailure {
  readonly invoice: string;
  readonly subscription: string;
  readonly currency: string;
  /** Unix seconds. */
  readonly failedAt: number;
  /** Minor units. */
  readonly amount: number;
  readonly outcome: "recovered" | "lost" | "open";
}

/** Nothing is retried for a subscription that ended or was given up. */
const ENDED: ReadonlySet<string> = new Set(["canceled", "unpaid"]);

/** Every invoice whose payment failed, and what became of it by a time; oldest first. */
export function trueFailures(invoices: Iterable<InvoiceRef>, at: number): TrueFailure[] {
  const failures: TrueFailure[] = [];
  for (const ref of invoices) {
    if (ref.state.status !== "past_due") continue;
    const amount = totalOf(ref);
    if (amount <= 0) continue;
    const { status } = fateOf(ref, at);
    const given = status === "uncollectible" || status === "void" ||
      ENDED.has(current(ref.sub).status);
    failures.push({
      invoice: ref.id,
      subscription: ref.sub.id,
      currency: ref.sub.customer.currency,
      failedAt: ref.created,
      amount,
      outcome: status === "paid" ? "recovered" : given ? "lost" : "open",
    });
  }
  return failures;
}
