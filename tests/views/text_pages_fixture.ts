/** The pages of text: rows behind a figure, one subscription, definitions, a message. */
import type {
  DefinitionsModel,
  ExplainModel,
  ExplainRow,
  MessageModel,
  SubscriptionModel,
} from "../../src/widgets/models.ts";
import { AS_OF, chromeOf, definition, MRR_DEFINITION } from "../support/page_fixture.ts";

function explainRow(n: number, parts: Partial<ExplainRow> = {}): ExplainRow {
  return {
    subscription: { text: `sub_1QkT${n}xLm`, href: `/explain/subscription/sub_1QkT${n}xLm` },
    customer: { text: `cus_Rk${n}`, href: `https://dashboard.stripe.com/customers/cus_Rk${n}` },
    status: "active",
    plan: "Team, monthly",
    quantity: "1",
    amount: "$49.00",
    exact: "4900",
    issues: [],
    ...parts,
  };
}

export const EXPLAIN: ExplainModel = {
  chrome: chromeOf({ status: null }),
  title: "MRR",
  definition: MRR_DEFINITION,
  total: "$86,214.17",
  totalExact: "25864251/3",
  countText: "1,204 subscriptions of 1,187 customers",
  asOf: AS_OF,
  filters: [
    {
      label: "Currency",
      choices: [
        { text: "USD", href: "/explain/mrr", current: true },
        { text: "EUR", href: "/explain/mrr?currency=eur", current: false },
      ],
    },
    {
      label: "Plan",
      choices: ["All plans", "Scale", "Team", "Starter", "Agency"].map((text, index) => ({
        text,
        href: `/explain/mrr?plan=${index}`,
        current: index === 0,
      })),
    },
  ],
  subtotals: [
    { currency: "USD", amount: "$58,920.00", exact: "5892000", rows: "802 subscriptions" },
    { currency: "EUR", amount: "€25,189.51", exact: "7556853/3", rows: "402 subscriptions" },
  ],
  columns: { standing: "Status", plan: "Plan", quantity: "Quantity" },
  amountLabel: "MRR",
  rows: [
    explainRow(41),
    explainRow(40, { plan: "Scale, yearly", amount: "$166.67", exact: "50000/3", quantity: "1" }),
    explainRow(39, {
      plan: "Enterprise, yearly",
      quantity: "40",
      amount: "$541.67",
      exact: "162500/3",
    }),
    explainRow(38, { status: "past_due", amount: "$12.00", exact: "1200", plan: "Starter" }),
    explainRow(37, {
      status: "trialing",
      amount: "$0.00",
      exact: "0",
      reason: "in trial until 1 Dec",
    }),
    explainRow(36, {
      plan: "Custom",
      amount: null,
      exact: null,
      issues: ["tiers were not delivered by Stripe"],
    }),
    explainRow(35, { plan: "Team, monthly", quantity: "9", amount: "$441.00", exact: "44100" }),
  ],
  rounding: { text: "Rounding: rows are rounded for display, the sum only once", amount: "−$0.01" },
  paging: {
    text: "1 to 7 of 1,204",
    previous: null,
    next: { text: "Next", href: "/explain/mrr?after=7" },
  },
  downloads: [
    { text: "CSV", href: "/api/v1/subscriptions?figure=mrr&format=csv" },
    { text: "JSON", href: "/api/v1/subscriptions?figure=mrr" },
  ],
};

export const SUBSCRIPTION: SubscriptionModel = {
  chrome: chromeOf({ status: null }),
  id: "sub_1QkT39xLm",
  customer: { text: "cus_Rk39", href: "https://dashboard.stripe.com/customers/cus_Rk39" },
  dashboard: {
    text: "in Stripe",
    href: "https://dashboard.stripe.com/subscriptions/sub_1QkT39xLm",
  },
  status: "active",
  amount: "$541.67",
  exact: "162500/3",
  issues: [],
  definition: MRR_DEFINITION,
  items: [{
    name: "Enterprise",
    detail: "40 seats, billed yearly, graduated tiers",
    steps: [
      {
        label: "Tier",
        expression: "10 × $180.00 + 30 × $200.00",
        result: "$7,800.00",
        note: "seats 1 to 10, seats 11 to 40",
      },
      {
        label: "Coupon",
        expression: "$7,800.00 − 16 2/3 %",
        result: "$6,500.00",
        note: "LAUNCH, for ever",
      },
      { label: "Per month", expression: "$6,500.00 ÷ 12", result: "$541.67" },
    ],
    amount: "$541.67",
    exact: "162500/3",
  }],
  nextChange: "Nothing scheduled changes it.",
  back: { text: "MRR", href: "/explain/mrr" },
  asOf: AS_OF,
};

export const DEFINITIONS: DefinitionsModel = {
  chrome: chromeOf({ status: null }),
  presets: {
    label: "Counted as",
    choices: ["Stripe", "ChartMogul", "Baremetrics", "ProfitWell", "Recurly"].map((
      text,
      index,
    ) => ({
      text,
      href: `/definitions?preset=${text.toLowerCase()}`,
      current: index === 0,
    })),
  },
  version: "1",
  difference: {
    title: "As ChartMogul counts it",
    from: { label: "MRR as Stripe counts it", amount: "$86,214" },
    causes: [
      {
        text: "coupons that end are subtracted",
        amount: "−$1,204",
        count: "31 subscriptions",
        href: "/explain/mrr?cause=coupons",
      },
      { text: "cancelling ones stay until they end", amount: "+$742", count: "6 subscriptions" },
      { text: "paused ones count", amount: "+$98", count: "2 subscriptions" },
    ],
    to: { label: "MRR as ChartMogul counts it", amount: "$85,850" },
  },
  groups: [
    {
      title: "Revenue",
      definitions: [
        MRR_DEFINITION,
        definition("Annual run rate", "Twelve times the exact MRR, rounded once.", "12 × MRR"),
        definition("ARPA", "MRR over active customers, both now.", "MRR ÷ customers"),
      ],
    },
    {
      title: "Retention",
      definitions: [
        definition("Net revenue retention", "The same customers, then and now.", "Σ end ÷ Σ start"),
        definition(
          "Customer churn, 30 days",
          "Customers lost in 30 days over those active at their start and those new since.",
          "churned ÷ (active + new)",
        ),
      ],
    },
  ],
  options: [
    {
      name: "pastDue",
      value: "count",
      meaning: "Past due subscriptions count until they are cancelled.",
      from: "preset",
    },
    {
      name: "cancellation",
      value: "at_request",
      meaning: "A cancelling subscription leaves MRR when that is requested.",
      from: "preset",
    },
    {
      name: "subtractRepeating",
      value: "false",
      meaning: "Coupons that end are not subtracted.",
      from: "your configuration",
    },
  ],
};

export const MESSAGE: MessageModel = {
  chrome: chromeOf({ status: null }),
  code: null,
  alarm: "warn",
  title: "The configuration has a fault",
  what: "There is no widget of type “revenu”. The nearest one is “revenue”.",
  where: "glance.yml, line 12, column 15",
  excerpt: "  10 |       - size: full\n  11 |         widgets:\n> 12 |           - type: revenu",
  todo: [
    "Correct the line and save it; the page follows by itself.",
    "Or check it first: deno task glance config:validate",
  ],
  actions: [{ text: "Try again", href: "/" }],
};

export const NOT_FOUND: MessageModel = {
  chrome: chromeOf({ status: null }),
  code: 404,
  alarm: "calm",
  title: "There is no such page",
  what: "The address names no page of this dashboard.",
  todo: [],
  actions: [{ text: "To the dashboard", href: "/" }],
};
