/**
 * Reasons that make figures incomplete: the closed list of the status codes, the sentence for each,
 * and the widgets that it touches.
 *
 * @module
 */
import type { WidgetConfig } from "./config.ts";

interface Reason {
  readonly text: string;
  /** The widgets whose figures it touches; `null` for the whole page, which the banner says. */
  readonly widgets: readonly WidgetConfig["type"][] | null;
}

const REASONS: ReadonlyMap<string, Reason> = new Map(Object.entries<Reason>({
  backfill_running: { text: "The account is still being read", widgets: null },
  coupons_unread: {
    text: "Stripe did not give the coupons, so MRR of discounted subscriptions may be off until " +
      "the next try succeeds",
    widgets: null,
  },
  customer_discounts_unread: {
    text: "Discounts of customers are not read, so MRR may be too high. " +
      "Grant the key read access to Customers",
    widgets: null,
  },
  invoices_refused: {
    text: "Stripe refuses a page of the invoices. The past of that stretch is estimated until " +
      "the next try succeeds",
    widgets: null,
  },
  past_unread: {
    text: "Reading the past was interrupted. The past is estimated until the next try succeeds",
    widgets: null,
  },
  events_unread: {
    text: "The key may not read events, so changes are found by listing everything again. " +
      "Grant the key read access to Events",
    widgets: null,
  },
  money_unread: {
    text: "Reading payments, payouts and disputes was interrupted. " +
      "Sums are incomplete until the next try succeeds",
    widgets: ["cash", "failed-payments", "renewals"],
  },
  payments_unread: {
    text: "Invoices are not read yet, so payments are not complete",
    widgets: ["failed-payments", "renewals"],
  },
  payments_behind: {
    text: "What happened to payments meanwhile is not read yet",
    widgets: ["failed-payments", "renewals"],
  },
  cash_unread: {
    text: "Balance transactions are not read yet, so cash is not complete",
    widgets: ["cash"],
  },
  cash_behind: {
    text: "What happened to the balance meanwhile is not read yet",
    widgets: ["cash"],
  },
  payouts_unread: { text: "Payouts are not read yet", widgets: ["cash"] },
  payouts_behind: { text: "What happened to payouts meanwhile is not read yet", widgets: ["cash"] },
  disputes_unread: { text: "Disputes are not read yet", widgets: ["cash"] },
  disputes_behind: {
    text: "What happened to disputes meanwhile is not read yet",
    widgets: ["cash"],
  },
  schedules_unread: {
    text: "Schedules are not read yet, so what is to come is not complete",
    widgets: ["forecast"],
  },
  schedules_behind: {
    text: "What happened to schedules meanwhile is not read yet",
    widgets: ["forecast"],
  },
}));

/** Every known code. */
export const REASON_CODES = [...REASONS.keys()];

/** The sentence of a code; an unknown code is its own text. */
export function reasonText(code: string): string {
  return REASONS.get(code)?.text ?? code;
}

/** The codes that concern the whole page. */
export function pageReasons(codes: readonly string[]): string[] {
  return codes.filter((code) => !REASONS.get(code)?.widgets);
}

/** The codes that concern the widgets of this type alone. */
export function widgetReasons(codes: readonly string[], type: WidgetConfig["type"]): string[] {
  return codes.filter((code) => REASONS.get(code)?.widgets?.includes(type));
}

/** Sentences one after the other, without the last full stop. */
export function sentences(codes: readonly string[]): string {
  return codes.map(reasonText).join(". ");
}
