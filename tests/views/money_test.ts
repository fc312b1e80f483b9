/** The widgets of money as they are drawn, from models alone. */
import assert from "node:assert/strict";
import type {
  CashModel,
  FailedPaymentsModel,
  ForecastModel,
  RenewalsModel,
  TablesModel,
} from "../../src/widgets/models.ts";
import { renderTables } from "../../views/tables.ts";
import { renderWidget } from "../../views/widget.ts";
import { AS_OF, chromeOf, definition, figure, fresh } from "../support/page_fixture.ts";

const UNKNOWN = "no permission: balance_transactions";

function cashText(model: CashModel): string {
  return renderWidget({ id: "cash", type: "cash", title: "Cash", state: fresh(model) });
}

const FORECAST: ForecastModel = {
  currency: "usd",
  past: [
    { day: 100, label: "Sep 2026", value: 900_000 },
    { day: 130, label: "Oct 2026", value: 1_000_000 },
  ],
  known: [
    { day: 130, label: "Oct 2026", value: 1_000_000 },
    { day: 160, label: "Nov 2026", value: 980_000 },
  ],
  projected: [
    { day: 130, label: "Oct 2026", value: 1_000_000, low: 1_000_000, high: 1_000_000 },
    { day: 160, label: "Nov 2026", value: 1_050_000, low: 1_010_000, high: 1_090_000 },
  ],
  note: "Projection: the last 6 complete months continued",
  figures: [figure("In 12 months", "$12,000")],
  changes: [{
    month: "Nov 2026",
    kind: "Scheduled cancellations",
    count: "2 subscriptions",
    amount: "−$200.00",
    tone: "bad",
    href: "/explain/known-changes?month=2026-11",
  }],
};

function forecastText(model: ForecastModel): string {
  return renderWidget({ id: "f", type: "forecast", title: "Forecast", state: fresh(model) });
}

Deno.test("cash shows each settlement currency, whether the sums are the balance, and all of it", () => {
  const text = cashText({
    period: "This month",
    lines: [figure("Gross", "$10.00"), { ...figure("Next payout", "$9.00"), note: "28 Nov" }],
    others: [{ currency: "EUR", lines: [figure("Gross", "€5.00")] }],
    check: { text: "Σ net = change of the balance", holds: true },
    more: { text: "All of it", href: "/explain/cash" },
  });
  assert.match(text, /\$10\.00.*28 Nov.*EUR.*€5\.00/s);
  assert.match(text, /change of the balance ✓/);
  assert.match(text, /href="\/explain\/cash"/);
});

Deno.test("a balance that differs is said, without a tick", () => {
  const text = cashText({
    period: "This month",
    lines: [],
    check: { text: "The balance differs from Σ net by +$3.00", holds: false },
  });
  assert.match(text, /class="differs">The balance differs from Σ net by \+\$3\.00</);
  assert.doesNotMatch(text, /✓/);
});

Deno.test("cash that is not known is a dash with its reason, never a zero", () => {
  const text = cashText({
    period: "This month",
    lines: [{ label: "Gross", value: null, reason: UNKNOWN, definition: definition("Gross", "") }],
    reason: UNKNOWN,
  });
  assert.match(text, /unknown: no permission: balance_transactions/);
  assert.doesNotMatch(text, /\$0/);
});

Deno.test("failed payments: figures, and a month a row with what became of it", () => {
  const model: FailedPaymentsModel = {
    period: "This month",
    figures: [figure("Failed", "$100.00")],
    months: [{
      label: "Oct 2026",
      entered: "$100",
      recovered: "$70",
      lost: "$30",
      open: "$0",
      rate: null,
      shares: { recovered: 0.7, lost: 0.3, open: 0 },
      href: "/explain/failed-payments?month=2026-10",
    }],
  };
  const text = renderWidget({
    id: "failed",
    type: "failed-payments",
    title: "Failed payments",
    state: fresh(model),
  });
  assert.match(text, /href="\/explain\/failed-payments\?month=2026-10">Oct 2026</);
  assert.match(text, /class="part recovered" x="0%" width="70%"/);
  assert.match(text, /class="part lost" x="70%" width="30%"/);
  assert.match(text, /unknown: nothing decided yet/);
});

Deno.test("a forecast is called a projection; its band and what is known can be read as a table", () => {
  const text = forecastText(FORECAST);
  assert.match(text, /Projection, with its band/);
  assert.match(text, /Projection: the last 6 complete months continued\./);
  assert.match(text, /<th scope="row">Nov 2026<\/th>.*\$9,800.*\$10,500.*\$10,100.*\$10,900/s);
  assert.match(text, /href="\/explain\/known-changes\?month=2026-11">Scheduled cancellations</);
});

Deno.test("with too few months no projection is drawn, and the reason stands in its place", () => {
  const text = forecastText({
    ...FORECAST,
    projected: [],
    changes: [],
    note: "No projection: it needs 3 complete months of history",
  });
  assert.match(text, /No projection: it needs 3 complete months of history\./);
  assert.doesNotMatch(text, /Projection, with its band/);
  assert.doesNotMatch(text, /class="(band|line projected)"/);
  assert.match(text, /Nothing is agreed that changes MRR/);
});

Deno.test("each day of renewals says its date and amount", () => {
  const model: RenewalsModel = {
    figures: [figure("Next 30 days", "$60")],
    days: [
      { label: "25 Nov", value: 4000, text: "$40 · 2 invoices" },
      { label: "26 Nov", value: 0, text: "nothing" },
      { label: "27 Nov", value: 2000, text: "$20 · 1 invoice" },
    ],
    currency: "usd",
    more: { text: "Day by day", href: "/explain/renewals" },
  };
  const text = renderWidget({
    id: "r",
    type: "renewals",
    title: "Renewals",
    state: fresh(model),
  });
  assert.match(text, /<title>25 Nov: \$40 · 2 invoices<\/title>/);
  assert.match(text, /<title>26 Nov: nothing<\/title>/);
  assert.equal(text.match(/class="day-bar"/g)?.length, 2);
});

Deno.test("a page of tables has its total, its sums, and what is empty in words", () => {
  const model: TablesModel = {
    chrome: chromeOf(),
    title: "Renewals, next 7 days",
    definition: definition("Renewals", "Invoices to come."),
    total: "$60.00",
    sub: "3 invoices",
    asOf: AS_OF,
    filters: [],
    tables: [
      {
        columns: [{ text: "Subscription" }, { text: "Amount", kind: "number" }],
        rows: [[{ text: "sub_1", href: "/explain/subscription/sub_1" }, "$60.00"]],
        foot: [["Total", "$60.00"]],
      },
      {
        columns: [{ text: "Day" }, { text: "Status" }, { text: "Amount", kind: "number" }],
        rows: [["28 Nov", "active", "$60.00"]],
        foot: [["Rounding", "", "+$0.01"]],
      },
      { title: "Expected cash", columns: [], rows: [], empty: "Nothing is pending" },
    ],
    downloads: [{ text: "CSV", href: "/api/v1/renewals?format=csv" }],
    paging: null,
  };
  const text = renderTables(model);
  assert.match(text, /<h1>Renewals, next 7 days<\/h1>/);
  assert.match(text, /class="total"><th scope="row">Total<\/th><td class="number">\$60\.00</);
  assert.match(text, /<th scope="row" colspan="2">Rounding<\/th><td class="number">\+\$0\.01</);
  assert.match(text, /Nothing is pending/);
  assert.doesNotMatch(text, /<script>|style="/);
});
