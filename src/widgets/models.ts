/**
 * View models: what the pages show, and nothing else. The widgets fill them, the views draw them.
 *
 * Figures arrive formatted, as text. Only chart series are numbers (minor units of the currency
 * beside them, for drawing; never summed by a view). Unknown is `null` with a reason, never 0.
 *
 * @module
 */

/** Good and bad are for the business: falling churn is good. Never the only sign of anything. */
export type Tone = "good" | "bad" | "neutral";
/** `warn` (amber): stale, approximate, needs you. `broken` (red): broken only. */
export type Alarm = "calm" | "warn" | "broken";

/** A moment as it is shown ("14:02", "12 Mar") and as RFC 3339 for the `datetime` attribute. */
export interface Moment {
  readonly text: string;
  readonly iso: string;
}

/** `href` is a path of ours, or starts with https://dashboard.stripe.com/. */
export interface Link {
  readonly text: string;
  readonly href: string;
}

/** One of several links of which one is in force, e.g. "30 d". Kept in the URL. */
export interface Choice extends Link {
  readonly current: boolean;
  /** Said in full where `text` is short: "the last 30 days". */
  readonly title?: string;
}

/** A group of choices: period, currency, plan. */
export interface Choices {
  readonly label: string;
  readonly choices: readonly Choice[];
}

/** What a figure means, with the options in force ("coupons that end are not subtracted"). */
export interface Definition {
  readonly name: string;
  readonly text: string;
  readonly formula?: string;
  readonly options?: readonly string[];
}

/** A change in words, sign included: "+$1,942 (+2.4 %)". */
export interface Trend {
  readonly text: string;
  readonly tone: Tone;
}

/** A figure: label, formatted value, definition, and the page with the rows behind it. */
export interface Figure {
  readonly label: string;
  /** `null`: unknown, then `reason` says why and the page shows "–". */
  readonly value: string | null;
  /** Why it is unknown ("not yet: …"), or what limits it. */
  readonly reason?: string;
  /** The page that shows the rows which add up to it. */
  readonly href?: string;
  readonly definition: Definition;
  /** Drawn from rebuilt history: marked with "≈". */
  readonly approximate?: boolean;
  readonly trend?: Trend;
  /** One short line below: "2 of 19", "of that paused −$40.00". */
  readonly note?: string;
  /** Oldest first; drawn as a sparkline. */
  readonly spark?: readonly number[];
}

/** Every state of a widget; one frame draws them all. */
export type WidgetState<T> =
  | { readonly kind: "fresh"; readonly data: T; readonly asOf: Moment }
  | {
    readonly kind: "stale";
    readonly data: T;
    readonly asOf: Moment;
    /** One sentence. */
    readonly reason: string;
    /** late: amber sentence; partial: small red dot; failed: red dot. The content stays. */
    readonly fault: "late" | "partial" | "failed";
  }
  | {
    readonly kind: "loading";
    /** "1,240 of about 2,010 · 2 s". */
    readonly progress: string;
    /** 0 … 1 where known. */
    readonly share?: number;
  }
  | {
    readonly kind: "unavailable";
    /** Which permission or data is missing and what that costs. */
    readonly reason: string;
    /** `calm` for a "not yet", `warn` for what the operator can grant, `broken` for a fault. */
    readonly alarm: Alarm;
    readonly action?: Link;
  };

interface WidgetBase<Type extends string, Data> {
  /** Stable; the fragment is `/api/widgets/{id}`. Letters, digits and `-`. */
  readonly id: string;
  readonly type: Type;
  readonly title: string;
  readonly titleHref?: string;
  readonly hideHeader?: boolean;
  /** The configured `css-class`. */
  readonly cssClass?: string;
  readonly definition?: Definition;
  readonly state: WidgetState<Data>;
}

export type HeadWidget = WidgetBase<"head", HeadModel>;
export type Chart13Widget = WidgetBase<"chart13", Chart13Model>;
export type BridgeWidget = WidgetBase<"bridge", BridgeModel>;
export type PlansWidget = WidgetBase<"plans", PlansModel>;
export type NeedsYouWidget = WidgetBase<"needs-you", NeedsYouModel>;
export type ActivityWidget = WidgetBase<"activity", ActivityModel>;
export type CashWidget = WidgetBase<"cash", CashModel>;
export type RevenueWidget = WidgetBase<"revenue", MetricModel>;
export type CustomersWidget = WidgetBase<"customers", MetricModel>;
export type CurrenciesWidget = WidgetBase<"currencies", CurrenciesModel>;
export type RetentionWidget = WidgetBase<"retention", PlannedModel>;
export type CohortsWidget = WidgetBase<"cohorts", PlannedModel>;
export type TrialsWidget = WidgetBase<"trials", PlannedModel>;

export type Widget =
  | HeadWidget
  | Chart13Widget
  | BridgeWidget
  | PlansWidget
  | NeedsYouWidget
  | ActivityWidget
  | CashWidget
  | RevenueWidget
  | CustomersWidget
  | CurrenciesWidget
  | RetentionWidget
  | CohortsWidget
  | TrialsWidget;

export type WidgetType = Widget["type"];

/** The head of the page: MRR at 48 px, its change in a sentence, four tiles. */
export interface HeadModel {
  /** Whole units: "$86,214". */
  readonly mrr: Figure;
  /** "+$1,942 this month (+2.4 %)", then "by this day last month +$1,310"; or why there is none. */
  readonly change: readonly Trend[];
  readonly changeReason?: string;
  /** One line, always shown: "Monthly recurring revenue as Stripe counts it: …". */
  readonly definitionLine: string;
  /** Customers, ARR, NRR 12 months, gross MRR churn 30 days. */
  readonly tiles: readonly Figure[];
  /** "No paying subscriptions yet; 3 trials, $120 if they convert". */
  readonly empty?: { readonly text: string; readonly action?: Link };
}

export type MovementKind = "new" | "reactivation" | "expansion" | "contraction" | "churn";

/** Sizes in minor units, all ≥ 0; contraction and churn are drawn below zero. */
export type MonthMovements = Readonly<Record<MovementKind, number>>;

export interface ChartMonth {
  /** "2026-01". */
  readonly key: string;
  /** "Jan". */
  readonly label: string;
  /** "January 2026". */
  readonly title: string;
  /** Calendar days of the month, also of the running one. */
  readonly days: number;
  /** The month that has not ended: outlined. */
  readonly running: boolean;
  /** Rebuilt from records that leave room for error: dashed. */
  readonly approximate: boolean;
  /** `null`: not known, drawn as nothing. */
  readonly movements: MonthMovements | null;
  readonly href?: string;
}

/** Daily MRR as a line above monthly movement bars, thirteen months on one x axis. */
export interface Chart13Model {
  /** Lower case, as Stripe has it. */
  readonly currency: string;
  readonly months: readonly ChartMonth[];
  /**
   * MRR at the close of each day in minor units, from the first day of the first month on; the
   * last one is today. `null`: not known.
   */
  readonly daily: readonly (number | null)[];
  /** Why there are no bars: "not yet: movements come with the history". */
  readonly movementsReason?: string;
  /** "History: month 9 of 24". */
  readonly note?: string;
}

export type BridgeKey = "start" | MovementKind | "fx" | "end";

export interface BridgeStep {
  readonly key: BridgeKey;
  readonly label: string;
  /** Signed, formatted: "+$3,120", "−$410", "$0". */
  readonly amount: string | null;
  /** Signed, in minor units, for the bar. */
  readonly value: number | null;
  /** "41 customers". */
  readonly customers: string | null;
  readonly tone: Tone;
  readonly href?: string;
  /** "of that paused −$120". */
  readonly note?: string;
}

/** start → new → reactivation → expansion → contraction → churn → FX → now. */
export interface BridgeModel {
  /** "This month, 1 to 24 November". */
  readonly period: string;
  readonly steps: readonly BridgeStep[];
  /** Why amounts are `null`. */
  readonly reason?: string;
}

export interface PlanRow {
  readonly name: string;
  /** "$49 a month", "3 prices". */
  readonly detail?: string;
  readonly mrr: string;
  /** 0 … 1 of the total. */
  readonly share: number;
  /** "38 %". */
  readonly shareText: string;
  readonly customers: string;
  /** Change in the period; `null`: unknown. */
  readonly change: Trend | null;
  readonly href?: string;
}

/** The top six and "other". */
export interface PlansModel {
  readonly rows: readonly PlanRow[];
  readonly total: { readonly mrr: string; readonly customers: string };
  /** Why `change` is `null`. */
  readonly changeReason?: string;
}

export interface NeedsYouItem {
  readonly tone: Alarm;
  /** "Failed payments". */
  readonly text: string;
  /** "oldest 6 days ago". */
  readonly detail?: string;
  readonly amount: string | null;
  /** "4 customers". */
  readonly count: string;
  readonly href: string;
}

/** Ordered by money; empty: "Nothing needs you". */
export interface NeedsYouModel {
  readonly items: readonly NeedsYouItem[];
  /** What is not looked at yet: "not yet: failed payments, renewals". */
  readonly pending?: string;
}

export interface ActivityItem {
  /** Stable, so that a new one can be told from an old one. */
  readonly id: string;
  readonly at: Moment;
  readonly kind: MovementKind | "fx";
  /** Without the customer: "upgraded Team to Scale". */
  readonly text: string;
  readonly customer: Link;
  /** Signed, formatted. */
  readonly amount: string;
  readonly tone: Tone;
  readonly href?: string;
}

export interface ActivityModel {
  readonly items: readonly ActivityItem[];
  /** Why the list is empty: "not yet: …" or "No movement in this period". */
  readonly reason?: string;
}

/** Gross, refunds, fees, net, next payout. */
export interface CashModel {
  readonly period: string;
  readonly lines: readonly Figure[];
  readonly reason?: string;
}

/** A small chart of one series, oldest first, with the text of its ends. */
export interface SmallChart {
  readonly title: string;
  readonly points: readonly SmallChartPoint[];
}

export interface SmallChartPoint {
  readonly label: string;
  readonly value: number | null;
  /** Formatted, for the table and the readout. */
  readonly text: string;
}

/** The revenue and the customers widget. */
export interface MetricModel {
  readonly primary: Figure;
  readonly items: readonly Figure[];
  readonly chart?: SmallChart;
  /** Why there is no chart. */
  readonly chartReason?: string;
}

export interface CurrencyRow {
  /** "USD". */
  readonly currency: string;
  /** Native total. */
  readonly mrr: string;
  readonly customers: string;
  readonly change: Trend | null;
  /** In the reporting currency, with its rate: "$12,431 at 1.0834"; `null`: no rate. */
  readonly converted: string | null;
  readonly share?: number;
  readonly href: string;
}

/** Several currencies side by side; sums exist only in the reporting currency. */
export interface CurrenciesModel {
  readonly rows: readonly CurrencyRow[];
  readonly reporting: {
    readonly currency: string;
    readonly mrr: string;
    readonly href: string;
  } | null;
  /** "No reporting currency is configured, so nothing is added up across currencies". */
  readonly note?: string;
}

/** A widget that needs later work; never a zero in its place. */
export interface PlannedModel {
  /** "not yet: retention needs 2 complete months of history". */
  readonly reason: string;
}

/** How a page is called and dressed. Configuration keys `branding` and `theme`. */
export interface Branding {
  readonly appName: string;
  readonly logoText: string;
  /** Path of ours. */
  readonly logoHref?: string;
  readonly faviconHref?: string;
  readonly hideFooter: boolean;
  /** Shown as text. */
  readonly customFooter?: string;
}

/** An HSL triple of the configuration, `240 8 9`: degrees, percent, percent. */
export interface Hsl {
  readonly hue: number;
  readonly saturation: number;
  readonly lightness: number;
}

/** The configured colours; what is left out follows from the others. */
export interface ThemeColors {
  /** Left out: follows the system. */
  readonly light?: boolean;
  readonly background?: Hsl;
  readonly primary?: Hsl;
  readonly positive?: Hsl;
  readonly negative?: Hsl;
  /** 1 by default. */
  readonly contrastMultiplier?: number;
  readonly textSaturationMultiplier?: number;
}

export interface ThemeChoice {
  /** `POST /api/set-theme/{key}` sets it. */
  readonly key: string;
  readonly name: string;
  readonly current: boolean;
}

/** What a page has around its content: the same on every page. */
export interface Chrome {
  readonly branding: Branding;
  /** Stylesheets in order: the base one, the theme, `custom-css-file`. Paths of ours. */
  readonly stylesheets: readonly string[];
  readonly script: string;
  readonly manifest: string;
  readonly colorScheme: "auto" | "light" | "dark";
  /** Empty with `disable-picker`. */
  readonly themes: readonly ThemeChoice[];
  readonly nav: readonly Choice[];
  /** `null` where nobody is logged in. */
  readonly logoutHref: string | null;
  readonly status: StatusModel | null;
}

/** The status line. */
export interface StatusModel {
  readonly account: string;
  readonly mode: "live" | "test" | "demo";
  readonly period: Choices;
  readonly currency: Choices;
  readonly plan: Choices;
  readonly freshness: {
    /** "live", "stale since 14:02". Without an age: pages are cached, so `asOf` gives that. */
    readonly text: string;
    readonly tone: "live" | "loading" | "stale" | "broken";
    readonly asOf: Moment | null;
  };
  /** One amber sentence, e.g. what makes it stale. */
  readonly sentence?: string;
  /** "as Stripe counts it", to the definitions. */
  readonly preset: Link;
}

export interface PageModel {
  readonly chrome: Chrome;
  readonly title: string;
  readonly slug: string;
  readonly width: "slim" | "default" | "wide";
  /** Seconds between two looks at the widgets where no stream is open. */
  readonly refreshSeconds: number;
  readonly headWidgets: readonly Widget[];
  readonly columns: readonly Column[];
  /** Below the columns, side by side: retention, cohorts, trials. */
  readonly belowWidgets: readonly Widget[];
  readonly footer: FooterModel;
}

export interface Column {
  readonly size: "small" | "full";
  readonly widgets: readonly Widget[];
}

/** One source: an account in one mode. */
export interface SourceRow {
  readonly name: string;
  readonly mode: "live" | "test" | "demo";
  /** "live", "loading history: month 9 of 24", "key rejected". */
  readonly phase: string;
  readonly alarm: Alarm;
  readonly lastEvent: string;
  readonly href?: string;
}

export interface FooterModel {
  readonly version: string;
  readonly sources: readonly SourceRow[];
  readonly links: readonly Link[];
  readonly demo?: DemoFooter;
}

export interface DemoFooter {
  /** The simulator's own books against what is shown; `null` while it cannot be asked. */
  readonly books: {
    readonly equal: boolean;
    readonly simulator: string;
    readonly shown: string;
  } | null;
  /** POST `/demo/break`. */
  readonly breakHref: string;
  readonly broken: boolean;
  readonly connect: Link;
}

/** The rows behind a figure. */
export interface ExplainModel {
  readonly chrome: Chrome;
  /** "MRR", "Churn in November". */
  readonly title: string;
  readonly definition: Definition;
  readonly total: string;
  /** "86213 9/10 minor units" or "0": the sum before rounding. */
  readonly totalExact: string;
  /** "1,204 subscriptions of 1,187 customers". */
  readonly countText: string;
  readonly asOf: Moment;
  readonly filters: readonly Choices[];
  /** Native sums; one row where there is one currency. */
  readonly subtotals: readonly {
    readonly currency: string;
    readonly amount: string;
    readonly exact: string;
    readonly rows: string;
  }[];
  /** "MRR", or "Change" for movements. */
  readonly amountLabel: string;
  readonly rows: readonly ExplainRow[];
  /** What the shown rows lack or have over the total; `null` where it is 0. */
  readonly rounding: { readonly text: string; readonly amount: string } | null;
  readonly paging: {
    readonly text: string;
    readonly previous: Link | null;
    readonly next: Link | null;
  };
  /** CSV and JSON of the same rows. */
  readonly downloads: readonly Link[];
}

export interface ExplainRow {
  /** To the page that explains this one subscription. */
  readonly subscription: Link;
  /** To the Stripe dashboard. */
  readonly customer: Link;
  readonly status: string;
  readonly plan: string;
  readonly quantity: string;
  /** Rounded for display; `null`: could not be valued. */
  readonly amount: string | null;
  /** The exact fraction in minor units, "2900" or "16250/3". */
  readonly exact: string | null;
  /** Why it is 0 or unknown. */
  readonly reason?: string;
  readonly issues: readonly string[];
}

/** One subscription, step by step: tier × coupon ÷ 12. */
export interface SubscriptionModel {
  readonly chrome: Chrome;
  readonly id: string;
  readonly customer: Link;
  readonly dashboard: Link;
  readonly status: string;
  readonly amount: string | null;
  readonly exact: string | null;
  readonly reason?: string;
  readonly issues: readonly string[];
  readonly definition: Definition;
  readonly items: readonly SubscriptionItemSteps[];
  /** "changes on 3 Dec: the coupon ends". */
  readonly nextChange?: string;
  readonly back: Link;
  readonly asOf: Moment;
}

export interface SubscriptionItemSteps {
  readonly name: string;
  /** "40 × Team, yearly". */
  readonly detail: string;
  readonly steps: readonly {
    /** "Tier", "Coupon", "Per month". */
    readonly label: string;
    /** "10 × $20.00 + 30 × $15.00". */
    readonly expression: string;
    /** "$650.00". */
    readonly result: string;
    readonly note?: string;
  }[];
  readonly amount: string;
  readonly exact: string;
}

/** Every figure's definition, the options in force, and what another preset would change. */
export interface DefinitionsModel {
  readonly chrome: Chrome;
  readonly presets: Choices;
  readonly version: string;
  readonly groups: readonly {
    readonly title: string;
    readonly definitions: readonly Definition[];
  }[];
  readonly options: readonly {
    readonly name: string;
    readonly value: string;
    readonly meaning: string;
    /** "preset" or "your configuration". */
    readonly from: string;
  }[];
  /** Cause by cause: "coupons that end are subtracted: −$1,204 (31 subscriptions)". */
  readonly difference?: {
    readonly title: string;
    readonly from: { readonly label: string; readonly amount: string };
    readonly causes: readonly {
      readonly text: string;
      readonly amount: string;
      readonly count: string;
      readonly href?: string;
    }[];
    readonly to: { readonly label: string; readonly amount: string };
  };
}

/** A page that says one thing: not found, configuration at fault, key refused. */
export interface MessageModel {
  readonly chrome: Chrome;
  /** HTTP status, shown small; `null` where it does not matter. */
  readonly code: number | null;
  readonly alarm: Alarm;
  readonly title: string;
  readonly what: string;
  /** "glance.yml, line 12, column 7". */
  readonly where?: string;
  /** What to do, in order. */
  readonly todo: readonly string[];
  /** A command or an excerpt, shown as code. */
  readonly excerpt?: string;
  readonly actions: readonly Link[];
}
