/** What a log tells of events of one subscription. */
import { PRESETS } from "../../src/metrics/options.ts";
import { type PastStates, stateSegments } from "../../src/metrics/past_states.ts";
import { valuedStates } from "../../src/metrics/valued_states.ts";
import { format } from "../../src/metrics/rational.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { translateCoupon, translateSubscription } from "../../src/stripe/translate.ts";
import { createEventLog } from "../../src/sync/replay.ts";
import { makeInfo } from "./harness.ts";
import {
  COUPON,
  event,
  former,
  item,
  type Json,
  rendered,
  START,
  subscription,
} from "./subscription_story.ts";

export const AT = START + 1000;
const END = START + 9000;
export const UPDATED = "customer.subscription.updated";
export const store = createMemoryStore(makeInfo());
store.setCoupon(translateCoupon(COUPON));

export function tell(end: Json, ...events: readonly Json[]) {
  const log = createEventLog(store, START);
  events.forEach(log.take);
  const current = translateSubscription(end, store);
  return { current, past: log.replay(current, undefined, END)! };
}

/** From when each value held, as `amount quality`, by the states alone. */
export function worths({ current, past }: { current: Subscription; past: PastStates }) {
  const valued = valuedStates(past, PRESETS.chartmogul, {}, current);
  return stateSegments(valued, current, END, PRESETS.chartmogul, {}, { since: END, absences: [] })
    .map(({ from, exact, quality }) => [from - START, `${format(exact)} ${quality}`]);
}

export function seats(quantity: number | null, more: Json = {}): Json {
  const sub = subscription();
  return { ...sub, items: { has_more: false, data: [item("si_0", { quantity })] }, ...more };
}

/** One step from object to object, of today's version. */
export function step(before: Json, after: Json, at: number, type = UPDATED): Json {
  const [was, is] = [rendered(before, "2026-10-28.endive"), rendered(after, "2026-10-28.endive")];
  return event(type, at, is, former(was, is));
}

export function orders<T>(values: readonly T[]): T[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((first, index) =>
    orders(values.filter((_, at) => at !== index)).map((rest) => [first, ...rest])
  );
}
