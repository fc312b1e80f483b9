/**
 * What a customer's discount was in the last 30 days. It counts for every subscription that has none
 * of its own (metrics.md A.5), and no event of the subscription tells that it came or went.
 *
 * @module
 */
import type { PastState, PastStates } from "../metrics/past_states.ts";
import type { Discount, Subscription } from "../metrics/types.ts";
import type { DiscountChange } from "../stripe/change.ts";

/** What was in force until a moment. */
interface Former {
  readonly until: number;
  readonly discounts: readonly Discount[];
}

/** The first of one second, as they chain; `null` where they lead back to where they began. */
function firstOf(changes: readonly DiscountChange[]): DiscountChange | null {
  const [only, ...others] = changes;
  if (others.length === 0) return only ?? null;
  const left = new Set(changes.map(({ after }) => after?.id));
  const first = changes.filter(({ before }) => !left.has(before?.id));
  return first.reduce<DiscountChange | null>(
    (least, each) => least === null || each.event < least.event ? each : least,
    null,
  );
}

function formerOf(until: number, { before, after }: DiscountChange): Former {
  if (before) return { until, discounts: [before] };
  // One that says it began earlier was not there: it holds the place until then.
  const early = after !== null && after.start < until;
  return { until, discounts: early ? [{ ...after, start: until }] : [] };
}

/** What was in force before each second that changed it, oldest first. */
function formerOnes(changes: readonly DiscountChange[]): Former[] {
  return [...Map.groupBy(changes, ({ at }) => at)].sort(([a], [b]) => a - b)
    .flatMap(([until, ofSecond]) => {
      const first = firstOf(ofSecond);
      return first ? [formerOf(until, first)] : [];
    });
}

function withDiscounts(state: PastState, until: number, former: Former | undefined): PastState {
  const { sub } = state;
  return {
    ...state,
    until,
    sub: former && sub.discounts.length === 0 ? { ...sub, discounts: former.discounts } : sub,
  };
}

/**
 * The states of a subscription with the discounts that its customer had.
 *
 * @param current The subscription since the last of the states.
 * @param changes Of its customer's discount, in any order.
 */
export function withCustomerDiscounts(
  { since, states }: PastStates,
  current: Subscription,
  changes: readonly DiscountChange[],
): PastStates {
  const formers = formerOnes(changes.filter(({ at }) => at > since));
  const last = formers.at(-1)?.until ?? since;
  const lasting = [...states, { until: Infinity, sub: current }];
  const times = new Set([...states, ...formers].map(({ until }) => until));
  const pieces = [...times].sort((a, b) => a - b).map((until) =>
    withDiscounts(
      lasting.find((state) => state.until >= until)!,
      until,
      until > last ? undefined : formers.find((former) => former.until >= until),
    )
  );
  return { since, states: pieces };
}
