/**
 * `glance rates:import`: takes the European Central Bank's daily rates (`eurofxref-hist.csv`, or
 * the one of 90 days) into the file that the configuration names. Days that the file has already
 * stay, so that a short file a week keeps a long history.
 *
 * @module
 */
import { dayKey } from "../metrics/calendar.ts";
import { mergeQuotedRates, parseQuotedRates, type QuotedRates } from "../metrics/quoted_rates.ts";
import { countText } from "../widgets/context.ts";
import { spanText } from "../widgets/period_text.ts";

export interface RatesFiles {
  /** Rejects with `Deno.errors.NotFound` where there is none. */
  read(path: string): Promise<string>;
  /** Makes the folder too; either the whole text is there afterwards or what was before. */
  write(path: string, text: string): Promise<void>;
}

async function keptIn(path: string, files: RatesFiles): Promise<QuotedRates | null> {
  try {
    return parseQuotedRates(await files.read(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * @param name What the text is called in errors.
 * @param path Where the rates are kept.
 * @returns What was taken, in a sentence.
 * @throws {QuotedRatesError} with line and column; then nothing was written.
 */
export async function importRates(
  text: string,
  name: string,
  path: string,
  files: RatesFiles,
): Promise<string> {
  const taken = parseQuotedRates(text, name);
  const kept = await keptIn(path, files);
  const all = kept ? mergeQuotedRates(kept, taken) : taken;
  await files.write(path, all.text());
  const { days, currencies } = taken;
  const span = spanText(dayKey(days[0]!), dayKey(days.at(-1)!));
  return `Took ${countText(days.length, "day")} of ${
    countText(currencies.length, "currency", "currencies")
  }, ${span}: ` +
    `${path} has ${countText(all.days.length, "day")} up to ${dayKey(all.days.at(-1)!)}`;
}
