/**
 * Subscription schedules: what is agreed to begin or to change later (metrics.md C.11).
 *
 * @module
 */
import type { Discount, Item, Price, Subscription } from "./types.ts";

export interface PhaseItem {
  readonly price: string;
  readonly quantity: bigint | null;
}

/** A phase [start, end) in Unix seconds. */
export interface Phase {
  readonly start: number;
  readonly end: number;
  readonly currency: string;
  readonly items: readonly PhaseItem[];
  /** `couponId` is `null` where it names a discount that exists already. */
  readonly discounts: readonly Discount[];
  readonly trialEnd: number | null;
}

export interface Schedule {
  readonly id: string;
  readonly customer: string;
  /** The subscription it runs; `null` before it starts. */
  readonly subscription: string | null;
  /** not_started, active, completed, released, canceled. */
  readonly status: string;
  readonly phases: readonly Phase[];
}

/** Items of a phase with their prices; `null` where one is not known. */
function itemsOf(
  { items, start, end }: Phase,
  price: (id: string) => Price | undefined,
): Item[] | null {
  const found: Item[] = [];
  for (const [index, item] of items.entries()) {
    const known = price(item.price);
    if (!known) return null;
    found.push({
      id: `phase_${index}`,
      price: known,
      quantity: item.quantity,
      currentPeriodStart: start,
      currentPeriodEnd: end,
      trial: null,
      discounts: [],
      taxRates: [],
    });
  }
  return found;
}

/**
 * The subscription as a phase will have it, to be valued at its start; `null` where a price is not
 * known. What the phase leaves open (tax, discounts that are named by id) stays as on `running`.
 */
export function subscriptionIn(
  schedule: Schedule,
  phase: Phase,
  price: (id: string) => Price | undefined,
  running: Subscription | null,
): Subscription | null {
  const items = itemsOf(phase, price);
  if (!items) return null;
  const taxRates = (item: Item) =>
    running?.items.find(({ price }) => price.id === item.price.id)?.taxRates ?? [];
  const keepsDiscounts = phase.discounts.some(({ couponId }) => couponId === null);
  return {
    id: schedule.subscription ?? schedule.id,
    customer: schedule.customer,
    currency: phase.currency,
    status: "active",
    created: running?.created ?? phase.start,
    trialStart: null,
    trialEnd: phase.trialEnd,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    cancelReason: null,
    pause: null,
    testClock: running?.testClock ?? false,
    automaticTax: running?.automaticTax ?? false,
    items: items.map((item) => ({ ...item, taxRates: taxRates(item) })),
    itemsTruncated: false,
    discounts: keepsDiscounts && running ? running.discounts : phase.discounts,
    defaultTaxRates: running?.defaultTaxRates ?? [],
    latestInvoice: null,
    metadata: {},
  };
}
