/**
 * An invoice of a subscription's history that has changed since it was read: a draft was finalised,
 * an open one was paid, voided or given up (metrics.md B.6 step 2.2).
 *
 * @module
 */
import {
  addInvoice,
  emptyHistory,
  type HistoryInvoice,
  type InvoiceHistory,
  type InvoiceLine,
} from "./invoice_lines.ts";

/** The statuses of an invoice that may still change, those that change soonest first. */
const CHANGING = ["draft", "open", "uncollectible"];

function sameService(a: InvoiceLine, b: InvoiceLine): boolean {
  return a.item === b.item && a.price === b.price && a.proration === b.proration &&
    a.credit === b.credit;
}

/** Where a pair of times stands among periods, or -1. */
function placeOf(periods: readonly number[], { from, to }: InvoiceLine["period"]): number {
  for (let index = 0; index < periods.length; index += 2) {
    if (periods[index] === from && periods[index + 1] === to) return index;
  }
  return -1;
}

/**
 * Takes out the line that said the same of the same period before; of several the one of an invoice
 * that could still change, since the others are what they were.
 */
function takeOut({ runs }: InvoiceHistory, line: InvoiceLine): void {
  const rank = (status: string) => {
    const place = CHANGING.indexOf(status);
    return place < 0 ? CHANGING.length : place;
  };
  const [run] = runs
    .filter((one) => sameService(one.line, line) && placeOf(one.periods, line.period) >= 0)
    .sort((a, b) => rank(a.line.invoiceStatus) - rank(b.line.invoiceStatus));
  if (!run) return;
  run.periods.splice(placeOf(run.periods, line.period), 2);
  if (run.periods.length === 0) runs.splice(runs.indexOf(run), 1);
}

/** Takes an invoice in as it is now, in place of what it was where it is in already. */
export function putInvoice(history: InvoiceHistory, invoice: HistoryInvoice): void {
  const alone = emptyHistory();
  addInvoice(alone, invoice);
  const place = history.invoices.indexOf(alone.invoices[0]!);
  if (place >= 0) {
    history.invoices.splice(place, 1);
    for (const line of invoice.lines) takeOut(history, line);
  }
  addInvoice(history, invoice);
}
