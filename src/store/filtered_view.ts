/**
 * A source seen through a filter: the same view of it, but its sums, days and movements are of
 * the lines that the filter lets through, so that every figure made from a view is filtered in
 * the same way. Made on demand, then kept in step subscription by subscription; a few of a source
 * are kept.
 *
 * @module
 */
import { withCauses } from "../metrics/causes.ts";
import { NO_CLOSED_MONTHS } from "../metrics/closed_months.ts";
import { createDaily } from "../metrics/daily.ts";
import { filters, filterSegments, filterStanding, type LineFilter } from "../metrics/filter.ts";
import { createPriceDays, type PriceDays } from "../metrics/price_days.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import { createTally } from "../metrics/tally.ts";
import { createMovementKeeper } from "./movement_keeper.ts";
import type { SourceView } from "./port.ts";
import { createScans } from "./scans.ts";

/** What a filter leaves of a subscription. */
interface Row {
  readonly customer: string;
  readonly standing: Standing | null;
  readonly segments: readonly Segment[];
}

const NO_SEGMENTS: readonly Segment[] = [];

/** The figures of what is let through, brought up to date when they are read. */
function createFigures(view: SourceView, filter: LineFilter) {
  const { calendar } = view;
  const tally = createTally();
  const daily = createDaily(calendar);
  let priceDays: PriceDays | null = null;
  const rows = new Map<string, Row>();
  const segmentsOf = (subscription: string) => rows.get(subscription)?.segments ?? NO_SEGMENTS;
  const movements = createMovementKeeper(calendar, segmentsOf);

  function drop(subscription: string): readonly Segment[] {
    const row = rows.get(subscription);
    if (!row) return NO_SEGMENTS;
    if (row.standing) tally.remove(row.standing);
    rows.delete(subscription);
    movements.note(row.customer, subscription, false);
    return row.segments;
  }

  function put(whole: Standing): readonly Segment[] {
    const { id, customer } = whole.sub;
    const standing = filterStanding(whole, filter);
    const segments = filterSegments(withCauses(whole.sub, view.segments(id)), filter);
    if (!standing && segments.length === 0) return NO_SEGMENTS;
    rows.set(id, { customer, standing, segments });
    if (standing) tally.add(standing);
    movements.note(customer, id, true);
    return segments;
  }

  for (const standing of view.standings()) daily.replace([], put(standing));
  return {
    calendar,
    // Those of the source, as a currency may be left in the past alone.
    tally: { ...tally, currencies: () => view.tally.currencies() },
    daily,
    priceDays(): PriceDays {
      if (priceDays) return priceDays;
      priceDays = createPriceDays(calendar);
      for (const { segments } of rows.values()) segments.forEach(priceDays.add);
      return priceDays;
    },
    rows,
    segmentsOf,
    movements,
    update(subscription: string): void {
      const before = drop(subscription);
      const standing = view.standing(subscription);
      const after = standing ? put(standing) : NO_SEGMENTS;
      daily.replace(before, after);
      priceDays?.replace(before, after);
    },
  };
}

type Figures = ReturnType<typeof createFigures>;

/** A view that is let go of again with `end`. */
interface Filtered {
  readonly view: SourceView;
  end(): void;
}

/** Figures that follow the source: made when first read, and anew where it starts anew. */
function createFollower(view: SourceView, filter: LineFilter) {
  let kept: Figures | null = null;
  const changed = new Set<string>();
  let revision = 0;
  const end = view.watch((subscription) => {
    if (subscription === null) kept = null;
    else if (kept) changed.add(subscription);
  });
  return {
    end,
    /** Grows with everything that the figures are made of. */
    revision: () => revision,
    figures(): Figures {
      if (kept?.calendar !== view.calendar) kept = null;
      if (!kept) {
        changed.clear();
        revision++;
        return kept = createFigures(view, filter);
      }
      for (const subscription of changed) kept.update(subscription);
      revision += changed.size;
      changed.clear();
      return kept;
    },
  };
}

function createFiltered(view: SourceView, filter: LineFilter): Filtered {
  const { figures, revision, end } = createFollower(view, filter);
  const left = (standings: readonly Standing[]) =>
    standings.flatMap((standing) => filterStanding(standing, filter) ?? []);
  const filtered: SourceView = {
    get info() {
      return { ...view.info, filter };
    },
    get status() {
      return view.status;
    },
    get version() {
      return view.version;
    },
    get calendar() {
      return view.calendar;
    },
    get tally() {
      return figures().tally;
    },
    get daily() {
      return figures().daily;
    },
    get priceDays() {
      return figures().priceDays();
    },
    get movements() {
      return figures().movements.book();
    },
    closedMonths: NO_CLOSED_MONTHS,
    get rates() {
      return view.rates;
    },
    get convertedMovements() {
      return figures().movements.converted(view.rates);
    },
    // Money is billed and paid by the invoice, not by the line: it is of the whole account.
    get inbox() {
      return view.inbox;
    },
    get money() {
      return view.money;
    },
    renewalDays: view.renewalDays,
    renewalRows: view.renewalRows,
    price: view.price,
    coupon: view.coupon,
    product: view.product,
    customerDiscount: view.customerDiscount,
    calledCustomer: view.calledCustomer,
    forgotten: view.forgotten,
    pastDueSince: view.pastDueSince,
    inclusiveTax: view.inclusiveTax,
    // One subscription that is asked for by its id is told whole.
    standing: view.standing,
    *standings() {
      for (const { standing } of figures().rows.values()) if (standing) yield standing;
    },
    subscriptionsOf: (customer) => figures().movements.subscriptionsOf(customer),
    inStatus: (status) => left(view.inStatus(status)),
    segments: (subscription) => figures().segmentsOf(subscription),
    *allSegments() {
      for (const { segments } of figures().rows.values()) yield segments;
    },
    unreadable: view.unreadable,
    corrections: view.corrections,
    unresolved: () => left(view.unresolved()),
    scanned: (scan, args, now) => scans.get(scan, args, now),
    subscribe: view.subscribe,
    watch: view.watch,
  };
  const scans = createScans(filtered, () => {
    figures();
    return revision();
  });
  return { view: filtered, end };
}

/** Filtered views kept for a source; the one that was not asked for longest goes first. */
const KEPT_MAX = 6;

const kept = new WeakMap<SourceView, Map<string, Filtered>>();

/**
 * The source through a filter, or itself where the filter lets everything through. Costs a pass
 * over all subscriptions the first time, then only those that changed.
 */
export function filteredView(view: SourceView, filter: LineFilter): SourceView {
  if (!filters(filter)) return view;
  let ofSource = kept.get(view);
  if (!ofSource) kept.set(view, ofSource = new Map());
  const key = JSON.stringify([filter.price, filter.product, filter.billing]);
  let found = ofSource.get(key);
  if (found) ofSource.delete(key);
  else found = createFiltered(view, filter);
  ofSource.set(key, found);
  const [oldest] = ofSource;
  if (ofSource.size > KEPT_MAX && oldest) {
    oldest[1].end();
    ofSource.delete(oldest[0]);
  }
  return found.view;
}
