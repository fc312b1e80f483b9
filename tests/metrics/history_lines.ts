/** Invoice lines as the past reads them, plain unless something is given. */
import type { HistoryLine } from "../../src/metrics/history_line.ts";
import { rational, ZERO } from "../../src/metrics/rational.ts";
import { at } from "./histories.ts";

export type LineParts =
  & Partial<Omit<HistoryLine, "amount" | "quantity" | "period">>
  & {
    readonly amount?: number;
    readonly quantity?: number;
    readonly from?: string;
    readonly to?: string;
  };

/** A renewal of one unit for 1000 from 1 to 31 March, paid. */
export function historyLine(parts: LineParts = {}): HistoryLine {
  const { amount = 1000, quantity = 1, from = "2026-03-01", to = "2026-04-01", ...others } = parts;
  return {
    item: "si_1",
    price: "price_1",
    product: "prod_1",
    quantity: BigInt(quantity),
    interval: "month",
    intervalCount: 1,
    period: { from: at(from), to: at(to) },
    proration: false,
    credit: amount < 0,
    amount: rational(amount),
    discounts: [],
    inclusiveTax: ZERO,
    invoiceStatus: "paid",
    paused: false,
    failedAt: null,
    ...others,
  };
}
