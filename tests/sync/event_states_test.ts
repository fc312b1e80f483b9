/**
 * What events of the last 30 days tell: the same in every API version, in whatever order they are
 * listed (metrics.md B.6 step 3).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type PastStates, sameMeaning } from "../../src/metrics/past_states.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { translateCoupon, translateSubscription } from "../../src/stripe/translate.ts";
import { createEventLog } from "../../src/sync/replay.ts";
import { makeInfo } from "./harness.ts";
import {
  COUPON,
  discount,
  eventsOf,
  item,
  type Json,
  json,
  PRICES,
  START,
  subscription,
  type Version,
  VERSIONS,
} from "./subscription_story.ts";

const store = createMemoryStore(makeInfo());
store.setCoupon(translateCoupon(COUPON));

interface Told {
  /** The object as it is in the end. */
  readonly current: Subscription;
  readonly past: PastStates | null;
}

/** What a log tells of the events. */
function told(events: readonly Json[], end: Json): Told {
  const log = createEventLog(store, START);
  for (const each of events) log.take(each);
  const current = translateSubscription(end, store);
  return { current, past: log.replay(current, undefined, Infinity) };
}

function stateAt({ current, past }: Told, at: number): Subscription {
  return past?.states.find(({ until }) => until > at)?.sub ?? current;
}

/** A change of the object, at a second. */
type Change = (sub: Json, at: number) => Json;

function withItems(sub: Json, change: (data: Json[]) => Json[]): Json {
  const items = sub.items as { data: Json[] };
  return { ...sub, items: { ...items, data: change(items.data) } };
}

/** Of the first items: what is beyond the tenth Stripe's events do not show. */
const CHANGES: readonly fc.Arbitrary<Change>[] = [
  fc.record({ index: fc.nat(2), quantity: fc.constantFrom(1, 2, 3, null) }).map(
    ({ index, quantity }) => (sub) =>
      withItems(
        sub,
        (data) => data.map((each, at) => at === index % data.length ? { ...each, quantity } : each),
      ),
  ),
  fc.record({ index: fc.nat(2), price: fc.constantFrom(...PRICES.map((each) => json(each))) }).map(
    ({ index, price }) => (sub) =>
      withItems(
        sub,
        (data) => data.map((each, at) => at === index % data.length ? { ...each, price } : each),
      ),
  ),
  fc.constantFrom("di_1", "di_2", null).map((id) => (sub) => ({
    ...sub,
    discounts: id === null ? [] : [discount(id)],
  })),
  fc.constantFrom("active", "past_due", "unpaid", "trialing").map((status) => (sub) => ({
    ...sub,
    status,
  })),
  fc.constantFrom(null, { behavior: "void", resumes_at: null }, {
    behavior: "void",
    resumes_at: START + 9_000_000,
  }).map((pause_collection) => (sub) => ({ ...sub, pause_collection })),
  fc.constantFrom(null, START + 500, START + 5000).map((trial_end) => (sub) => ({
    ...sub,
    trial_end,
  })),
  fc.constantFrom(null, START + 100_000, START + 90_000_000).map((cancel_at) => (sub, at) => ({
    ...sub,
    cancel_at,
    cancel_at_period_end: cancel_at === START + 100_000,
    canceled_at: cancel_at === null ? null : at,
    cancellation_details: { reason: cancel_at === null ? null : "cancellation_requested" },
  })),
  // A renewal.
  fc.constantFrom(1, 2, 3).map((period) => (sub) => ({
    ...withItems(sub, (data) =>
      data.map((each) => ({
        ...each,
        current_period_start: START + period * 2_592_000,
        current_period_end: START + (period + 1) * 2_592_000,
      }))),
    latest_invoice: `in_${period}`,
  })),
];

/** Items that come and go. */
const COMING: readonly fc.Arbitrary<Change>[] = [
  fc.nat(1000).map((id) => (sub, at) =>
    withItems(sub, (data) =>
      data.some((each) => each.id === `si_new_${id}`) ? data : [...data, {
        ...item(`si_new_${id}`, { created: at }),
        current_period_start: data[0]!.current_period_start,
        current_period_end: data[0]!.current_period_end,
      }])
  ),
  fc.nat(2).map((index) => (sub) =>
    withItems(
      sub,
      (data) => data.length === 1 ? data : data.filter((_, at) => at !== index % data.length),
    )
  ),
];

interface Story {
  /** The object before each second in which it changed. */
  readonly before: readonly (readonly [at: number, sub: Json])[];
  readonly end: Json;
  events(version: Version): Json[];
}

function storyOf(begin: Json, changes: readonly (readonly [number, Change])[]): Story {
  const steps: { readonly at: number; readonly before: Json; readonly after: Json }[] = [];
  let at = START + 1000;
  let sub = begin;
  for (const [gap, change] of changes) {
    at += gap;
    const after = change(sub, at);
    if (JSON.stringify(after) === JSON.stringify(sub)) continue;
    steps.push({ at, before: sub, after });
    sub = after;
  }
  const firsts = [...Map.groupBy(steps, (step) => step.at)].map(([at, [first]]) =>
    [at, first!.before] as const
  );
  return {
    before: firsts,
    end: sub,
    events: (version) =>
      steps.flatMap(({ at, before, after }) => eventsOf(before, after, at, version)),
  };
}

const ended: Change = (sub, at) => ({
  ...sub,
  status: "canceled",
  ended_at: at,
  canceled_at: sub.canceled_at ?? at,
  cancellation_details: { reason: "cancellation_requested" },
});

function story(items: number, kinds = [...CHANGES, ...COMING]): fc.Arbitrary<Story> {
  // Many of them within a second.
  const step = fc.tuple(fc.constantFrom(0, 0, 1, 3600), fc.oneof(...kinds));
  const changes = fc.array(step, { minLength: 1, maxLength: 12 });
  const ends = fc.constantFrom<readonly number[]>([], [0], [60]);
  return fc.record({ changes, ends }).map(({ changes, ends }) =>
    storyOf(subscription(items), [...changes, ...ends.map((gap) => [gap, ended] as const)])
  );
}

function checked({ before, end }: Story, events: readonly Json[], label: string): void {
  const found = told(events, end);
  for (const [at, sub] of before) {
    const expected = translateSubscription(sub, store);
    const state = stateAt(found, at - 1);
    if (!sameMeaning(state, expected)) assert.deepEqual(state, expected, `${label}, before ${at}`);
  }
  // Where items are not shown, an event that names nothing may be of them.
  if ((end.items as { data: unknown[] }).data.length > 10) return;
  assert.ok(found.past?.states.every(({ doubtful }) => !doubtful) ?? true, `${label}: doubtful`);
}

for (const version of VERSIONS) {
  // Which of several items a plan was that of, no event without items tells.
  const kinds = version.endsWith("without items") ? [...CHANGES] : [...CHANGES, ...COMING];
  Deno.test(`events of ${version} tell what the subscription was, in whatever order they come`, () => {
    fc.assert(
      fc.property(story(1, kinds), fc.infiniteStream(fc.nat()), (story, keys) => {
        const events = story.events(version)
          .map((each) => [keys.next().value as number, each] as const)
          .sort(([a], [b]) => a - b).map(([, each]) => each);
        checked(story, events, version);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
}

for (const version of VERSIONS.slice(0, 4)) {
  Deno.test(`events of ${version}, which hold ten items out of 25, tell what the subscription was`, () => {
    fc.assert(
      fc.property(story(25), (story) => checked(story, story.events(version).reverse(), version)),
      { numRuns: 40, seed: 7 },
    );
  });
}
