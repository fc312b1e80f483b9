/** One subscription of 29.00 a month, with invoices, read and rebuilt. */
import type Stripe from "stripe";
import { format } from "../../src/metrics/rational.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  type ObjectLists,
} from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { DAY, type Follow, follow } from "./harness.ts";
import { FIRST } from "./invoice_fixture.ts";

export const PRICE = makePrice({ id: "price_a", unit_amount: 2900 });

export function plain(
  given: Partial<Parameters<typeof makeSubscription>[0]> = {},
): Stripe.Subscription {
  return makeSubscription({
    id: "sub_a",
    created: FIRST,
    lines: [makeItem({ id: "si_a", price: PRICE })],
    ...given,
  });
}

export async function rebuilt(
  { prices = [PRICE], subscriptions = [plain()], ...rest }: ObjectLists,
  given: Omit<Follow, "simulator"> = {},
) {
  const simulator = createSimulator({ objects: { prices, subscriptions, ...rest } });
  const followed = follow({ simulator, ...given });
  await followed.until(() => followed.store.status.historyDone);
  return followed;
}

/** `from to value quality`, in days since the first invoice. */
export function shown(store: SourceStore, subscription = "sub_a"): string[] {
  const day = (at: number | null) => at === null ? "open" : String((at - FIRST) / DAY);
  return store.segments(subscription).map(({ from, to, exact, quality }) =>
    `${day(from)} ${day(to)} ${format(exact)} ${quality}`
  );
}
