/**
 * What each subscription of a customer adds to a movement; the shares add up to it exactly
 * (metrics.md B.1: movements are of customers, netted over their subscriptions).
 *
 * @module
 */
import { type Grain, isLoss, type Movement, MovementIdentityError } from "../metrics/movements.ts";
import {
  equal,
  format,
  multiply,
  negate,
  ONE,
  type Rational,
  subtract,
  sum,
} from "../metrics/rational.ts";
import type { SourceView } from "../store/port.ts";
import type { DayRange, MovementView } from "./movement_view.ts";
import { factorsTo } from "./slice.ts";

export interface MovementShare {
  readonly subscription: string;
  /** Signed, in minor units of the movement's currency. */
  readonly delta: Rational;
}

/** How the movements were asked for. */
export interface ShareRequest {
  readonly view: SourceView;
  readonly grain: Grain;
  readonly range: DayRange;
}

/** The two moments (Unix seconds) that a movement compares, and the day of its rates. */
function momentsOf({ view: { calendar }, grain, range }: ShareRequest, { at, day }: Movement) {
  switch (grain) {
    case "event":
      return { before: at, after: at + 1, ratesOf: day };
    case "day":
      return { before: calendar.startOf(day), after: calendar.startOf(day + 1), ratesOf: day };
    case "period": {
      const { from, to } = range;
      return { before: calendar.startOf(from), after: calendar.startOf(to), ratesOf: to - 1 };
    }
  }
}

/** What a minor unit of each currency is worth in the movement's; of others there is no part. */
function factorsOf(view: SourceView, { converted, currency }: MovementView, day: number) {
  if (!converted || !view.rates) return new Map([[currency, ONE]]);
  return factorsTo({ currency, rates: {}, daily: view.rates }, view.tally.currencies(), day);
}

/**
 * The subscriptions that moved, in order of their ids.
 *
 * @throws {MovementIdentityError} when they do not add up to the movement.
 */
export function sharesOf(
  request: ShareRequest,
  movements: MovementView,
  movement: Movement,
): MovementShare[] {
  const { view } = request;
  const { before, after, ratesOf } = momentsOf(request, movement);
  const factors = factorsOf(view, movements, ratesOf);
  const shares = [...view.subscriptionsOf(movement.customer)].sort().flatMap((subscription) => {
    const valueBefore = (moment: number) =>
      sum(
        view.segments(subscription)
          .filter(({ from, to }) => from < moment && (to === null || to >= moment))
          .flatMap(({ exact, currency }) => {
            const factor = factors.get(currency);
            return factor ? multiply(exact, factor) : [];
          }),
      );
    const delta = subtract(valueBefore(after), valueBefore(before));
    return delta.n === 0n ? [] : { subscription, delta };
  });
  const whole = isLoss(movement.kind) ? negate(movement.amount) : movement.amount;
  const parts = sum(shares.map(({ delta }) => delta));
  if (!equal(parts, whole)) {
    throw new MovementIdentityError(
      `Cannot share a movement of ${format(whole)} as its subscriptions give ${format(parts)}`,
    );
  }
  return shares;
}
