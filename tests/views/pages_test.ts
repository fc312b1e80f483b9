import assert from "node:assert/strict";
import { renderDefinitions } from "../../views/definitions.ts";
import { renderDemo } from "../../views/footer.ts";
import { renderExplain } from "../../views/explain.ts";
import { renderMessage } from "../../views/message.ts";
import { renderPage } from "../../views/page.ts";
import { renderStatus } from "../../views/status_line.ts";
import { renderSubscription } from "../../views/subscription.ts";
import { renderWidget } from "../../views/widget.ts";
import { chromeOf, fresh, HEAD, pageOf, WIDGETS } from "../support/page_fixture.ts";
import {
  BROKEN,
  cardPage,
  emptyPage,
  LOADING,
  loadingPage,
  multiPage,
  partial,
  PERMISSION_MISSING,
  statesPage,
} from "./states_fixture.ts";
import { DEFINITIONS, EXPLAIN, MESSAGE, NOT_FOUND, SUBSCRIPTION } from "./text_pages_fixture.ts";

const PAGES: Record<string, string> = {
  fresh: renderPage(pageOf()),
  states: renderPage(statesPage()),
  loading: renderPage(loadingPage()),
  empty: renderPage(emptyPage()),
  multi: renderPage(multiPage()),
  explain: renderExplain(EXPLAIN),
  subscription: renderSubscription(SUBSCRIPTION),
  definitions: renderDefinitions(DEFINITIONS),
  message: renderMessage(MESSAGE),
  notFound: renderMessage(NOT_FOUND),
};

for (const [name, page] of Object.entries(PAGES)) {
  Deno.test(`the ${name} page holds under a strict content policy`, () => {
    assert.doesNotMatch(page, /\sstyle=|<style|\son[a-z]+=|javascript:/);
    assert.doesNotMatch(page, /<script(?! type="module" src="\/)/);
  });

  Deno.test(`the ${name} page links to itself and to the Stripe dashboard only`, () => {
    const targets = [...page.matchAll(/(?:href|src|action|formaction)="([^"]*)"/g)];
    assert.ok(targets.length > 3);
    for (const [, target] of targets) {
      assert.match(target!, /^(\/(?!\/)|#|\?|https:\/\/dashboard\.stripe\.com\/)/);
    }
  });

  Deno.test(`the ${name} page is a whole document with one main heading`, () => {
    assert.match(page, /^<!doctype html><html lang="en"/);
    assert.equal(page.match(/<h1/g)?.length, 1);
    assert.equal(page.match(/<main/g)?.length, 1);
    assert.doesNotMatch(page, /undefined|\[object|NaN/);
  });
}

Deno.test("a name from Stripe is text, not markup", () => {
  const plans = WIDGETS.plans.state.data;
  const row = { ...plans.rows[0]!, name: `<script>alert("x")</script>` };
  const text = renderWidget({ ...WIDGETS.plans, state: fresh({ ...plans, rows: [row] }) });
  assert.match(text, />&lt;script>alert\(&quot;x&quot;\)&lt;\/script></);
  assert.doesNotMatch(text, /<script/);
});

Deno.test("an attribute cannot be left by a quote", () => {
  const text = renderWidget({ ...WIDGETS.plans, id: "plans", cssClass: `x" onclick="y` });
  assert.doesNotMatch(text, /class="[^"]*" onclick=/);
  assert.match(text, /x&quot; onclick=&quot;y/);
});

Deno.test("zero is shown as zero, unknown as a dash with its reason", () => {
  const text = renderPage(emptyPage());
  assert.match(text, /<span>\$0<\/span>/);
  assert.match(text, /data-reason="not yet: needs 12 months of history"/);
  assert.match(text, /<span class="unseen">unknown: not yet: needs 12 months of history<\/span>/);
});

Deno.test("an account without a paying subscription says what it has", () => {
  assert.match(
    renderPage(emptyPage()),
    /No paying subscriptions yet; 3 trials, \$120 if they convert/,
  );
});

Deno.test("an approximate figure is marked", () => {
  assert.match(renderWidget(WIDGETS.head), /<abbr class="approx"[^>]*>≈<\/abbr>1\.4\u00a0%/);
});

Deno.test("a figure opens its definition and leads to the rows behind it, without script", () => {
  const text = renderWidget(WIDGETS.head);
  assert.match(text, /<details class="def" name="def"><summary>MRR<\/summary>/);
  assert.match(text, /<a href="\/explain\/mrr" title="Show the rows behind MRR">\$86,214<\/a>/);
  assert.match(text, /Σ price × quantity ÷ months, rounded once/);
});

Deno.test("the widgets keep the class names that custom style sheets rely on", () => {
  const text = renderWidget(WIDGETS.revenue) + renderWidget(WIDGETS.customers);
  for (
    const name of [
      "widget-type-revenue",
      "widget-type-customers",
      "metric-primary",
      "metric-value",
      "metric-label",
      "metric-trend",
      "metrics-grid",
      "metric-item",
      "chart-container",
    ]
  ) {
    assert.match(text, new RegExp(`class="[^"]*\\b${name}\\b`), name);
  }
});

Deno.test("a loading widget shows its progress and never a partial sum", () => {
  const text = renderWidget({ ...WIDGETS.head, state: LOADING });
  assert.match(text, /aria-busy="true"/);
  assert.match(text, /1,240 of about 2,010 · 2 s/);
  assert.match(text, /<progress aria-label="Loading" max="100" value="62">/);
  assert.doesNotMatch(text, /\$/);
});

Deno.test("an incomplete widget keeps its content under a dot and one sentence", () => {
  const text = renderWidget({ ...WIDGETS.plans, state: partial(WIDGETS.plans.state.data) });
  assert.match(text, /class="dot"/);
  assert.match(text, /<p class="notice">Reading payments was interrupted<\/p>/);
  assert.match(text, /\$31,060/);
});

Deno.test("a missing permission says which, what it costs, and where to grant it", () => {
  const text = renderWidget({ ...WIDGETS.cash, state: PERMISSION_MISSING });
  assert.match(text, /may not read invoices, so there is no cash/);
  assert.match(text, /href="https:\/\/dashboard\.stripe\.com\/apikeys"/);
});

Deno.test("with nothing to show the panel stands alone", () => {
  const text = renderWidget({ ...WIDGETS.activity, state: BROKEN });
  assert.match(text, /<div class="panel broken"><p class="panel-word">Broken<\/p>/);
});

Deno.test("with nothing to do it says that nothing needs you", () => {
  const text = renderWidget({ ...WIDGETS.needsYou, state: fresh({ items: [] }) });
  assert.match(text, /Nothing needs you/);
});

Deno.test("what needs later work says so and shows no zero", () => {
  const text = renderWidget(WIDGETS.retention);
  assert.match(text, /not yet: retention lines need two complete months/);
  assert.doesNotMatch(text, />0</);
});

Deno.test("every widget is one element under its own address", () => {
  for (const widget of Object.values(WIDGETS)) {
    assert.match(
      renderWidget(widget),
      new RegExp(`^<section [^>]*id="w-${widget.id}" data-widget="${widget.id}"`),
    );
  }
});

Deno.test("the status line names account, mode, period, freshness and preset", () => {
  const text = renderStatus(chromeOf().status!);
  assert.match(text, /Northwind Software/);
  assert.match(text, /<b class="badge demo">DEMO<\/b>/);
  assert.match(text, /<a href="\/" aria-current="true">This month<\/a>/);
  assert.match(text, /<time datetime="2026-11-24T14:02:10Z" data-age[^>]*>14:02:10<\/time>/);
  assert.match(text, /<a class="preset" href="\/definitions">as Stripe counts it<\/a>/);
});

Deno.test("a fault of the source is one banner with one action, and the figures stay", () => {
  const page = renderPage(statesPage());
  assert.equal(page.match(/data-banner="stripe_away"/g)?.length, 1);
  assert.equal(page.match(/Stripe is not answering/g)?.length, 1);
  assert.match(page, /<a href="\/sources" rel="noreferrer">See sources<\/a>/);
  assert.match(page, /\$86,214/);
});

Deno.test("several accounts are a list, each with its state in words and a dot", () => {
  const page = renderPage(statesPage());
  assert.match(page, /another account needs you/);
  assert.match(
    page,
    /class="broken"><span class="pulse"[^>]*><\/span>Southwind<small>key rejected/,
  );
});

Deno.test("an account in which nothing was ever paid is one card, without any widget", () => {
  const page = renderPage(cardPage());
  assert.match(page, /No paying subscriptions yet; 3 trials, \$120 if they convert/);
  assert.doesNotMatch(page, /class="widget |\$0|–/);
});

Deno.test("the demo's footer compares the books and offers to break Stripe", () => {
  const page = renderPage(pageOf());
  assert.match(page, /simulator's own books <b>\$86,214\.17<\/b> = shown <b>\$86,214\.17<\/b>/);
  assert.match(page, /<form method="post" action="\/demo\/break">/);
});

Deno.test("the demo's strip is a fragment that can be refreshed by itself", () => {
  const text = renderDemo(pageOf().footer.demo!);
  assert.match(text, /^<section class="demo-foot" id="w-demo" data-widget="demo"/);
});

Deno.test("books that differ say so", () => {
  const page = pageOf();
  const books = { equal: false, simulator: "$86,214.17", shown: "$86,200.00" };
  const text = renderPage({
    ...page,
    footer: { ...page.footer, demo: { ...page.footer.demo!, books } },
  });
  assert.match(text, /≠ shown <b>\$86,200\.00<\/b>.*does not add up/);
});

Deno.test("the rows behind a figure end in its total, with the rounding as a line", () => {
  const text = renderExplain(EXPLAIN);
  assert.match(text, /Rounding: rows are rounded for display.*−\$0\.01/s);
  assert.match(text, /<tr class="total"><th scope="row" colspan="5">MRR<\/th>/);
  assert.match(text, /50000\/3/);
});

Deno.test("a subscription that could not be valued stands in the rows with its issue", () => {
  const text = renderExplain(EXPLAIN);
  assert.match(text, /<tr class="unvalued">.*tiers were not delivered by Stripe/s);
});

Deno.test("a subscription is explained as tier × coupon ÷ 12", () => {
  const text = renderSubscription(SUBSCRIPTION);
  const labels = [...text.matchAll(/<th scope="row">(Tier|Coupon|Per month|A month)<\/th>/g)];
  assert.deepEqual(labels.map((match) => match[1]), ["Tier", "Coupon", "Per month", "A month"]);
  assert.match(text, /\$6,500\.00 ÷ 12/);
});

Deno.test("the difference to another preset is named cause by cause", () => {
  const text = renderDefinitions(DEFINITIONS);
  assert.match(text, /coupons that end are subtracted.*31 subscriptions.*−\$1,204/s);
});

Deno.test("a fault of the configuration says what, where and what to do", () => {
  const text = renderMessage(MESSAGE);
  assert.match(text, /glance\.yml, line 12, column 15/);
  assert.match(text, /<ol><li>Correct the line and save it/);
});

Deno.test("what the head's MRR leaves out is said beside it", () => {
  const mrr = { ...HEAD.mrr, note: "2 subscriptions could not be valued and are not in it" };
  const text = renderWidget({ ...WIDGETS.head, state: fresh({ ...HEAD, mrr }) });
  assert.match(text, /<p class="head-note">2 subscriptions could not be valued/);
});

Deno.test("a head without a known change gives its reason", () => {
  const model = { ...HEAD, change: [], changeReason: "not yet: the change comes with the history" };
  const text = renderWidget({ ...WIDGETS.head, state: fresh(model) });
  assert.match(text, /<p class="head-change">not yet: the change comes with the history<\/p>/);
});
