/** Invoices and events of the whole company, drawn up when first asked for and kept up after. */
import { createShelf, type Shelf } from "../shelf.ts";
import { DAY } from "./calendar.ts";
import { mix } from "../random.ts";
import {
  changeHappenings,
  customerDiscountHappenings,
  type Happening,
  laterHappenings,
  renewalHappenings,
} from "./happenings.ts";
import { type InvoiceRef, invoicesOf, lastSecondOf, renewalsOf } from "./invoices.ts";
import type { EventRecord } from "./records.ts";
import { current, type CustomerRecord, type Sub } from "./state.ts";

/** Stripe keeps events for thirty days. */
export const EVENTS_KEPT = 30 * DAY;

/** Numbers of live events follow those of any past. */
const FIRST_LIVE = 1e9;

export interface Ledger {
  readonly record: (happening: Happening) => void;
  readonly events: () => Shelf<EventRecord>;
  /** All invoices; those up to `now` are drawn up at the first call. */
  readonly invoices: (now: number) => Shelf<InvoiceRef>;
  readonly forgetBefore: (created: number) => void;
}

/** Everything that happened to a subscription after `from`, up to `until`. */
function happeningsOf(sub: Sub, from: number, until: number): Happening[] {
  const happenings = sub.states.flatMap((state, index) => {
    const renewals = renewalsOf(state, from, lastSecondOf(sub, index, until));
    return [
      ...(state.at > from && state.at <= until ? changeHappenings(sub, index) : []),
      ...renewals.flatMap((at) => renewalHappenings(sub, index, at)),
    ];
  });
  const all = [...happenings, ...laterHappenings(sub, from, until)];
  return sub.traits?.scrambled ? scrambled(all, sub) : all;
}

/** In another order, by dice: Stripe does not say in which order those of one second come. */
function scrambled(happenings: readonly Happening[], { index }: Sub): Happening[] {
  const places = happenings.map((each, place) => ({ each, key: mix(index, place, 31) }));
  return places.sort((a, b) => a.key - b.key).map(({ each }) => each);
}

function pastHappenings(customers: readonly CustomerRecord[], now: number): Happening[] {
  const from = now - EVENTS_KEPT;
  const all: Happening[] = [];
  for (const customer of customers) {
    if (customer.created > from) {
      const { created } = customer;
      all.push({ created, type: "customer.created", subject: { is: "customer", customer } });
    }
    all.push(...customerDiscountHappenings(customer, from, now));
    for (const sub of customer.subscriptions) {
      const { endedAt } = current(sub);
      if (endedAt === null || endedAt > from) all.push(...happeningsOf(sub, from, now));
    }
  }
  return all.sort((a, b) => a.created - b.created);
}

/** Ids grow with time, so events of one second keep their order. */
function numbered(happening: Happening, number: number): EventRecord {
  return { id: `evt_1${number.toString(36).padStart(12, "0")}`, ...happening };
}

/** @param founded The time until which the past reaches, Unix seconds. */
export function createLedger(
  customers: readonly CustomerRecord[],
  subs: readonly Sub[],
  founded: number,
): Ledger {
  let live: EventRecord[] = [];
  let liveCount = 0;
  let events: Shelf<EventRecord> | undefined;
  let invoices: Shelf<InvoiceRef> | undefined;

  return {
    record(happening) {
      const event = numbered(happening, FIRST_LIVE + liveCount++);
      if (events) events.put(event);
      else live.push(event);
      if (happening.subject.is === "invoice") invoices?.put(happening.subject.ref);
    },
    events() {
      if (!events) {
        events = createShelf([...pastHappenings(customers, founded).map(numbered), ...live]);
        live = [];
      }
      return events;
    },
    invoices: (now) => invoices ??= createShelf(subs.flatMap((sub) => invoicesOf(sub, 0, now))),
    forgetBefore: (created) => events?.dropBefore(created),
  };
}
