/** Pages in the states of page.md: stale, loading, empty, failed, several currencies. */
import type {
  BridgeModel,
  Chrome,
  HeadModel,
  PageModel,
  Widget,
  WidgetState,
} from "../../src/widgets/models.ts";
import {
  AS_OF,
  CHART13_WITHOUT_MOVEMENTS,
  chromeOf,
  definition,
  fresh,
  HEAD,
  MRR_DEFINITION,
  pageOf,
  WIDGETS,
} from "../support/page_fixture.ts";

type Unknown = WidgetState<never>;

export const LOADING: Unknown = {
  kind: "loading",
  progress: "1,240 of about 2,010 · 2 s",
  share: 0.62,
};

export const PERMISSION_MISSING: Unknown = {
  kind: "unavailable",
  alarm: "warn",
  reason: "The key may not read invoices, so there is no cash and no history before today.",
  action: { text: "Grant it at Stripe", href: "https://dashboard.stripe.com/apikeys" },
};

export const BROKEN: Unknown = {
  kind: "unavailable",
  alarm: "broken",
  reason: "Stripe has not answered since 13:40, and there is nothing older to show.",
};

export function partial<T>(data: T): WidgetState<T> {
  return { kind: "partial", data, asOf: AS_OF, reason: "Reading payments was interrupted" };
}

function staleChrome(chrome: Chrome): Chrome {
  return {
    ...chrome,
    status: chrome.status && {
      ...chrome.status,
      mode: "live",
      freshness: { text: "stale since 14:02", tone: "stale", asOf: AS_OF },
      accounts: [
        { text: "Northwind", href: "/", current: true, alarm: "calm", phase: "live" },
        {
          text: "Southwind",
          href: "/sources",
          current: false,
          alarm: "broken",
          phase: "key rejected",
        },
      ],
      banner: {
        code: "stripe_away",
        severity: "warn",
        sentence: "Stripe is not answering (HTTP 500). Figures are from 14:02. Next try in 40 s",
        action: { text: "See sources", href: "/sources" },
      },
    },
  };
}

/** One widget in each state that is not fresh. */
export function statesPage(chrome: Chrome = chromeOf()): PageModel {
  return pageOf({
    chrome: staleChrome(chrome),
    columns: [
      {
        size: "full",
        widgets: [
          { ...WIDGETS.chart13, state: fresh(CHART13_WITHOUT_MOVEMENTS) },
          { ...WIDGETS.bridge, state: fresh(BRIDGE_NOT_YET) },
          WIDGETS.plans,
        ],
      },
      {
        size: "small",
        widgets: [
          {
            ...WIDGETS.needsYou,
            state: fresh({ items: [], pending: "not yet: failed payments, renewals" }),
          },
          { ...WIDGETS.activity, state: BROKEN },
          { ...WIDGETS.cash, state: PERMISSION_MISSING },
          WIDGETS.customers,
          { ...WIDGETS.revenue, state: partial(WIDGETS.revenue.state.data) },
        ],
      },
    ],
  });
}

export const BRIDGE_NOT_YET: BridgeModel = {
  period: "1 to 24 November",
  reason: "not yet: the bridge comes with the history",
  steps: WIDGETS.bridge.state.data.steps.map(({ key, label, tone }) => ({
    key,
    label,
    tone,
    amount: null,
    value: null,
    customers: null,
  })),
};

/** Before the first load is done. */
export function loadingPage(chrome: Chrome = chromeOf()): PageModel {
  const loading = (widget: Widget): Widget => ({ ...widget, state: LOADING });
  const page = pageOf({
    chrome: {
      ...chrome,
      status: chrome.status && {
        ...chrome.status,
        freshness: { text: "loading", tone: "loading", asOf: null },
      },
    },
  });
  return {
    ...page,
    headWidgets: page.headWidgets.map(loading),
    columns: page.columns.map((column) => ({ ...column, widgets: column.widgets.map(loading) })),
  };
}

const EMPTY_HEAD: HeadModel = {
  ...HEAD,
  mrr: { label: "MRR", value: "$0", definition: MRR_DEFINITION },
  change: [],
  empty: { text: "No paying subscriptions yet; 3 trials, $120 if they convert" },
  tiles: [
    { label: "Customers", value: "0", definition: definition("Customers", "Exact MRR above 0.") },
    { label: "ARR", value: "$0", definition: definition("ARR", "Twelve times MRR.") },
    {
      label: "NRR, 12 months",
      value: null,
      reason: "not yet: needs 12 months of history",
      definition: definition("Net revenue retention", "Σ end ÷ Σ start."),
    },
    {
      label: "Gross MRR churn, 30 d",
      value: null,
      reason: "no MRR at the start",
      definition: definition("Gross MRR churn", "(churn + contraction) ÷ start."),
    },
  ],
};

/** An account in which nothing was ever paid: one card. */
export function cardPage(chrome: Chrome = chromeOf()): PageModel {
  return pageOf({
    chrome,
    card: {
      title: "No paying subscriptions yet; 3 trials, $120 if they convert",
      text: "Figures appear with the first paying subscription. Nothing has to be done here",
    },
    headWidgets: [],
    columns: [],
    belowWidgets: [],
  });
}

/** An account whose last customer has left. */
export function emptyPage(chrome: Chrome = chromeOf()): PageModel {
  return pageOf({
    chrome,
    headWidgets: [{ ...WIDGETS.head, state: fresh(EMPTY_HEAD) }],
    columns: [
      {
        size: "full",
        widgets: [
          {
            ...WIDGETS.chart13,
            state: fresh({
              ...CHART13_WITHOUT_MOVEMENTS,
              daily: CHART13_WITHOUT_MOVEMENTS.daily.map(() => 0),
            }),
          },
          {
            ...WIDGETS.plans,
            state: fresh({ rows: [], total: { mrr: "$0", customers: "0" }, billing: [] }),
          },
        ],
      },
      {
        size: "small",
        widgets: [
          { ...WIDGETS.needsYou, state: fresh({ items: [] }) },
          { ...WIDGETS.activity, state: fresh({ items: [] }) },
          {
            ...WIDGETS.cash,
            state: fresh({ period: "1 to 24 November", lines: [], reason: "not yet: cash" }),
          },
        ],
      },
    ],
    belowWidgets: [],
  });
}

/** Several currencies, the shown one without decimals, glance's column order. */
export function multiPage(chrome: Chrome = chromeOf()): PageModel {
  const head: HeadModel = {
    ...HEAD,
    mrr: { ...HEAD.mrr, value: "¥629,000" },
    change: [{ text: "−¥12,000 this month (−1.9\u00a0%)", tone: "bad" }],
  };
  return pageOf({
    chrome: {
      ...chrome,
      nav: [
        { text: "Revenue", href: "/", current: true },
        { text: "Customers", href: "/customers", current: false },
      ],
      status: chrome.status && { ...chrome.status, mode: "test" },
    },
    headWidgets: [{ ...WIDGETS.head, state: fresh(head) }, WIDGETS.currencies],
    columns: [
      { size: "small", widgets: [WIDGETS.revenue] },
      {
        size: "full",
        widgets: [{
          ...WIDGETS.chart13,
          state: fresh({ ...WIDGETS.chart13.state.data, currency: "jpy" }),
        }, WIDGETS.plans],
      },
      { size: "small", widgets: [WIDGETS.customers] },
    ],
    belowWidgets: [],
  });
}
