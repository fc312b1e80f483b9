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
import { convertedAt, trialOutcome } from "../metrics/trials.ts";
import type { SourceView } from "../store/port.ts";
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

/** A fact and what it was told from. */
interface Known {
  readonly standing: Standing;
  readonly segments: readonly Segment[];
  readonly fact: TrialFact;
}

const kept = new WeakMap<SourceView, { readonly key: string; known: Map<string, Known> }>();

/** Subscriptions whose trial ended lately or runs. */
function candidates(view: SourceView, key: string, today: number): readonly string[] {
  const since = view.calendar.startOf(today - 30 - LATE_DAYS);
  return view.scanned("trial candidates", key, (whole) => {
    const ids: string[] = [];
    for (const { sub } of whole.standings()) {
      if (sub.trialEnd !== null && sub.trialEnd >= since) ids.push(sub.id);
    }
    return ids;
  });
}

/** The fact of a subscription's trial; `null` where it had none that counts. */
function factOf(view: SourceView, id: string, known: Map<string, Known>): TrialFact | null {
  const standing = view.standing(id);
  const segments = view.segments(id);
  const before = known.get(id);
  if (before && before.standing === standing && before.segments === segments) return before.fact;
  const { trialEnd = null } = standing?.sub ?? {};
  if (!standing || trialEnd === null || standing.reason === "excluded") return null;
  const { status, trialStart, created } = standing.sub;
  const fact: TrialFact = {
    subscription: id,
    status,
    begin: trialStart ?? created,
    end: trialEnd,
    convertedAt: convertedAt(trialEnd, stepsOf(segments)),
  };
  known.set(id, { standing, segments, fact });
  return fact;
}

/** The trials that ended lately or run, by their end. */
function trialFacts({ view, now }: WidgetContext): readonly TrialFact[] {
  const { historyDone, liveSince } = view.status;
  const today = view.calendar.dayOf(now);
  const key = `${today} ${historyDone} ${liveSince}`;
  return view.scanned("trials", `${view.version} ${key}`, (whole) => {
    let of = kept.get(whole);
    if (of?.key !== key) kept.set(whole, of = { key, known: new Map() });
    const { known } = of;
    const running = whole.inStatus("trialing").map(({ sub }) => sub.id);
    return [...new Set([...candidates(whole, key, today), ...running])]
      .flatMap((id) => factOf(whole, id, known) ?? [])
      .sort((a, b) => a.end - b.end);
  });
}

/** The trials that ended in the last 90 days or run, by their end. */
export function trialsOf(context: WidgetContext): readonly TrialRow[] {
  return trialFacts(context).map((fact) => ({
    ...fact,
    outcome: trialOutcome({ ...fact, trialEnd: fact.end }, context.now),
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
