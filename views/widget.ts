/** One widget as a fragment: the frame, and the content for its type. */
import type { FiguresModel, PlannedModel, Widget } from "../src/widgets/models.ts";
import { activity } from "./activity.ts";
import { bridge } from "./bridge.ts";
import { cash } from "./cash.ts";
import { chart13 } from "./chart13.ts";
import { currencies } from "./currencies.ts";
import { frame } from "./frame.ts";
import { head } from "./head.ts";
import { type Html, html, toText } from "./html.ts";
import { metric } from "./metric.ts";
import { needsYou } from "./needs_you.ts";
import { cohorts } from "./cohorts.ts";
import { failedPayments } from "./failed_payments.ts";
import { figureTile } from "./figure.ts";
import { forecast } from "./forecast.ts";
import { planned, type PlannedShape } from "./planned.ts";
import { plans } from "./plans.ts";
import { renewals } from "./renewals.ts";
import { retention } from "./retention.ts";

/** A widget's nodes, for a page. */
export function widget(model: Widget): Html {
  switch (model.type) {
    case "head":
      return frame(model, model.state, head);
    case "chart13":
      return frame(model, model.state, (data) => chart13(data, model.id));
    case "bridge":
      return frame(model, model.state, bridge);
    case "mrr-movements":
      return frame(
        model,
        model.state,
        ({ bridge: waterfall, months }) =>
          html`<div class="mrr-movements">${bridge(waterfall)}${chart13(months, model.id)}</div>`,
      );
    case "plans":
      return frame(model, model.state, plans);
    case "needs-you":
      return frame(model, model.state, needsYou);
    case "activity":
      return frame(model, model.state, activity);
    case "cash":
      return frame(model, model.state, cash);
    case "revenue":
    case "customers":
      return frame(model, model.state, (data) => metric(data, model.id));
    case "currencies":
      return frame(model, model.state, currencies);
    case "retention":
      return frame(
        model,
        model.state,
        (data) => "reason" in data ? planned(data, "lines") : retention(data, model.id),
      );
    case "cohorts":
      return frame(
        model,
        model.state,
        (data) => "reason" in data ? planned(data, "map") : cohorts(data),
      );
    case "trials":
      return frame(model, model.state, (data) => figuresOr(data, "rows"));
    case "failed-payments":
      return frame(
        model,
        model.state,
        (data) => "figures" in data ? failedPayments(data) : planned(data, "rows"),
      );
    case "renewals":
      return frame(
        model,
        model.state,
        (data) => "figures" in data ? renewals(data, model.id) : planned(data, "rows"),
      );
    case "forecast":
      return frame(
        model,
        model.state,
        (data) => "figures" in data ? forecast(data, model.id) : planned(data, "lines"),
      );
  }
}

function figuresOr(model: FiguresModel | PlannedModel, shape: PlannedShape): Html {
  if ("reason" in model) return planned(model, shape);
  return html`<div class="metrics-grid">${model.items.map(figureTile)}</div>`;
}

/** A widget as text: the body of `/api/widgets/{id}`, and what a page of cached widgets joins. */
export function renderWidget(model: Widget): string {
  return toText(widget(model));
}
