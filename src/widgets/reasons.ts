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

const REASONS: Readonly<Record<string, Reason>> = {
  backfill_running: { text: "The account is still being read", widgets: null },
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
};

/** Every known code. */
export const REASON_CODES = Object.keys(REASONS);

/** The sentence of a code; an unknown code is its own text. */
export function reasonText(code: string): string {
  return REASONS[code]?.text ?? code;
}

/** The codes that concern the whole page. */
export function pageReasons(codes: readonly string[]): string[] {
  return codes.filter((code) => !REASONS[code]?.widgets);
}

/** The codes that concern the widgets of this type alone. */
export function widgetReasons(codes: readonly string[], type: WidgetConfig["type"]): string[] {
  return codes.filter((code) => REASONS[code]?.widgets?.includes(type));
}

/** Sentences one after the other, without the last full stop. */
export function sentences(codes: readonly string[]): string {
  return codes.map(reasonText).join(". ");
}
