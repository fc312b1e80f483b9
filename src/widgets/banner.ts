/**
 * The banner of a page: the only place for faults of a whole source and for set-up hints. One
 * sentence, one action, chosen by a fixed order from the states of all sources.
 *
 * @module
 */
import { formatInteger } from "./format.ts";
import type { Banner } from "./models.ts";
import type { WidgetContext } from "./context.ts";
import { severalCurrencies } from "./native_amounts.ts";
import { pageReasons, sentences } from "./reasons.ts";

export interface BannerInput {
  /** The sources on the page, in its order. */
  readonly shown: readonly WidgetContext[];
  /** The other sources that the visitor may see. */
  readonly others: readonly WidgetContext[];
  /** Why the last change of the configuration was not taken; `null` where it was. */
  readonly configuration: { readonly message: string; readonly where: string | null } | null;
  /** Whether the visitor may open the sources page. */
  readonly sourcesPage: boolean;
}

interface Rule {
  readonly code: string;
  readonly severity: Banner["severity"];
  /** Whether a source that is not on the page counts too. */
  readonly anywhere: boolean;
  readonly action: "key" | "sources" | null;
  /** `null` where it does not hold. */
  sentence(context: WidgetContext): string | null;
}

/** What a live account loses at each restart without a database. */
const IN_MEMORY = "Kept in memory alone: each start reads the account again and rebuilds what is " +
  "older than Stripe keeps events; months as first reported, sessions and logs are lost. " +
  "Set DATABASE_PATH";

/** "Stripe is not answering (HTTP 500). Figures are from 20:12. Next try in 40 s". */
function awayText({ view, asOf }: WidgetContext): string | null {
  const { staleSince, problem } = view.status;
  if (staleSince === null && problem === null) return null;
  const [first, ...rest] = (problem ?? "Stripe has not answered for a while").split(
    /\.\s+(?=[A-Z])/,
  );
  const from = asOf ? `Figures are from ${asOf.text}` : "There are no figures yet";
  return [first, from, ...rest].map((part) => part!.replace(/\.$/, "")).join(". ");
}

/** Says that nothing is there under the filters that are on, where that is so. */
function nothingMatches({ view, whole, query, asOf }: WidgetContext): string | null {
  if (asOf === null || view === whole) return null;
  if (view.tally.customers() > 0 || view.daily.firstDay() !== null) return null;
  const names = [query.plan, query.product, query.billing].filter((value) => value !== null);
  return `Nothing in this account matches ${names.join(", ")}: every figure is of nothing. ` +
    "Take the filter off to see the whole";
}

/** Pages do not follow dates yet; the JSON interface does. */
function datesIgnored({ query: { dates } }: WidgetContext): string | null {
  if (dates.length === 0) return null;
  return `This page does not take ${dates.join(", ")}: its figures are of now and of the ` +
    "chosen period. The JSON interface takes dates: /api/v1/revenue";
}

function rebuilding({ view: { status } }: WidgetContext): string | null {
  if (status.asOf === null || status.historyDone || !status.history) return null;
  const { month, months } = status.history;
  return `Rebuilding the past from invoices: month ${month} of ${months}. ` +
    "Estimates are replaced as it goes on";
}

function severalText(context: WidgetContext): string | null {
  const currencies = severalCurrencies(context);
  if (!currencies || context.reporting) return null;
  const to = currencies[0]!;
  return `${formatInteger(currencies.length)} currencies, not added up. To add them up in ` +
    `${to.toUpperCase()}, set figures.reporting-currency: ${to} and run glance rates:import`;
}

function incomplete({ view: { status } }: WidgetContext): string | null {
  const codes = status.asOf === null ? [] : pageReasons(status.reasons);
  return codes.length === 0 ? null : sentences(codes);
}

/** From the most urgent on. */
const RULES: readonly Rule[] = [
  {
    code: "key_rejected",
    severity: "broken",
    anywhere: true,
    action: "key",
    sentence: ({ view: { status } }) =>
      status.phase === "key_rejected" ? status.problem ?? "Stripe rejects the key" : null,
  },
  {
    code: "permission_missing",
    severity: "warn",
    anywhere: true,
    action: "key",
    sentence: ({ view: { status } }) =>
      status.phase === "permission_missing"
        ? status.problem ?? "The key lacks a permission that MRR needs"
        : null,
  },
  {
    code: "stripe_away",
    severity: "warn",
    anywhere: true,
    action: "sources",
    sentence: awayText,
  },
  {
    code: "database_failing",
    severity: "broken",
    anywhere: true,
    action: "sources",
    sentence: ({ view }) => view.status.storageProblem,
  },
  {
    code: "movements_differ",
    severity: "broken",
    anywhere: false,
    action: "sources",
    sentence: ({ view }) =>
      view.status.identityProblem === null
        ? null
        : "The movements do not add up to MRR, so they are not shown. The log says where",
  },
  {
    code: "nothing_matches",
    severity: "warn",
    anywhere: false,
    action: null,
    sentence: nothingMatches,
  },
  {
    code: "dates_ignored",
    severity: "warn",
    anywhere: false,
    action: null,
    sentence: datesIgnored,
  },
  {
    code: "incomplete",
    severity: "warn",
    anywhere: false,
    action: "sources",
    sentence: incomplete,
  },
  {
    code: "in_memory",
    severity: "warn",
    anywhere: false,
    action: null,
    sentence: ({ view: { info, status } }) => info.livemode && !status.stored ? IN_MEMORY : null,
  },
  { code: "rebuilding", severity: "calm", anywhere: false, action: null, sentence: rebuilding },
  {
    code: "several_currencies",
    severity: "calm",
    anywhere: false,
    action: null,
    sentence: severalText,
  },
];

/** Every code that a banner can have, the most urgent first. */
export const BANNER_CODES: readonly string[] = [
  ...RULES.slice(0, 4).map(({ code }) => code),
  "configuration",
  ...RULES.slice(4).map(({ code }) => code),
];

function actionOf({ action }: Rule, { keyUrl }: WidgetContext, sourcesPage: boolean) {
  if (action === "key") return { text: "Open keys at Stripe", href: keyUrl };
  return action === "sources" && sourcesPage ? { text: "See sources", href: "/sources" } : null;
}

function bannerBy(rule: Rule, input: BannerInput): Banner | null {
  const { shown, others, sourcesPage } = input;
  const found = [...shown, ...(rule.anywhere ? others : [])]
    .flatMap((context) => {
      const sentence = rule.sentence(context);
      return sentence === null ? [] : [{ context, sentence }];
    });
  const [first] = found;
  if (!first) return null;
  const name = shown.length + others.length > 1 ? `${first.context.view.info.displayName}: ` : "";
  const more = found.length - 1;
  const rest = more > 0 ? `. ${more} more ${more === 1 ? "account" : "accounts"} the same` : "";
  const action = actionOf(rule, first.context, sourcesPage);
  return {
    code: rule.code,
    severity: rule.severity,
    sentence: `${name}${first.sentence}${rest}`,
    ...(action ? { action } : {}),
  };
}

function configurationBanner({ configuration }: BannerInput): Banner | null {
  if (!configuration) return null;
  const { message, where } = configuration;
  return {
    code: "configuration",
    severity: "warn",
    sentence: `The changed configuration was not taken: ${message}${where ? ` (${where})` : ""}`,
  };
}

/** The one banner of a page, or `null` where nothing is to be said (pages.md, Frame). */
export function bannerOf(input: BannerInput): Banner | null {
  for (const code of BANNER_CODES) {
    const rule = RULES.find((each) => each.code === code);
    const banner = rule ? bannerBy(rule, input) : configurationBanner(input);
    if (banner) return banner;
  }
  return null;
}
