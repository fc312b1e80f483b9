/**
 * The page around the widgets: branding, theme, status line, footer.
 *
 * @module
 */
import type { Alarm, Choice, Choices, Link, Moment } from "./figure.ts";
import type { Widget } from "./widget.ts";

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

/** A filter that is on. */
export interface FilterChip {
  /** "Plan: Team, $49 a month". */
  readonly text: string;
  /** The page without it. */
  readonly offHref: string;
}

/** The one place on a page for faults of a whole source and for set-up hints. */
export interface Banner {
  readonly code: string;
  readonly severity: Alarm;
  /** In the reader's words. */
  readonly sentence: string;
  readonly action?: Link;
}

/** One of several accounts, in the list of them. */
export interface AccountChoice extends Choice {
  readonly alarm: Alarm;
  /** "live", "key rejected". */
  readonly phase: string;
}

/** The status line. */
export interface StatusModel {
  /** What it is refreshed by, like a widget. */
  readonly id: string;
  readonly account: string;
  readonly mode: "live" | "test" | "demo";
  readonly period: Choices;
  readonly currency: Choices;
  readonly plan: Choices;
  /** Filters that are on; each leads to the same page without it. */
  readonly filters: readonly FilterChip[];
  readonly freshness: {
    /** "live", "stale since 14:02". Without an age: pages are cached, so `asOf` gives that. */
    readonly text: string;
    readonly tone: "live" | "loading" | "stale" | "broken";
    readonly asOf: Moment | null;
  };
  /** Every account that the visitor may see; empty where there is one. */
  readonly accounts: readonly AccountChoice[];
  readonly banner?: Banner;
  /** Whether the page has its widgets, or a card in their place: then it has another shape. */
  readonly shape?: "widgets" | "card";
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
  /** The state that it was made of; the stream of changes goes on from there. */
  readonly stream: string;
  /** In the place of all widgets, where none of them could show anything. */
  readonly card?: PageCard;
  readonly headWidgets: readonly Widget[];
  readonly columns: readonly Column[];
  /** Below the columns, side by side: retention, cohorts, trials. */
  readonly belowWidgets: readonly Widget[];
  readonly footer: FooterModel;
}

/** What stands in the place of all widgets. */
export interface PageCard {
  readonly title: string;
  readonly text: string;
  readonly action?: Link;
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
