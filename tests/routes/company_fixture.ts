/** A company of every kind of plan and currency, and the addresses of all its answers. */
import { dayKey } from "../../src/metrics/calendar.ts";
import { parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { parse } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { NO_INPUTS } from "../../src/widgets/inputs.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);

/** A euro is worth 1.0800 to 1.0806 dollars, another amount each day. */
function dailyEuros() {
  const today = Math.floor(NOW / 86_400);
  const days = Array.from({ length: 800 }, (_, age) => today - age);
  const lines = days.map((day) => `${dayKey(day)},1.080${day % 7}`);
  return parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv");
}

export function companyDashboard(): Promise<Dashboard> {
  const { source } = createCompany({ seed: 3, customers: 150, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source }),
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      figures: {
        ...settings.figures,
        reporting: {
          currency: "usd",
          rates: { gbp: parse("1.27"), jpy: parse("0.0067") },
          quotes: dailyEuros(),
        },
        inputs: { ...NO_INPUTS, acquisitionCost: parse("400"), grossMargin: parse("0.8") },
      },
    }),
  });
}

/** Addresses of each route whose answers are looked at, beside the plain one. */
export const MORE: Readonly<Record<string, readonly string[]>> = {
  "/revenue": [`?at=${dayKey(Math.floor(NOW / 86_400) - 100)}`, "?currency=eur", "?billing=year"],
  "/revenue/history": ["?interval=quarter", "?currency=usd&interval=year"],
  "/movements": ["?currency=usd&interval=day&from=2026-11-01", "?grain=period", "?grain=event"],
  "/events": ["?currency=usd&limit=500"],
  "/customers": ["?currency=eur", "?billing=week"],
  "/cohorts": ["?interval=quarter"],
  "/failed-payments": ["?detail=invoices", "?currency=usd&interval=quarter"],
  "/trials": ["?detail=subscriptions", "?billing=month"],
  "/cash": ["?interval=day", "?interval=year"],
  "/renewals": ["?detail=subscriptions", "?currency=usd"],
  "/forecast": ["?currency=eur"],
  "/subscriptions": [
    ...["pastDueMrr", "trialingMrr", "top10", "unresolved", "new", "churn", "fx"].map((figure) =>
      `?figure=${figure}&limit=500`
    ),
  ],
};
