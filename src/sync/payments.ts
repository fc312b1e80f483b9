/**
 * Payments on their way into the store.
 *
 * @module
 */
import type { PaymentFact } from "../metrics/failed_payments.ts";
import type { SourceStore } from "../store/port.ts";

/** Takes the payment of an invoice, unless the configuration excludes its subscription. */
export function putPayment(
  { standing, money }: SourceStore,
  payment: PaymentFact,
  origin: "listing" | "change",
): void {
  if (standing(payment.subscription)?.reason === "excluded") {
    money.payments.remove(payment.invoice);
    return;
  }
  money.payments.put(payment, origin);
}
