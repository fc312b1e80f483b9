/** Everything that figures of money follow from, as plain data. */
import { encodeFact } from "../../src/store/codec.ts";
import type { SourceView } from "../../src/store/port.ts";
import { DAY } from "./harness.ts";

function ordered<T>(rows: Iterable<T>): string[] {
  return [...rows].map((row) => encodeFact(row)).sort();
}

/** @param now Unix seconds. */
export function moneyState({ money, calendar, status }: SourceView, now: number): unknown {
  const { cash, payments } = money;
  const today = calendar.dayOf(now);
  const first = calendar.dayOf(now - 1_200 * DAY);
  const days = Array.from({ length: today - first + 1 }, (_, index) => first + index);
  return JSON.parse(encodeFact({
    read: [status.paymentsRead, money.cashReading.done],
    cash: cash.currencies().map((currency) =>
      days.map((day) => [...cash.period(currency, day, day + 1)].sort())
        .filter((sums) => sums.length > 0)
    ),
    expected: cash.expected(now),
    billed: payments.currencies().map((currency) =>
      days.map((day) => payments.billed(currency, day, day + 1))
    ),
    facts: ordered(payments.facts()),
    payouts: ordered(money.payouts()),
    disputes: ordered(money.disputes()),
    schedules: ordered(money.schedules()),
    totals: Object.entries(money.balance ?? {}).filter(([key]) => key !== "at"),
    check: money.balanceCheck,
  }));
}
