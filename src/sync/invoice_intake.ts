/**
 * Invoices on their way into the store: what a subscription's past and what payments need of them.
 *
 * @module
 */
import { addInvoice, addUnread, emptyHistory } from "../metrics/invoice_lines.ts";
import type { InvoiceReading, SourceStore } from "../store/port.ts";
import { idIn, shape, ShapeError, text } from "../stripe/shape.ts";
import { translateInvoice } from "../stripe/translate_invoice.ts";
import { translatePayment } from "../stripe/translate_money.ts";
import { isGap } from "./gaps.ts";
import { eachOf } from "./each_of.ts";
import { listAll, type ListingContext } from "./listing.ts";
import { putPayment } from "./payments.ts";
import { aboutOf } from "./unreadable.ts";

/** What an invoice is read with, so that its discounts can be told. */
export const INVOICE_EXPAND = ["discounts.source.coupon", "lines.data.discounts"] as const;

/** What an invoice is of, once it is taken in. */
export interface TakenInvoice {
  /** The subscription whose past it tells of; `null` where that is not known. */
  readonly subscription: string | null;
  readonly unreadable: boolean;
}

/** Marks the stretch of its subscription that an invoice would tell of; whether that is known. */
function markStretch(
  store: SourceStore,
  id: string,
  { subscription, since }: ReturnType<typeof aboutOf>,
): boolean {
  if (subscription === undefined || since === undefined) return false;
  const history = store.history(subscription) ?? emptyHistory();
  addUnread(history, id, since);
  store.setHistory(subscription, history);
  return true;
}

/** Whether an invoice has more lines than came along. */
function isLong(value: unknown): value is Readonly<Record<string, unknown>> {
  const { lines } = value as { lines?: { has_more?: unknown } };
  return lines?.has_more === true;
}

/**
 * Takes an invoice into the store.
 *
 * @param what Whether the past is kept of it, or the payment alone.
 * @param origin What a listing tells of an invoice that is in already is older than a change.
 * @param failedAt When a payment of it first failed, where an event told that. Unix seconds.
 * @returns `null` for one that is of no subscription or not there any more.
 */
export function takeInvoice(
  store: SourceStore,
  value: unknown,
  what: InvoiceReading["what"],
  origin: "listing" | "change",
  failedAt: number | null = null,
): TakenInvoice | null {
  let linesRead = false;
  try {
    const invoice = translateInvoice(value, store);
    const { id, subscription } = invoice;
    // One whose lines are gone was deleted meanwhile: a draft, which says nothing yet.
    if (subscription === null || invoice.linesTruncated) return null;
    if (what === "all") {
      const history = store.history(subscription) ?? emptyHistory();
      addInvoice(history, invoice, origin);
      store.setHistory(subscription, history);
    }
    linesRead = true;
    const payment = translatePayment(value, store.price, failedAt);
    if (payment) putPayment(store, payment, origin);
    store.clearUnreadable(id);
    return { subscription, unreadable: false };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const id = idIn(value) ?? "invoice without an id";
    const about = aboutOf("invoice", value);
    store.setUnreadable({ kind: "invoice", id, problem: error.message, ...about });
    const marked = what === "all" && !linesRead && markStretch(store, id, about);
    return { subscription: marked ? about.subscription! : null, unreadable: true };
  }
}

/** An invoice with all its lines; as it came where it is gone meanwhile. */
async function withLines(
  context: ListingContext,
  invoice: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const data: unknown[] = [];
  const path = `/v1/invoices/${encodeURIComponent(text(shape(invoice), "id"))}/lines`;
  try {
    await listAll(context, path, { expand: ["data.discounts"] }, (page) => void data.push(...page));
  } catch (error) {
    if (!isGap(error)) throw error;
    return invoice;
  }
  return { ...invoice, lines: { data, has_more: false } };
}

/** The same invoices, those with more lines than came along completed. */
export async function withAllLines(
  context: ListingContext,
  invoices: readonly unknown[],
): Promise<readonly unknown[]> {
  const whole = [...invoices];
  await eachOf(whole.entries(), async ([index, value]) => {
    if (isLong(value)) whole[index] = await withLines(context, value);
  });
  return whole;
}
