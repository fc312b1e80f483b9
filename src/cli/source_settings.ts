/**
 * What the settings say of one source.
 *
 * @module
 */
import type { AccountSettings, FigureSettings, Settings } from "../../config/settings.ts";
import type { Rates } from "../metrics/reporting.ts";
import type { ResilientFetchOptions } from "../resilience/resilient_fetch.ts";
import type { SourceInfo } from "../store/port.ts";

/** A widget's `cache` may ask for looks more often than the default, but not more than this. */
const POLL_SECONDS_MIN = 10;

export function limitsOf({ limits }: AccountSettings): Partial<ResilientFetchOptions> {
  const { rate, burst, endpointRate, attemptTimeoutMs, concurrency } = limits;
  return {
    ...(rate || burst ? { bucket: { capacity: burst ?? 100, refillPerSecond: rate ?? 10 } } : {}),
    ...(endpointRate
      ? { endpointBucket: { capacity: endpointRate, refillPerSecond: endpointRate } }
      : {}),
    ...(attemptTimeoutMs ? { attemptTimeoutMs } : {}),
    ...(concurrency ? { concurrency } : {}),
  };
}

export function ratesOf({ reporting }: FigureSettings): Rates | null {
  return reporting && { to: reporting.currency, rates: reporting.rates };
}

/**
 * Whether two readings of the configuration ask for the same figures; other rates of a file count
 * nothing anew.
 */
export function sameFigures(a: FigureSettings, b: FigureSettings): boolean {
  const text = (figures: FigureSettings) =>
    JSON.stringify(
      { ...figures, reporting: ratesOf(figures) },
      (_, value) => typeof value === "bigint" ? String(value) : value,
    );
  return text(a) === text(b);
}

export function infoOf(account: AccountSettings, figures: FigureSettings): SourceInfo {
  return {
    name: account.name,
    account: `cfg:${account.name}:${account.mode}`,
    displayName: account.name === "default" ? "Stripe account" : account.name,
    livemode: account.mode === "live",
    defaultCurrency: null,
    timeZone: account.timeZone,
    preset: figures.preset,
    options: figures.options,
    reporting: ratesOf(figures),
  };
}

export function pollSecondsOf(settings: Settings, account: string, most: number): number {
  const widgets = settings.pages.flatMap((page) => [
    ...page.headWidgets,
    ...page.columns.flatMap((column) => column.widgets),
    ...page.belowWidgets,
  ]);
  const asked = widgets.flatMap((widget) =>
    widget.account === account && widget.cacheSeconds !== null ? [widget.cacheSeconds] : []
  );
  return Math.min(most, ...asked.map((seconds) => Math.max(POLL_SECONDS_MIN, seconds)));
}

/** Everything about an account that makes it another source when it changes. */
export function identityOf(account: AccountSettings, pollSeconds: number): string {
  const { timeZone, exclude, limits } = account;
  return JSON.stringify({ timeZone, exclude, limits, pollSeconds });
}
