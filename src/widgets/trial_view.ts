/**
 * Trials and how they came out (metrics.md C.7). Which subscriptions had one that matters is found
 * once a day, as it takes a look at all of them; what became of each is always as of now.
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
import type { Segment } from "../metrics/segments.ts";
import { stepsOf } from "../metrics/steps.ts";
import { CONVERSION_SECONDS, convertedAt, trialOutcome } from "../metrics/trials.ts";
import type { SourceView } from "../store/port.ts";
import type { WidgetContext } from "./context.ts";
import { daysOf } from "./movement_view.ts";

const DAY_SECONDS = 86_400;
/** Conversions are looked for in the trials that ended up to so many days before the window. */
const LATE_DAYS = 60;

/** One subscription with a trial; times are Unix seconds. */
export interface TrialRow {
  readonly standing: Standing;
  readonly begin: number;
  readonly end: number;
  readonly outcome: TrialOutcome;
  readonly convertedAt: number | null;
}

/** A trial that time alone changes no more, and what it was told from. */
interface Settled {
  readonly row: TrialRow;
  readonly segments: readonly Segment[];
}

interface Candidates {
  readonly key: string;
  readonly ids: ReadonlySet<string>;
  readonly settled: Map<string, Settled>;
}

const kept = new WeakMap<SourceView, Candidates>();

/** Subscriptions whose trial ended lately or runs. */
function candidates({ view, now }: WidgetContext): Candidates {
  const today = view.calendar.dayOf(now);
  const key = `${today} ${view.status.historyDone} ${view.status.liveSince}`;
  let known = kept.get(view);
  if (known?.key !== key) {
    const since = view.calendar.startOf(today - 30 - LATE_DAYS);
    const ids = new Set<string>();
    for (const { sub } of view.standings()) {
      if (sub.trialEnd !== null && sub.trialEnd >= since) ids.add(sub.id);
    }
    kept.set(view, known = { key, ids, settled: new Map() });
  }
  return known;
}

/** What became of a subscription's trial; `null` where it had none that counts. */
function trialOf(
  { view, now }: WidgetContext,
  id: string,
  settled: Map<string, Settled>,
): TrialRow | null {
  const standing = view.standing(id);
  const segments = view.segments(id);
  const known = settled.get(id);
  if (known && known.row.standing === standing && known.segments === segments) return known.row;
  const { trialEnd = null } = standing?.sub ?? {};
  if (!standing || trialEnd === null || standing.reason === "excluded") return null;
  const { status, trialStart, created } = standing.sub;
  const trial = { trialEnd, status, steps: stepsOf(segments) };
  const row: TrialRow = {
    standing,
    begin: trialStart ?? created,
    end: trialEnd,
    outcome: trialOutcome(trial, now),
    convertedAt: convertedAt(trial),
  };
  if (now > trialEnd + CONVERSION_SECONDS) settled.set(id, { row, segments });
  return row;
}

/** The trials that ended in the last 90 days or run, by their end. */
export function trialsOf(context: WidgetContext): readonly TrialRow[] {
  const running = context.view.inStatus("trialing").map(({ sub }) => sub.id);
  const { ids, settled } = candidates(context);
  return [...new Set([...ids, ...running])]
    .flatMap((id) => trialOf(context, id, settled) ?? [])
    .sort((a, b) => a.end - b.end);
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

const figuresKept = new WeakMap<SourceView, { readonly key: string; figures: TrialFigures }>();

/** Several widgets of a page ask for them. */
export function trialFigures(context: WidgetContext): TrialFigures {
  const { view, now, query } = context;
  const key = `${view.version} ${now} ${query.period}`;
  const known = figuresKept.get(view);
  if (known?.key === key) return known.figures;
  const figures = workOut(context);
  figuresKept.set(view, { key, figures });
  return figures;
}

function workOut(context: WidgetContext): TrialFigures {
  const { view, now } = context;
  const trials = trialsOf(context);
  const { from } = daysOf(context, "30d");
  const since = view.calendar.startOf(from);
  const begins = view.calendar.startOf(daysOf(context, context.query.period).from);
  const inWindow = (at: number | null) => at !== null && at >= since && at < now;
  const ended = trials.filter(({ end }) => inWindow(end));
  const converted = trials.filter((trial) => inWindow(trial.convertedAt));
  const running = trials.filter(({ standing }) => standing.sub.status === "trialing");
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
