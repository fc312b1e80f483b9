/** Models of a made-up company for the tests of the views, in every state. Nothing is random. */
import type {
  Chart13Model,
  Chrome,
  Definition,
  Figure,
  HeadModel,
  Moment,
  MonthMovements,
  PageModel,
  Widget,
  WidgetState,
} from "../../src/widgets/models.ts";
import { formatInteger } from "../../src/widgets/format.ts";

export const AS_OF: Moment = { text: "14:02:10", iso: "2026-11-24T14:02:10Z" };

export const MRR_DEFINITION: Definition = {
  name: "Monthly recurring revenue",
  text:
    "What all paying subscriptions are worth a month, after coupons that last for ever, without tax and metered use.",
  formula: "Σ price × quantity ÷ months, rounded once",
  options: ["past due subscriptions count", "coupons that end are not subtracted"],
};

export function definition(name: string, text: string, formula?: string): Definition {
  return formula === undefined ? { name, text } : { name, text, formula };
}

export function fresh<T>(data: T): Extract<WidgetState<T>, { kind: "fresh" }> {
  return { kind: "fresh", data, asOf: AS_OF };
}

export function chromeOf(parts: Partial<Chrome> = {}): Chrome {
  return {
    branding: { appName: "BusinessGlance", logoText: "BusinessGlance", hideFooter: false },
    stylesheets: ["/assets/glance.css"],
    script: "/assets/glance.js",
    manifest: "/manifest.json",
    colorScheme: "auto",
    themes: [
      { key: "auto", name: "System", current: true },
      { key: "light", name: "Light", current: false },
      { key: "dark", name: "Dark", current: false },
    ],
    nav: [{ text: "Revenue", href: "/", current: true }],
    logoutHref: null,
    status: {
      id: "status",
      account: "Northwind Software",
      mode: "demo",
      period: {
        label: "Period",
        choices: [
          { text: "This month", href: "/", current: true },
          { text: "30 d", href: "/?period=30d", current: false, title: "the last 30 days" },
          { text: "Quarter", href: "/?period=quarter", current: false },
          { text: "12 m", href: "/?period=12m", current: false, title: "the last 12 months" },
          { text: "All", href: "/?period=all", current: false },
        ],
      },
      currency: {
        label: "Currency",
        choices: [
          { text: "USD", href: "/", current: true },
          { text: "EUR", href: "/?currency=eur", current: false },
          { text: "JPY", href: "/?currency=jpy", current: false },
        ],
      },
      plan: {
        label: "Plan",
        choices: [
          { text: "All plans", href: "/", current: true },
          { text: "Team", href: "/?plan=prod_team", current: false },
          { text: "Scale", href: "/?plan=prod_scale", current: false },
        ],
      },
      filters: [],
      accounts: [],
      freshness: { text: "live", tone: "live", asOf: AS_OF },
      preset: { text: "as Stripe counts it", href: "/definitions" },
    },
    ...parts,
  };
}

const SPARK = [61, 62, 64, 63, 66, 68, 71, 70, 74, 77, 79, 84, 86];

const NRR: Figure = {
  label: "NRR, 12 months",
  value: "104.2\u00a0%",
  href: "/explain/nrr",
  definition: definition(
    "Net revenue retention",
    "What the customers of a year ago pay now, over what they paid then.",
    "Σ end ÷ Σ start",
  ),
  trend: { text: "+0.8 points", tone: "good" },
  spark: [99, 100, 101, 101, 100, 102, 103, 102, 103, 104],
};

export const HEAD: HeadModel = {
  mrr: {
    label: "MRR",
    value: "$86,214",
    href: "/explain/mrr",
    definition: MRR_DEFINITION,
    spark: SPARK,
  },
  change: [
    { text: "+$1,942 this month (+2.3\u00a0%)", tone: "good" },
    { text: "by this day last month +$1,310", tone: "neutral" },
  ],
  definitionLine:
    "Monthly recurring revenue as Stripe counts it; coupons that end are not subtracted.",
  tiles: [
    {
      label: "Customers",
      value: "1,187",
      href: "/explain/customers",
      definition: definition("Customers", "Customers whose exact MRR is above zero."),
      trend: { text: "+23 this month", tone: "good" },
      spark: SPARK.map((value) => value * 10 + (value % 3) * 8),
    },
    {
      label: "ARR",
      value: "$1,034,568",
      href: "/explain/arr",
      definition: definition("Annual run rate", "Twelve times the exact MRR.", "12 × MRR"),
      trend: { text: "+$23,304 this month", tone: "good" },
      spark: SPARK,
    },
    NRR,
    {
      label: "Gross MRR churn, 30 d",
      value: "1.4\u00a0%",
      href: "/explain/churn",
      approximate: true,
      definition: definition(
        "Gross MRR churn",
        "Churn and contraction of 30 days over the MRR at their start.",
        "(churn + contraction) ÷ start",
      ),
      trend: { text: "−0.3 points", tone: "good" },
      spark: [22, 20, 21, 19, 18, 19, 17, 17, 16, 14],
    },
  ],
};

const MONTHS: readonly [key: string, label: string, days: number][] = [
  ["2025-11", "Nov", 30],
  ["2025-12", "Dec", 31],
  ["2026-01", "Jan", 31],
  ["2026-02", "Feb", 28],
  ["2026-03", "Mar", 31],
  ["2026-04", "Apr", 30],
  ["2026-05", "May", 31],
  ["2026-06", "Jun", 30],
  ["2026-07", "Jul", 31],
  ["2026-08", "Aug", 31],
  ["2026-09", "Sep", 30],
  ["2026-10", "Oct", 31],
  ["2026-11", "Nov", 30],
];

const LONG = "January February March April May June July August September October November December"
  .split(" ");

/** New, expansion, reactivation, churn, contraction, in whole dollars; they sum to the MRR. */
const MOVED: readonly (readonly number[])[] = [
  [2900, 700, 90, 1400, 310],
  [2100, 520, 0, 1750, 420],
  [3400, 1280, 210, 1300, 280],
  [3120, 990, 150, 1880, 560],
  [3650, 1420, 90, 1240, 240],
  [2480, 760, 330, 2310, 690],
  [3980, 1510, 120, 1390, 310],
  [3310, 1130, 240, 1420, 450],
  [2740, 640, 60, 2620, 380],
  [4120, 1690, 310, 1310, 290],
  [3870, 1240, 180, 1530, 410],
  [4230, 1590, 220, 1480, 260],
  [2310, 864, 120, 1042, 310],
];

const END = 86_214_00;

function movementsOf([n, e, r, c, k]: readonly number[]): MonthMovements {
  return {
    new: n! * 100,
    expansion: e! * 100,
    reactivation: r! * 100,
    churn: c! * 100,
    contraction: k! * 100,
  };
}

/** Daily closes that step from month to month by exactly the movements. */
function dailyCloses(): number[] {
  const nets = MOVED.map(([n, e, r, c, k]) => (n! + e! + r! - c! - k!) * 100);
  let level = END - nets.reduce((sum, net) => sum + net, 0);
  return MONTHS.flatMap(([, , days], index) => {
    const shown = index === MONTHS.length - 1 ? 24 : days;
    const from = level;
    level += nets[index]!;
    return Array.from({ length: shown }, (_, day) => {
      const wave = day === shown - 1 ? 0 : Math.sin(day * 1.7 + index) * 60_00;
      return Math.round(from + nets[index]! * (day + 1) / shown + wave);
    });
  });
}

export const CHART13: Chart13Model = {
  currency: "usd",
  months: MONTHS.map(([key, label, days], index) => ({
    key,
    label,
    days,
    title: `${LONG[Number(key.slice(5)) - 1]} ${key.slice(0, 4)}`,
    running: index === MONTHS.length - 1,
    approximate: index < 3,
    movements: movementsOf(MOVED[index]!),
    href: `/explain/movements?from=${key}`,
  })),
  daily: dailyCloses(),
};

/** The same before history is there. */
export const CHART13_WITHOUT_MOVEMENTS: Chart13Model = {
  ...CHART13,
  months: CHART13.months.map((month) => ({ ...month, movements: null })),
  movementsReason: "not yet: movements come with the history",
  note: "History: month 9 of 24.",
};

export const WIDGETS = {
  head: { id: "head", type: "head", title: "Overview", hideHeader: true, state: fresh(HEAD) },
  chart13: {
    id: "chart13",
    type: "chart13",
    title: "Thirteen months",
    definition: definition("Movements", "How MRR changed, per customer, netted per local day."),
    state: fresh(CHART13),
  },
  bridge: {
    id: "bridge",
    type: "bridge",
    title: "Bridge",
    definition: definition(
      "Bridge",
      "Start plus every movement is now, to the minor unit.",
      "start + new + reactivation + expansion − contraction − churn + FX = now",
    ),
    state: fresh({
      period: "1 to 24 November",
      steps: [
        {
          key: "start",
          label: "1 Nov",
          amount: "$84,272",
          value: 8427200,
          customers: "1,164",
          tone: "neutral",
        },
        {
          key: "new",
          label: "New",
          amount: "+$2,310",
          value: 231000,
          customers: "41 customers",
          tone: "good",
          href: "/explain/new",
        },
        {
          key: "reactivation",
          label: "Reactivation",
          amount: "+$120",
          value: 12000,
          customers: "3 customers",
          tone: "good",
          href: "/explain/reactivation",
        },
        {
          key: "expansion",
          label: "Expansion",
          amount: "+$864",
          value: 86400,
          customers: "19 customers",
          tone: "good",
          href: "/explain/expansion",
        },
        {
          key: "contraction",
          label: "Contraction",
          amount: "−$310",
          value: -31000,
          customers: "7 customers",
          tone: "bad",
          href: "/explain/contraction",
        },
        {
          key: "churn",
          label: "Churn",
          amount: "−$1,042",
          value: -104200,
          customers: "21 customers",
          tone: "bad",
          href: "/explain/churn",
          note: "of that paused −$98",
        },
        { key: "fx", label: "FX", amount: "$0", value: 0, customers: "", tone: "neutral" },
        {
          key: "end",
          label: "Now",
          amount: "$86,214",
          value: 8621400,
          customers: "1,187",
          tone: "neutral",
          href: "/explain/mrr",
        },
      ],
    }),
  },
  plans: {
    id: "plans",
    type: "plans",
    title: "Plans",
    state: fresh({
      rows: [
        planRow("Scale", "2 prices", "$31,060", 0.36, 164, "+$1,120"),
        planRow("Team", "$49 a month", "$24,990", 0.29, 402, "+$490"),
        planRow("Enterprise", "yearly", "$14,658", 0.17, 12, "$0"),
        planRow("Starter", "$12 a month", "$7,740", 0.09, 470, "+$204"),
        planRow("Team, yearly", "$490 a year", "$4,311", 0.05, 88, "−$82"),
        planRow("Agency", "tiered", "$2,155", 0.025, 21, "+$210"),
        planRow("Other", "9 plans", "$1,300", 0.015, 30, "$0"),
      ],
      billing: [
        {
          name: "Monthly",
          mrr: "$61,204.00",
          share: 0.71,
          shareText: "71\u00a0%",
          href: "?billing=month",
        },
        {
          name: "Yearly",
          mrr: "$25,010.00",
          share: 0.29,
          shareText: "29\u00a0%",
          href: "?billing=year",
        },
      ],
      total: { mrr: "$86,214", customers: "1,187" },
    }),
  },
  needsYou: {
    id: "needs-you",
    type: "needs-you",
    title: "Needs you",
    state: fresh({
      items: [
        {
          tone: "warn",
          text: "Failed payments",
          detail: "oldest 6 days",
          amount: "$1,284",
          count: "9 customers",
          href: "/explain/failed",
        },
        {
          tone: "warn",
          text: "Cancelling",
          amount: "$742",
          count: "6 customers",
          href: "/explain/cancelling",
        },
        {
          tone: "calm",
          text: "Trials ending in 7 days",
          amount: "$420",
          count: "8 trials",
          href: "/explain/trials",
        },
        {
          tone: "calm",
          text: "Renewals in 30 days",
          amount: "$14,210",
          count: "31 yearly",
          href: "/explain/renewals",
        },
        {
          tone: "broken",
          text: "Could not be valued",
          detail: "custom price",
          amount: null,
          count: "2 subscriptions",
          href: "/explain/unresolved",
        },
      ],
    }),
  },
  activity: {
    id: "activity",
    type: "activity",
    title: "Activity",
    state: fresh({
      items: [
        moved("1", "new", "cus_Rk41", "started Team", "+$49.00", "14:01"),
        moved("2", "expansion", "cus_Qm07", "Team to Scale", "+$150.00", "13:20"),
        moved("3", "churn", "cus_P81x", "cancelled Starter", "−$12.00", "12:47"),
        moved("4", "new", "cus_Rk40", "started Scale, yearly", "+$166.67", "11:05"),
        moved("5", "contraction", "cus_Nn3e", "12 to 9 seats", "−$36.00", "10:12"),
        moved("6", "reactivation", "cus_A0b2", "returned to Team", "+$49.00", "09:58"),
        moved("7", "new", "cus_Rk3f", "started Starter", "+$12.00", "09:31"),
        moved("8", "expansion", "cus_Lp9q", "20 to 24 seats", "+$48.00", "08:44"),
        moved("9", "churn", "cus_C7h1", "payment failed for good", "−$49.00", "yesterday"),
        moved("10", "new", "cus_Rk3a", "started Team", "+$49.00", "yesterday"),
        moved("11", "new", "cus_Rk39", "started Agency", "+$89.00", "yesterday"),
        moved("12", "fx", "cus_Eu21", "EUR at another rate", "−$0.41", "yesterday"),
      ],
    }),
  },
  cash: {
    id: "cash",
    type: "cash",
    title: "Cash",
    state: fresh({
      period: "1 to 24 November",
      lines: [
        figure("Gross", "$81,402.10"),
        figure("Refunds", "−$612.00"),
        figure("Fees", "−$2,441.88"),
        figure("Net", "$78,348.22"),
        { ...figure("Next payout", "$9,214.03"), note: "26 Nov" },
      ],
    }),
  },
  revenue: {
    id: "revenue",
    type: "revenue",
    title: "Revenue",
    state: fresh({
      primary: {
        ...figure("MRR", "$86,214"),
        trend: { text: "+2.3\u00a0% this month", tone: "good" },
      },
      items: [
        figure("ARR", "$1,034,568"),
        figure("ARPA", "$72.63"),
        figure("New", "$2,310.00"),
        figure("Churned", "$0.00"),
      ],
      chart: {
        title: "MRR by month",
        points: SPARK.map((value, index) => ({
          label: MONTHS[index]![1],
          value,
          text: `$${value},000`,
        })),
      },
    }),
  },
  customers: {
    id: "customers",
    type: "customers",
    title: "Customer metrics",
    state: fresh({
      primary: {
        ...figure("Active customers", "1,187"),
        trend: { text: "+23 this month", tone: "good" },
      },
      items: [
        figure("New", "41"),
        figure("Churned", "21"),
        { ...figure("Churn, 30 d", "1.8\u00a0%"), note: "21 of 1,205" },
        {
          label: "LTV",
          value: null,
          reason: "not yet: needs 3 complete months",
          definition: definition("LTV", "ARPA over churn."),
        },
      ],
      chartReason: "not yet: the chart comes with the history",
    }),
  },
  currencies: {
    id: "currencies",
    type: "currencies",
    title: "Currencies",
    state: fresh({
      rows: [
        {
          currency: "USD",
          mrr: "$58,920",
          customers: "802 customers",
          change: { text: "+$1,204", tone: "good" },
          converted: null,
          href: "/?currency=usd",
        },
        {
          currency: "EUR",
          mrr: "€21,407",
          customers: "311 customers",
          change: { text: "−€96", tone: "bad" },
          converted: "$23,192 at 1.0834",
          href: "/?currency=eur",
        },
        {
          currency: "JPY",
          mrr: "¥629,000",
          customers: "74 customers",
          change: null,
          converted: "$4,102 at 0.00652",
          href: "/?currency=jpy",
        },
      ],
      reporting: { currency: "USD", mrr: "$86,214", href: "/explain/mrr?currency=usd" },
    }),
  },
  retention: {
    id: "retention",
    type: "retention",
    title: "Retention",
    state: fresh({ reason: "not yet: retention lines need two complete months of history" }),
  },
  cohorts: {
    id: "cohorts",
    type: "cohorts",
    title: "Cohorts",
    state: fresh({ reason: "not yet: the cohort map comes with the history" }),
  },
  trials: {
    id: "trials",
    type: "trials",
    title: "Trials",
    state: fresh({ reason: "not yet: trials and their conversion come with the history" }),
  },
} satisfies Record<string, Widget>;

export function figure(label: string, value: string): Figure {
  return { label, value, definition: definition(label, `What ${label} means.`) };
}

function planRow(
  name: string,
  detail: string,
  mrr: string,
  share: number,
  customers: number,
  change: string,
) {
  const tone = change.startsWith("+") ? "good" : change.startsWith("−") ? "bad" : "neutral";
  return {
    name,
    detail,
    mrr,
    share,
    shareText: `${Math.round(share * 100)}\u00a0%`,
    customers: formatInteger(customers),
    change: { text: change, tone },
    href: `/explain/mrr?plan=${encodeURIComponent(name)}`,
  } as const;
}

function moved(
  id: string,
  kind: "new" | "reactivation" | "expansion" | "contraction" | "churn" | "fx",
  customer: string,
  text: string,
  amount: string,
  at: string,
) {
  return {
    id,
    kind,
    text,
    amount,
    customer: { text: customer, href: `https://dashboard.stripe.com/customers/${customer}` },
    at: { text: at, iso: "2026-11-24T13:00:00Z" },
    tone: amount.startsWith("+") ? "good" : "bad",
  } as const;
}

/** The first page as page.md lays it out. */
export function pageOf(parts: Partial<PageModel> = {}): PageModel {
  return {
    chrome: chromeOf(),
    title: "Revenue",
    slug: "",
    width: "default",
    refreshSeconds: 600,
    stream: "state-1",
    headWidgets: [WIDGETS.head],
    columns: [
      { size: "full", widgets: [WIDGETS.chart13, WIDGETS.bridge, WIDGETS.plans] },
      { size: "small", widgets: [WIDGETS.needsYou, WIDGETS.activity, WIDGETS.cash] },
    ],
    belowWidgets: [WIDGETS.retention, WIDGETS.cohorts, WIDGETS.trials],
    footer: {
      version: "0.1.0",
      sources: [
        {
          name: "Northwind Software",
          mode: "demo",
          phase: "live",
          alarm: "calm",
          lastEvent: "last event 14:02:10",
        },
      ],
      links: [
        { text: "Definitions", href: "/definitions" },
        { text: "Webhooks", href: "/webhooks/status" },
        { text: "API", href: "/api/openapi.json" },
      ],
      demo: {
        books: { equal: true, simulator: "$86,214.17", shown: "$86,214.17" },
        breakHref: "/demo/break",
        broken: false,
        connect: { text: "Connect yours", href: "/connect" },
      },
    },
    ...parts,
  };
}
