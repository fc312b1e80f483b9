/**
 * Trials and how they came out (metrics.md C.7). Which subscriptions had one that matters takes a
 * look at all of them; what became of each is as of now.
 *
 * @module
 */
import {
  type Derived,
  trialConversionCohort,
  trialConversionStripe30,
  type TrialOutcome,
} from "../metrics/ratios.ts";
import type { Standing } from "../metrics/standing.ts";
import { stepsOf } from "../metrics/steps.ts";
import { convertedAt, trialOutcome } from "../metrics/trials.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import { daysOf } from "./movement_view.ts";

const DAY_SECONDS = 86_400;
/** Conversions are looked for in the trials that ended up to so many days before the window. */
const LATE_DAYS = 60;

/** One subscription with a trial, whatever the time is. Times are Unix seconds. */
interface TrialFact {
  readonly subscription: string;
  readonly status: string;
  readonly begin: number;
  readonly end: number;
  readonly convertedAt: number | null;
}

/** The same as it stands now. */
export interface TrialRow extends TrialFact {
  readonly outcome: TrialOutcome;
}

/** The fact of a subscription's trial; `null` where it had none that counts. */
function factOf(view: SourceView, { sub, reason }: Standing): TrialFact | null {
  const { trialEnd, trialStart, created, status } = sub;
  if (trialEnd === null || reason === "excluded") return null;
  return {
    subscription: sub.id,
    status,
    begin: trialStart ?? created,
    end: trialEnd,
    convertedAt: convertedAt(trialEnd, stepsOf(view.segments(sub.id))),
  };
}

/** The trials that ended lately or run, by their end. */
function scanTrials({ view, today }: Look): readonly TrialFact[] {
  const since = view.calendar.startOf(today - 30 - LATE_DAYS);
  const facts: TrialFact[] = [];
  for (const standing of view.standings()) {
    const { trialEnd, status } = standing.sub;
    if (trialEnd === null || (trialEnd < since && status !== "trialing")) continue;
    const fact = factOf(view, standing);
    if (fact) facts.push(fact);
  }
  return facts.sort((a, b) => a.end - b.end);
}

/** The trials that ended in the last 90 days or run, by their end. */
export function trialsOf(context: WidgetContext): readonly TrialRow[] {
  const { view, now } = context;
  return view.scanned(scanTrials, [], now).map((fact) => ({
    ...fact,
    outcome: trialOutcome({ ...fact, trialEnd: fact.end }, now),
  }));
}

export interface TrialFigures {
  /** Trials that began in the period that was chosen. */
  readonly begun: readonly TrialRow[];
  readonly running: readonly TrialRow[];
  /** Running ones that end within 7 days. */
  readonly ending: readonly TrialRow[];
  /** Those that ended in the last 30 days. */
  readonly ended: readonly TrialRow[];
  /** Converted / decided, of those that ended in the last 30 days. */
  readonly cohort: Derived;
  /** Converted in the last 30 days / ended in the last 30 days; may pass 1. */
  readonly stripe30: Derived;
  /** Converted in the last 30 days, whenever they ended. */
  readonly converted: readonly TrialRow[];
}

export const ENDING_DAYS = 7;

export function trialFigures(context: WidgetContext): TrialFigures {
  const { view, now } = context;
  const trials = trialsOf(context);
  const { from } = daysOf(context, "30d");
  const since = view.calendar.startOf(from);
  const begins = view.calendar.startOf(daysOf(context, context.query.period).from);
  const inWindow = (at: number | null) => at !== null && at >= since && at < now;
  const ended = trials.filter(({ end }) => inWindow(end));
  const converted = trials.filter((trial) => inWindow(trial.convertedAt));
  const running = trials.filter(({ status }) => status === "trialing");
  return {
    begun: trials.filter(({ begin }) => begin >= begins && begin <= now),
    running,
    ending: running.filter(({ end }) => end >= now && end <= now + ENDING_DAYS * DAY_SECONDS),
    ended,
    cohort: trialConversionCohort(ended.map(({ outcome }) => outcome)),
    stripe30: trialConversionStripe30(converted.length, ended.length),
    converted,
  };
}
