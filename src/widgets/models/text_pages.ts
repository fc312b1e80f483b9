/**
 * The text pages: the rows behind a figure, a subscription, definitions, messages.
 *
 * @module
 */
import type { Alarm, Choices, Definition, Link, Moment } from "./figure.ts";
import type { Chrome } from "./page.ts";

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
  /** What the columns between the names and the amount hold; `null` for one without a use. */
  readonly columns: {
    /** "Status", or "Day" for movements. */
    readonly standing: string;
    /** "Plan", or "MRR then → now" for retention. */
    readonly plan: string;
    readonly quantity: string | null;
  };
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
