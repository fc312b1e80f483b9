/**
 * What the routes are given: everything they use is built elsewhere and handed in.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import type { Context } from "hono";
import type { AuditLog } from "../src/security/audit.ts";
import type { AccessStore } from "../src/store/access/port.ts";
import type { Health } from "../src/observability/health.ts";
import type { LimitedLog } from "../src/observability/limited_log.ts";
import type { Logger } from "../src/observability/log.ts";
import type { Metrics } from "../src/observability/metrics.ts";
import type { Registry } from "../src/observability/registry.ts";
import type { Tracing } from "../src/observability/tracing.ts";
import type { SourceView } from "../src/store/port.ts";
import type { Compared } from "../src/sync/comparer.ts";
import type { Intake } from "../src/sync/intake.ts";
import type { CustomerLabels } from "../src/stripe/customer_labels.ts";
import type { DemoFooter } from "../src/widgets/models.ts";
import type { Asset, Assets } from "../views/assets.ts";
import type { Broadcaster } from "./broadcast.ts";
import type { PageCache } from "./page_cache.ts";
import type { TaskRunner } from "./start_command.ts";
import { type Access, NOBODY, type Visitor } from "./visitor.ts";

/** Why the last change of the configuration was not taken; the one before goes on. */
export interface ConfigFault {
  readonly message: string;
  /** "glance.yml, line 12, column 7". */
  readonly where: string | null;
}

export interface Demo {
  /** Books of the simulator against what is shown. */
  footer(view: SourceView): DemoFooter["books"];
  readonly broken: boolean;
  /** Makes the simulator fail for a while. */
  breakStripe(): void;
}

/** The desk where webhooks come in. */
export interface WebhookDesk {
  readonly receive: Intake;
  /** The last request that was refused: to this source, or to no certain one. */
  refusal(source: string): { readonly at: number; readonly reason: string } | null;
  /** Lets an event that was set aside be tried again; whether there was one. */
  retry(source: string, event: string): boolean;
}

/** The parts that a reload of the configuration replaces. */
export interface Live {
  readonly settings: Settings;
  readonly fault: ConfigFault | null;
  /** Sources by the name of their account. */
  readonly sources: ReadonlyMap<string, SourceView>;
}

export interface AppDeps {
  readonly live: () => Live;
  readonly assets: () => Assets;
  /** A file of the program's by its address. */
  asset(href: string): Asset | undefined;
  /** A file of the configured `assets-path`, or 404. */
  assetFile(name: string): Promise<Response>;
  /** Serves one more file under its address; returns the address. */
  addAsset(asset: Asset): string;
  /** The configured `custom-css-file`, once it is among the assets. */
  customCssHref(): string | null;
  /** What a source's customers are called; `null`, or left out, for their ids. */
  readonly labels?: (source: string) => CustomerLabels | null;
  /** What the reader may see; `live` gives no more than that. */
  readonly access: Access;
  /** A page with its links under `server.base-url`. */
  readonly linked: (html: string) => string;
  readonly accessStore: AccessStore;
  readonly audit: AuditLog;
  readonly webhooks: WebhookDesk;
  /**
   * Compares a source with Stripe; `null` where another replica was asked to.
   *
   * @throws {StripeFault}
   */
  readonly compare: (source: string) => Promise<Compared | null>;
  readonly broadcaster: Broadcaster;
  readonly health: Health;
  readonly metrics: Metrics;
  /** The figures themselves as gauges. */
  readonly business: Registry;
  readonly tracing?: Tracing | null;
  readonly log: Logger;
  /** For what a sender can cause without end. */
  readonly limitedLog: LimitedLog;
  readonly cache: PageCache;
  readonly version: string;
  /** How the reader runs tasks; `deno task` where left out. */
  readonly runner?: TaskRunner;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly demo: Demo | null;
  readonly stopping: () => boolean;
  /** The loading of what was kept; left out where nothing is. */
  readonly loading?: Loading;
}

/** How far the facts are read that were kept. */
export interface Loading {
  /** Resolves when all are; rejects when they cannot be. */
  loaded(): Promise<void>;
  /** Facts that are read so far. */
  read(): number;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** The whole, before it is known who asks. */
export type ServerDeps = Omit<AppDeps, "access" | "linked" | "limitedLog">;

/** What a request brings along. */
export interface RequestEnv {
  readonly visitor: Visitor;
  /** The address of the connection. */
  readonly direct: string;
}

/** What is known of a request; nobody asks where nothing is. */
export function envOf(c: Context): RequestEnv {
  const { visitor, direct } = (c.env ?? {}) as Partial<RequestEnv>;
  return { visitor: visitor ?? NOBODY, direct: direct ?? "" };
}
