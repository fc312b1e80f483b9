/**
 * The trials behind the figures of trials.
 *
 * @module
 */
import { format, multiply, type Rational, sum, ZERO } from "../src/metrics/rational.ts";
import type { Standing } from "../src/metrics/standing.ts";
import { shareIn } from "../src/metrics/tally.ts";
import { periodText } from "../src/widgets/period_text.ts";
import { countText, dayText, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf, type MeaningKey } from "../src/widgets/definitions.ts";
import type { Cell, Choices, TablesContent } from "../src/widgets/models.ts";
import { factorsIn } from "../src/widgets/money.ts";
import { queryText } from "../src/widgets/query.ts";
import { type TrialFigures, trialFigures, type TrialRow } from "../src/widgets/trial_view.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import { downloadsOf } from "./download_links.ts";
import { roundingRows } from "./rounding.ts";

type Show = "running" | "ending" | "begun" | "decided" | "converted";

const SHOWN: Readonly<Record<Show, readonly [string, MeaningKey]>> = {
  running: ["Running trials", "trialing"],
  ending: ["Trials ending in 7 days", "trialing"],
  begun: ["New trials", "newTrials"],
  decided: ["Trials decided, 30 days", "trialConversion"],
  converted: ["Trials converted, 30 days", "trialConversionStripe30"],
};

function rowsOf(figures: TrialFigures, show: Show): readonly TrialRow[] {
  return show === "decided"
    ? figures.ended.filter(({ outcome }) => outcome !== "running")
    : figures[show];
}

/** What a trial is worth: MRR in trial while it runs, MRR once it converted. */
function worthOf(standing: Standing): Rational {
  const inTrial = shareIn("trialingMrr", standing);
  return inTrial.n > 0n ? inTrial : standing.mrr ?? ZERO;
}

function choices(context: WidgetContext, current: Show): Choices {
  return {
    label: "Trials",
    choices: (Object.keys(SHOWN) as Show[]).map((show) => ({
      text: SHOWN[show][0],
      href: `/explain/trials${queryText(context.query, { show })}`,
      current: show === current,
    })),
  };
}

export function explainTrials(context: WidgetContext, search: URLSearchParams): TablesContent {
  const { view, whole, query } = context;
  const asked = search.get("show") ?? "";
  const show = Object.hasOwn(SHOWN, asked) ? asked as Show : "running";
  const [title, key] = SHOWN[show];
  const rows = rowsOf(trialFigures(context), show);
  const currency = context.slice?.currency ?? "usd";
  const factors = factorsIn(context, whole.tally.currencies());
  const worths: Rational[] = [];
  const cells = rows.map((row): Cell[] => {
    const standing = view.standing(row.subscription)!;
    const { sub } = standing;
    const factor = factors?.get(sub.currency);
    const worth = factor ? multiply(worthOf(standing), factor) : null;
    if (worth) worths.push(worth);
    return [
      { text: sub.id, href: `/explain/subscription/${sub.id}${queryText(query)}` },
      { text: sub.customer, href: dashboardUrl(view, "customers", sub.customer) },
      dayText(context, row.begin),
      dayText(context, row.end),
      row.outcome,
      row.convertedAt === null ? "" : dayText(context, row.convertedAt),
      worth ? moneyText(worth, currency) : moneyText(worthOf(standing), sub.currency),
      worth ? format(worth) : "",
    ];
  });
  const total = sum(worths);
  return {
    title,
    definition: definitionOf(key, view.info),
    total: countText(rows.length, "trial"),
    sub: show === "begun"
      ? periodText(context)
      : show === "running" || show === "ending"
      ? "Running now"
      : "The last 30 days",
    filters: [choices(context, show)],
    downloads: downloadsOf("trials", context.query, { detail: "subscriptions" }),
    tables: [{
      columns: [
        { text: "Subscription" },
        { text: "Customer" },
        { text: "Began" },
        { text: "Ends" },
        { text: "Outcome" },
        { text: "Converted" },
        { text: "MRR", kind: "number" },
        { text: "Exact, minor units", kind: "exact" },
      ],
      rows: cells,
      foot: [
        ...roundingRows(worths, total, currency, 8),
        ["Total", "", "", "", "", "", moneyText(total, currency), format(total)],
      ],
      empty: "No trial",
    }],
  };
}
