/** A small account, for the commands that read a whole one. */
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";

export const NOW = Date.parse("2026-11-20T12:00:00Z") / 1000;
const JANUARY = Date.parse("2026-01-10T12:00:00Z") / 1000;
const OCTOBER = Date.parse("2026-10-10T12:00:00Z") / 1000;

/** Five customers at 29.00 a month, one of them by the year and one gone. */
export function account() {
  const monthly = makePrice({ id: "price_m", product: "prod_a", unit_amount: 2900 });
  const yearly = makePrice({
    id: "price_y",
    product: "prod_a",
    unit_amount: 10_001,
    recurring: {
      interval: "year",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
  });
  const of = (id: string, extra: object, price = monthly) =>
    makeSubscription({
      id: `sub_${id}`,
      customer: `cus_${id}`,
      created: JANUARY,
      lines: [makeItem({ id: `si_${id}`, price, current_period_end: NOW + 30 * 86_400 })],
      ...extra,
    });
  return createSimulator({
    objects: {
      prices: [monthly, yearly],
      subscriptions: [
        of("1", {}),
        of("2", { cancel_at_period_end: true, canceled_at: OCTOBER }),
        of("3", {}, yearly),
        of("4", { created: OCTOBER }),
        of("5", {}),
      ],
    },
  });
}
