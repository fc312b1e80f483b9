/**
 * What the program is built from once configuration and environment are read and checked.
 *
 * @module
 */
import type { AuthSettings } from "./auth.ts";
import type { MrrOptions, PresetName } from "../src/metrics/options.ts";
import type { QuotedRates } from "../src/metrics/quoted_rates.ts";
import type { Rational } from "../src/metrics/rational.ts";
import type { ProxyOptions } from "../src/security/address.ts";
import type { Secret } from "../src/security/secret.ts";
import type { Branding, ThemeColors } from "../src/widgets/models.ts";
import type { WidgetConfig } from "../src/widgets/config.ts";
import type { FigureInputs } from "../src/widgets/inputs.ts";
import type { DatabaseSettings } from "./database.ts";

export interface ServerSettings {
  /** Loopback unless said otherwise. */
  readonly host: string;
  readonly port: number;
  readonly proxied: boolean;
  /** The proxies before this server: none, or so many, from these addresses. */
  readonly proxy: ProxyOptions;
  /** Whether those addresses are written, not only any private one. */
  readonly trustsByName: boolean;
  readonly baseUrl: string | null;
  /** Names that it answers under besides addresses and localhost; `null` for any. */
  readonly hosts: ReadonlySet<string> | null;
  /** Whom to tell of security holes: `mailto:`, `https:` or `tel:` addresses, the preferred first. */
  readonly securityContacts: readonly string[];
  /** A folder served at `/assets/`, besides the program's own. */
  readonly assetsPath: string | null;
}

export interface LimitSettings {
  /** Requests a second. */
  readonly rate?: number;
  readonly burst?: number;
  /** Requests a second to each endpoint, under the global rate. */
  readonly endpointRate?: number;
  readonly attemptTimeoutMs?: number;
  readonly concurrency?: number;
}

export interface AccountSettings {
  /** Key under `accounts:`; `default` for the one from the environment. */
  readonly name: string;
  readonly key: Secret;
  readonly mode: "live" | "test";
  /** `https://api.stripe.com`, or another Stripe-compatible server. */
  readonly base: string;
  /** `acct_…` of an organisation's key. */
  readonly account: string | null;
  /** Used where the key may not read the account's own. */
  readonly timeZone: string;
  readonly exclude: {
    readonly customers: readonly string[];
    readonly products: readonly string[];
    readonly prices: readonly string[];
    readonly metadata: Readonly<Record<string, string>>;
  };
  /** `id`, or what pages name customers by: `name`, `email`, `metadata.KEY`. */
  readonly customerLabel: string;
  readonly limits: LimitSettings;
  /** Of the webhook endpoints; several during a rotation. */
  readonly webhookSecrets?: readonly Secret[];
  /** What to tell the operator about the key. */
  readonly warning: string | null;
}

/** A widget of a page and the account whose figures it shows. */
export interface WidgetSettings extends WidgetConfig {
  readonly account: string;
  /** Seconds: greatest age of its figures where no webhook is live; `null` for the default. */
  readonly cacheSeconds: number | null;
}

export interface PageSettings {
  readonly name: string;
  /** Empty for the first page. */
  readonly slug: string;
  readonly width: "slim" | "default" | "wide";
  /** Who may see it, besides admins; `null`, or left out, for everyone who is signed in. */
  readonly users?: ReadonlySet<string> | null;
  readonly headWidgets: readonly WidgetSettings[];
  readonly columns: readonly {
    readonly size: "small" | "full";
    readonly widgets: readonly WidgetSettings[];
  }[];
  /** Below the columns; only the built-in page has them. */
  readonly belowWidgets: readonly WidgetSettings[];
}

export interface BrandingSettings extends Branding {
  /** Path of ours: the icon of the installed application. */
  readonly appIconHref?: string;
  /** A CSS colour: its background. */
  readonly appBackgroundColor?: string;
}

export interface ThemeSettings {
  readonly colors: ThemeColors;
  readonly customCssFile: string | null;
  readonly disablePicker: boolean;
  readonly presets: Readonly<Record<string, ThemeColors>>;
}

export interface ReportingSettings {
  /** Lower case. */
  readonly currency: string;
  /** What one unit of a currency is worth in the reporting one on every day. */
  readonly rates: Readonly<Record<string, Rational>>;
  /** Where the daily rates of other currencies are. */
  readonly ratesFile?: string;
  /** Those rates; left out where there is no such file. */
  readonly quotes?: QuotedRates;
}

export interface FigureSettings {
  readonly preset: PresetName;
  readonly options: MrrOptions;
  readonly reporting: ReportingSettings | null;
  readonly inputs: FigureInputs;
}

export interface LogSettings {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
}

export interface NetworkSettings {
  /** Hosts, in lower case, that may be reached although their address is not public. */
  readonly allow: ReadonlySet<string>;
}

export interface MetricsSettings {
  readonly enabled: boolean;
  readonly token: Secret | null;
  /** Open to everyone. */
  readonly public: boolean;
  /** Whether the figures themselves are among them, for those who may see revenue. */
  readonly business: boolean;
}

export interface Settings {
  readonly server: ServerSettings;
  readonly branding: BrandingSettings;
  readonly theme: ThemeSettings;
  readonly pages: readonly PageSettings[];
  readonly accounts: readonly AccountSettings[];
  readonly figures: FigureSettings;
  readonly auth: AuthSettings;
  readonly log: LogSettings;
  readonly network: NetworkSettings;
  readonly metrics: MetricsSettings;
  /** The master key, and the one before it while that is exchanged. */
  readonly masterKeys: readonly Secret[];
  /** The SQLite file that keeps what is read; `null` for memory alone. */
  readonly databasePath: string | null;
  /** The PostgreSQL that keeps what is read, for any number of replicas. */
  readonly database: DatabaseSettings | null;
  /** The full health report without a session. */
  readonly healthPublic: boolean;
}
