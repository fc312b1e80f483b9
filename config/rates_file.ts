/**
 * The file of daily rates that `glance rates:import` writes, for a configuration with a reporting
 * currency.
 *
 * @module
 */
import { type ConfigIo, isAbsent, whyUnreadable } from "./io.ts";
import type { Report } from "./report.ts";
import type { Settings } from "./settings.ts";

/**
 * Puts the rates of the file into the settings. One that is not there is only a fault where the
 * configuration names it.
 *
 * @param named Whether the configuration names the file.
 */
export async function withRates(
  io: ConfigIo,
  settings: Settings,
  named: boolean,
  report: Report,
): Promise<Settings> {
  const { reporting } = settings.figures;
  const path = reporting?.ratesFile;
  if (!reporting || path === undefined || io.skipRates) return settings;
  const fail = (message: string) => {
    report(["figures", named ? "rates-file" : "reporting-currency"], message);
    return settings;
  };
  let text;
  try {
    text = await io.readFile(path);
  } catch (error) {
    if (isAbsent(error) && !named) return settings;
    return fail(`${path}: ${whyUnreadable(error)}; glance rates:import FILE writes it`);
  }
  const { parseQuotedRates, QuotedRatesError } = await import("../src/metrics/quoted_rates.ts");
  try {
    const quotes = parseQuotedRates(text, path);
    return { ...settings, figures: { ...settings.figures, reporting: { ...reporting, quotes } } };
  } catch (error) {
    if (!(error instanceof QuotedRatesError)) throw error;
    return fail(error.message);
  }
}
