/**
 * The definitions page: what every figure means, the options in force, what another way of
 * counting would give and why, and the state of the sources.
 *
 * @module
 */
import type { Hono } from "hono";
import {
  type MrrOptions,
  PRESET_LABELS,
  PRESET_NAMES,
  type PresetName,
  PRESETS,
} from "../src/metrics/options.ts";
import { format, type Rational } from "../src/metrics/rational.ts";
import { comparePresets } from "../src/widgets/compare.ts";
import { countText, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import {
  definitionOf,
  DEFINITIONS_VERSION,
  type MeaningKey,
  MEANINGS,
} from "../src/widgets/definitions.ts";
import type { DefinitionsModel } from "../src/widgets/models.ts";
import { MONEY_MEANINGS } from "../src/widgets/money_definitions.ts";
import { queryText, readQuery } from "../src/widgets/query.ts";
import { renderDefinitions } from "../views/definitions.ts";
import { cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { sourceOf } from "./explain_subscription.ts";
import { notFoundPage } from "./message_page.ts";

/** Those of trials have a group of their own. */
function isOfMoney(key: string): key is Exclude<keyof typeof MONEY_MEANINGS, TrialKey> {
  return key !== "newTrials" && key !== "trialConversionStripe30";
}
type TrialKey = "newTrials" | "trialConversionStripe30";

const GROUPS: readonly { readonly title: string; readonly keys: readonly MeaningKey[] }[] = [
  {
    title: "Revenue",
    keys: [
      "mrr",
      "arr",
      "growth",
      "yearOnYear",
      "cmgr",
      "ruleOf40",
      "arpa",
      "pastDueMrr",
      "scheduledToCancelMrr",
      "trialingMrr",
      "pausedMrr",
      "excludedMrr",
    ],
  },
  { title: "Customers", keys: ["active", "total", "trialing", "unresolved"] },
  {
    title: "Movements and retention",
    keys: [
      "movements",
      "fx",
      "newMrr",
      "churnedMrr",
      "customersLost",
      "customerChurn",
      "revenueChurn",
      "nrr",
      "grr",
      "netChurn",
      "quickRatio",
      "ltv",
      "ltvStripe",
      "cac",
      "ltvToCac",
      "payback",
      "concentration",
    ],
  },
  { title: "Trials", keys: ["newTrials", "trialConversion", "trialConversionStripe30"] },
  { title: "Money", keys: Object.keys(MONEY_MEANINGS).filter(isOfMoney) },
];

const MEANS: Readonly<Record<keyof MrrOptions, string>> = {
  pastDue: "Whether subscriptions with a failed payment count",
  trialing: "Whether trials count",
  cancellation: "Whether a cancelled subscription counts until its request or its end",
  pauseCollection: "Whether subscriptions with paused collection count",
  trialOffers: "Whether introductory offers count at their price",
  subtractRepeating: "Whether discounts for some months are subtracted",
  subtractOnce: "Whether one-time discounts are subtracted",
  weeksPerMonth: "Weeks in a month",
  daysPerMonth: "Days in a month",
  inclusiveTax: "What happens to tax that is in the price",
  testClocks: "Whether subscriptions on a test clock count",
  activation: "When MRR begins",
};

function valueText(value: MrrOptions[keyof MrrOptions]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value.replaceAll("_", " ");
  return "maxDays" in value ? `for ${value.maxDays} days` : format(value as Rational);
}

function optionsOf(context: WidgetContext): DefinitionsModel["options"] {
  const { options, preset } = context.view.info;
  const base = PRESETS[preset];
  return (Object.keys(MEANS) as (keyof MrrOptions)[]).map((name) => ({
    name,
    value: valueText(options[name]),
    meaning: MEANS[name],
    from: valueText(options[name]) === valueText(base[name]) ? "preset" : "your configuration",
  }));
}

function differenceOf(context: WidgetContext, other: PresetName): DefinitionsModel["difference"] {
  const { slice, view } = context;
  const found = slice && comparePresets(context, PRESETS[other]);
  if (!slice || !found) return undefined;
  const money = (value: Rational, signed = false) => moneyText(value, slice.currency, { signed });
  return {
    title: `MRR ${PRESET_LABELS[view.info.preset]}, and ${PRESET_LABELS[other]}`,
    from: { label: PRESET_LABELS[view.info.preset], amount: money(found.from) },
    causes: found.causes.map(({ option, text, amount, rows }) => ({
      text,
      amount: money(amount, true),
      count: countText(rows.length, "subscription"),
      href: `/explain/difference${queryText(context.query, { as: other, option })}`,
    })),
    to: { label: PRESET_LABELS[other], amount: money(found.to) },
  };
}

export function definitionsRoutes(app: Hono, deps: AppDeps): void {
  app.get("/definitions", (c) =>
    cached(deps, c.req.raw, "/definitions", async () => {
      const { searchParams } = new URL(c.req.url);
      const view = sourceOf(deps, searchParams);
      if (!view) return notFoundPage(deps, themeOf(c.req.raw), "/definitions");
      const context = contextOf(deps, view, readQuery(searchParams));
      const { query } = context;
      const other = PRESET_NAMES.find((name) => name === searchParams.get("as")) ??
        view.info.preset;
      const difference = other === view.info.preset ? undefined : differenceOf(context, other);
      const model: DefinitionsModel = {
        chrome: await chromeOf(deps, themeOf(c.req.raw), null, null),
        version: DEFINITIONS_VERSION,
        presets: {
          label: "Ways of counting",
          choices: PRESET_NAMES.map((name) => ({
            text: PRESET_LABELS[name].replace(/^as | counts it$/g, ""),
            title: PRESET_LABELS[name],
            href: `/definitions${queryText(query, name === view.info.preset ? {} : { as: name })}`,
            current: name === other,
          })),
        },
        groups: GROUPS.map(({ title, keys }) => ({
          title,
          definitions: keys.map((key) => {
            const { name, text, formula } = definitionOf(key, view.info);
            return {
              name,
              text: `${text} (${MEANINGS[key].source})`,
              ...(formula ? { formula } : {}),
            };
          }),
        })),
        options: optionsOf(context),
        ...(difference ? { difference } : {}),
      };
      return { body: renderDefinitions(model), contentType: HTML };
    }));
}
