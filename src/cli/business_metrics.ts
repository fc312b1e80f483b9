/**
 * The figures themselves as gauges, for dashboards of the operator's own. Off unless
 * `metrics.business` asks for them, and told to those alone who may see revenue (routes/probes.ts).
 *
 * A gauge is a float: whole minor units are exact up to 2^53. A figure that is not known is left
 * out, never 0.
 *
 * @module
 */
import { monthStart } from "../metrics/calendar.ts";
import { exponentOf } from "../metrics/currency.ts";
import { MissingRateError } from "../metrics/fx.ts";
import { MOVEMENT_KINDS, MovementIdentityError } from "../metrics/movements.ts";
import { multiply, type Rational, rational, round } from "../metrics/rational.ts";
import { type FigureName, FIGURES } from "../metrics/tally.ts";
import { roundWaterfall } from "../metrics/waterfall.ts";
import type { Sample } from "../observability/exposition.ts";
import { createReading } from "../observability/instruments.ts";
import { createRegistry, type Registry } from "../observability/registry.ts";
import { StillLoadingError } from "../store/opening.ts";
import type { SourceView } from "../store/port.ts";
import type { FigureInputs } from "../widgets/inputs.ts";
import { distinctOf, periodOf } from "../widgets/movement_view.ts";
import { reportingAt, sliceOf } from "../widgets/slice.ts";

/** One source at the moment of a scrape. */
interface Seen {
  readonly view: SourceView;
  readonly inputs: FigureInputs;
  /** Unix seconds. */
  readonly now: number;
}

interface Reading {
  readonly name: string;
  readonly help: string;
  /** The samples of one source, without the label that names it. */
  read(seen: Seen): Iterable<Sample>;
}

const TWELVE = rational(12);

/** What each sum is (metrics.md A.2, C.1). */
const SUMS: Readonly<Record<FigureName, string>> = {
  mrr: "Monthly recurring revenue now",
  pastDueMrr: "The part of MRR whose subscription is past due",
  scheduledToCancelMrr: "The part of MRR that is going to be cancelled",
  trialingMrr: "What trials would bring, which is not in MRR",
  pausedMrr: "What paused subscriptions would bring, which is not in MRR",
  excludedMrr: "What the configuration leaves out of MRR",
};

function minor(currency: string, value: Rational): Sample {
  return { labels: { currency }, value: Number(round(value)) };
}

function sumReading(figure: FigureName): Reading {
  const words = figure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    name: `glance_${words}_minor`,
    help: `${SUMS[figure]}, in minor units of its currency.`,
    read: ({ view: { tally } }) =>
      tally.currencies().map((currency) => minor(currency, tally.total(currency, figure))),
  };
}

/** The days of the running month, up to and including today. */
function monthOf({ view, now }: Seen): { readonly from: number; readonly to: number } {
  const today = view.calendar.dayOf(now);
  return { from: monthStart(today), to: today + 1 };
}

function* movementsOf({ view, inputs, now }: Seen): Iterable<Sample> {
  if (view.status.identityProblem !== null) return;
  const month = monthOf({ view, inputs, now });
  for (const currency of view.tally.currencies()) {
    const asked = { book: view.movements, currency, converted: false };
    const rounded = roundWaterfall(periodOf({ view, inputs, now }, asked, month));
    for (const kind of MOVEMENT_KINDS) {
      yield { labels: { currency, kind }, value: Number(rounded[kind]) };
    }
  }
}

function* customerMovementsOf(seen: Seen): Iterable<Sample> {
  if (seen.view.status.identityProblem !== null) return;
  const counts = distinctOf(seen, monthOf(seen));
  yield { labels: { kind: "new" }, value: counts.new };
  yield { labels: { kind: "reactivation" }, value: counts.returned };
  yield { labels: { kind: "churn" }, value: counts.lost };
}

function convertedMrr({ view, now }: Seen): Sample[] {
  const reporting = reportingAt(view, now);
  const total = reporting &&
    sliceOf(view, { currency: reporting.currency }, reporting)?.total("mrr");
  return total ? [minor(reporting.currency, total)] : [];
}

const READINGS: readonly Reading[] = [
  ...FIGURES.map(sumReading),
  {
    name: "glance_arr_minor",
    help: "MRR of twelve months, in minor units of its currency.",
    read: ({ view: { tally } }) =>
      tally.currencies().map((currency) =>
        minor(currency, multiply(tally.total(currency, "mrr"), TWELVE))
      ),
  },
  {
    name: "glance_reporting_mrr_minor",
    help: "MRR of all currencies in the reporting one, at the rates of the day.",
    read: convertedMrr,
  },
  {
    name: "glance_currency_minor_units",
    help: "Minor units that make one unit of a currency: divide by it.",
    read: ({ view: { tally, rates } }) =>
      [...new Set([...tally.currencies(), ...(rates ? [rates.to] : [])])].map((currency) => ({
        labels: { currency },
        value: 10 ** exponentOf(currency),
      })),
  },
  {
    name: "glance_customers",
    help: "Customers with MRR above 0, each once whatever its currencies.",
    read: ({ view: { tally } }) => [{ value: tally.active() }],
  },
  {
    name: "glance_subscriptions",
    help: "Subscriptions by their status at Stripe.",
    read: ({ view: { tally } }) =>
      [...tally.byStatus()].map(([status, value]) => ({ labels: { status }, value })),
  },
  {
    name: "glance_mrr_movement_minor",
    help: "What made MRR change in the running month, in minor units, losses above 0 too.",
    read: movementsOf,
  },
  {
    name: "glance_customer_movement",
    help: "Customers who came, came back and were lost in the running month, each once.",
    read: customerMovementsOf,
  },
  {
    name: "glance_figures_stale",
    help: "1 while the figures may be behind Stripe.",
    read: ({ view: { status } }) => [
      { value: status.staleSince !== null || status.problem !== null ? 1 : 0 },
    ],
  },
  {
    name: "glance_figures_incomplete",
    help: "1 while something is missing in the figures, as the page says.",
    read: ({ view: { status } }) => [{ value: status.reasons.length > 0 ? 1 : 0 }],
  },
];

export interface BusinessParts {
  readonly views: () => ReadonlyMap<string, SourceView>;
  readonly inputs: () => FigureInputs;
  /** Unix seconds. */
  readonly now: () => number;
  /** Told of a gauge that cannot be read; it is left out then. */
  readonly onError: (metric: string, error: unknown) => void;
}

/** Why a figure is not known: nothing to log each time that it is asked for. */
const UNKNOWN = [StillLoadingError, MissingRateError, MovementIdentityError];

/** What a source says; nothing while it is not known. */
function samplesOf(source: string, seen: Seen, { read }: Reading): Sample[] {
  if (seen.view.status.asOf === null) return [];
  try {
    return [...read(seen)].map(({ labels, value }) => ({ labels: { source, ...labels }, value }));
  } catch (error) {
    if (UNKNOWN.some((kind) => error instanceof kind)) return [];
    throw error;
  }
}

/** The gauges of every source that there is when they are read. */
export function createBusinessMetrics(parts: BusinessParts): Registry {
  const registry = createRegistry(parts.onError);
  for (const reading of READINGS) {
    registry.register(createReading({
      name: reading.name,
      help: reading.help,
      type: "gauge",
      read() {
        const common = { inputs: parts.inputs(), now: parts.now() };
        return [...parts.views()].flatMap(([source, view]) =>
          samplesOf(source, { ...common, view }, reading)
        );
      },
    }));
  }
  return registry;
}
