/** A synthetic company: a true history, served as a Stripe account, that lives on. */
import { type AccountOptions, makeAccount } from "../account.ts";
import type { Kind, StripeObject } from "../kinds.ts";
import { createShelf, type Entry, type Shelf } from "../shelf.ts";
import type { Collection, Source } from "../source.ts";
import { createDice } from "../random.ts";
import {
  type Books,
  type BooksOptions,
  keepBooks,
  monthEnds,
  type TrueLife,
  trueLives,
} from "./books.ts";
import { DAY } from "./calendar.ts";
import { CASE_COUPONS, CASE_PRICES, CASE_PRODUCTS } from "./cases/catalogue.ts";
import { PRODUCTS } from "./catalogue.ts";
import { productObject } from "./catalogue_objects.ts";
import { createTill, type TrueCash, trueCash } from "./cash.ts";
import { type Counting, COUNTINGS } from "./counting.ts";
import { type Clock, createClock } from "./clock.ts";
import { type TrueFailure, trueFailures } from "./failures.ts";
import { found, foundedAt, type Founding } from "./founding.ts";
import { laterHappenings } from "./happenings.ts";
import { createLedger, EVENTS_KEPT } from "./ledger.ts";
import { eventObject } from "./records.ts";
import { disputeObject, payoutObject, transactionObject } from "./render_cash.ts";
import { invoiceObject } from "./render_invoice.ts";
import { scheduleObject, type ScheduleRef, schedulesOf } from "./render_schedule.ts";
import { catalogueObjects, customerObject, subscriptionAt } from "./render_subscription.ts";
import { current, type CustomerRecord, periodOf, type Sub } from "./state.ts";
import { createSteps, type Step } from "./steps.ts";
import { type Lost, unrecoverable } from "./unrecoverable.ts";

export interface CompanyOptions {
  /** Two companies of one seed, size, age and time are the same. */
  readonly seed?: number;
  /** Customers ever, 2,000 by default. */
  readonly customers?: number;
  /** Age, 24 by default. */
  readonly months?: number;
  /** Unix seconds. */
  readonly now: number;
  /**
   * Half of the customers live what a rebuilt past gets wrong most easily: trials in mid-life, long
   * pauses, changes within a second, older events and others.
   */
  readonly cases?: "all";
  readonly account?: AccountOptions;
}

export interface Company {
  readonly source: Source;
  /** The company's time, Unix seconds. */
  readonly now: () => number;
  /** Moves time on: renewals, ends of trials, what was scheduled. Says what happened. */
  readonly advance: (now: number) => Step[];
  /** Moves time on and makes one more thing happen. */
  readonly step: (now: number) => Step;
  /** The company's own figures, now or at an earlier time (Unix seconds). */
  readonly books: (at?: number, counting?: Counting) => Books;
  /** The books at the close of every month since the founding, and now. */
  readonly trueHistory: (options?: BooksOptions) => ReturnType<typeof monthEnds>;
  /** What each subscription truly was worth at any time, as Stripe counts or another. */
  readonly trueLives: (counting?: Counting) => readonly TrueLife[];
  /** What of the past cannot be known from what Stripe keeps, by subscription. */
  readonly unrecoverable: (counting?: Counting) => ReadonlyMap<string, readonly Lost[]>;
  /** Sums of the balance's movements by month (UTC) and category. */
  readonly trueCash: () => TrueCash[];
  /** Every payment that failed, and what became of it. */
  readonly trueFailures: () => TrueFailure[];
}

function checkOptions({ customers = 2000, months = 24, now }: CompanyOptions): void {
  const rules: [string, number, number][] = [
    ["customers", customers, 0],
    ["months", months, 1],
    ["now", now, 1],
  ];
  for (const [name, value, least] of rules) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new RangeError(
      `Cannot create company as ${name} must be a whole number >= ${least}: current value is ${value}`,
    );
  }
}

/** Creates a company. Deterministic: the same options give the same company and the same future. */
export function createCompany(options: CompanyOptions): Company {
  checkOptions(options);
  const founding: Founding = { seed: 1, customers: 2000, months: 24, ...options };
  const start = foundedAt(founding) - DAY;
  const more = options.cases
    ? { prices: CASE_PRICES, coupons: CASE_COUPONS, products: CASE_PRODUCTS }
    : { prices: [], coupons: [], products: [] };
  const catalogue = catalogueObjects(start, more);
  const { customers, subs } = found(founding);
  const scripted = subs.filter(({ traits }) => traits);
  const clock: Clock = createClock(subs, founding.now);

  const ledger = createLedger(customers, subs, founding.now);
  const subscriptionShelf = createShelf<Sub>(subs);
  const customerShelf = createShelf<CustomerRecord>(customers);

  const steps = createSteps({
    founding,
    dice: createDice(founding.seed, 99),
    customers,
    subs,
    clock,
    record: ledger.record,
    shelve: {
      customer: (customer) => customerShelf.put(customer),
      subscription: (sub) => subscriptionShelf.put(sub),
    },
  });

  function advance(now: number): Step[] {
    const before = clock.now();
    const happened = steps.advance(now);
    for (const sub of scripted) {
      for (const happening of laterHappenings(sub, before, clock.now())) ledger.record(happening);
    }
    ledger.forgetBefore(now - EVENTS_KEPT);
    return happened;
  }

  const fixed = (objects: readonly object[]): Collection => ({
    shelf: createShelf(objects as readonly Entry[]),
    view: (entry) => entry as unknown as StripeObject,
  });
  const drawn = <E extends Entry>(
    shelf: Shelf<E>,
    draw: (entry: E) => object,
    peek?: (entry: E) => object,
  ): Collection => ({ shelf, view: draw, ...(peek ? { peek } : {}) }) as unknown as Collection;
  const collections: Partial<Record<Kind, Collection>> = {
    products: fixed(
      [...PRODUCTS, ...more.products].map((spec, index) => productObject(spec, start + index)),
    ),
    prices: fixed([...catalogue.prices.values()]),
    coupons: fixed([...catalogue.coupons.values()]),
    tax_rates: fixed([...catalogue.taxes.values()]),
    customers: drawn(customerShelf, (customer) => customerObject(customer, clock.now(), catalogue)),
    subscriptions: drawn(
      subscriptionShelf,
      (sub) => subscriptionAt(sub, clock.now(), catalogue),
      (sub) => peekAt(sub, clock.now()),
    ),
  };

  const schedules = createShelf<ScheduleRef>(schedulesOf(subs));
  const till = createTill(() => ledger.invoices(clock.now()), clock.now);

  // There are many invoices and events, so they are listed only once somebody asks.
  function collection(kind: Kind): Collection {
    if (kind === "invoices") {
      collections.invoices ??= drawn(
        ledger.invoices(clock.now()),
        (ref) => invoiceObject(ref, clock.now(), catalogue),
      );
    } else if (kind === "events") {
      collections.events ??= drawn(
        ledger.events(),
        (event) => eventObject(event, catalogue),
        ({ type }) => ({ type }),
      );
    }
    const now = clock.now();
    if (kind === "subscription_schedules") {
      return drawn(schedules, (ref) => scheduleObject(ref, clock.now()));
    }
    if (kind === "balance_transactions") {
      return drawn(till().movements, (movement) => transactionObject(movement, now));
    }
    if (kind === "payouts") return drawn(till().payouts, (ref) => payoutObject(ref, now));
    if (kind === "disputes") return drawn(till().disputes, (ref) => disputeObject(ref, now));
    return collections[kind] ??= fixed([]);
  }

  function step(now: number): Step {
    advance(now);
    return steps.step(clock.now());
  }

  return {
    source: {
      account: makeAccount({ created: start, ...options.account }),
      get balance() {
        return till().balance;
      },
      collection,
    },
    now: clock.now,
    advance,
    step,
    books: (at = clock.now(), counting) => keepBooks(customers, at, counting),
    unrecoverable: (counting = COUNTINGS.stripe) => {
      const now = clock.now();
      return unrecoverable(subs, now - EVENTS_KEPT, now, counting);
    },
    trueCash: () => trueCash(till().movements.all()),
    trueFailures: () => trueFailures(ledger.invoices(clock.now()).all(), clock.now()),
    trueHistory: (options) => monthEnds(customers, foundedAt(founding), clock.now(), options),
    trueLives: (counting) => trueLives(customers, counting),
  };
}

/** What the filters of the subscription list read; the items only if one of them does. */
function peekAt(sub: Sub, at: number) {
  const state = current(sub);
  return {
    status: state.status,
    customer: sub.customer.id,
    collection_method: "charge_automatically",
    test_clock: null,
    get items() {
      const { start, end } = periodOf(state, at);
      const period = { current_period_start: start, current_period_end: end };
      return { data: state.items.map((item) => ({ price: item.price, ...period })) };
    },
  };
}
