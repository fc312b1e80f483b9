/**
 * `glance compare FILE`: reads the account, then compares the file with it. Options are changed
 * one after the other over the same stored facts, so that a difference can be charged to one.
 *
 * @module
 */
import type { Settings } from "../../../config/settings.ts";
import type { MrrOptions } from "../../metrics/options.ts";
import { rational } from "../../metrics/rational.ts";
import { monthKey } from "../../metrics/calendar.ts";
import { OPTION_CHANGES } from "../../widgets/option_changes.ts";
import type { Readout } from "../read_account.ts";
import { compareExport, type ComparisonReport, monthsOf, type Variation } from "./compare.ts";
import { customerMonths } from "./customer_months.ts";
import { readExport } from "./export_file.ts";

const ALTERNATIVES: Readonly<Partial<{ [Name in keyof MrrOptions]: readonly MrrOptions[Name][] }>> =
  {
    cancellation: ["at_request", "at_end"],
    subtractRepeating: [false, true],
    subtractOnce: [false, true],
    pastDue: ["count", "exclude", { maxDays: 30 }],
    trialing: ["exclude", "count"],
    pauseCollection: ["by_behavior", "count", "exclude"],
    trialOffers: ["exclude", "count_trial_price"],
    inclusiveTax: ["deduct", "ignore"],
    daysPerMonth: [rational(365, 12), rational(30)],
    weeksPerMonth: [rational(13, 3), rational(433, 100)],
  };

/** The options with one of them changed, and how the change is called. */
function alternatives(options: MrrOptions): readonly (readonly [string, MrrOptions])[] {
  return OPTION_CHANGES.flatMap(([name, text]) =>
    (ALTERNATIVES[name] ?? [])
      .filter((value) => plain(value) !== plain(options[name]))
      .map((value) => {
        const changed = { ...options, [name]: value } as MrrOptions;
        return [text(changed), changed] as const;
      })
  );
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part);
}

/**
 * @param readout An account whose past is known.
 * @throws {ExportFileError} when the file is not understood.
 */
export async function compareFile(
  text: string,
  name: string,
  readout: Readout,
  now: number,
): Promise<ComparisonReport> {
  const file = readExport(text, name);
  const { view, settings } = readout;
  const months = monthsOf(file, monthKey(view.calendar.dayOf(now)));
  const currency = view.info.defaultCurrency ?? view.movements.currencies()[0] ?? "usd";
  const variations: Variation[] = [];
  for (const [cause, options] of alternatives(settings.figures.options)) {
    await readout.recount(withOptions(settings, options));
    variations.push({ cause, values: customerMonths(view, months, file.kind) });
  }
  await readout.recount(settings);
  return compareExport(file, view, currency, months, variations);
}

function withOptions(settings: Settings, options: MrrOptions): Settings {
  return { ...settings, figures: { ...settings.figures, options } };
}
