/**
 * What figures, links and states are made of: the parts of every model.
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
    /** Only this widget's figures are incomplete; faults of the whole source are the banner's. */
    readonly kind: "partial";
    readonly data: T;
    readonly asOf: Moment;
    /** One sentence. */
    readonly reason: string;
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
