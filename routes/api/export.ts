/**
 * `/api/v1/export?format=influx`: MRR, customers and movements of each day and currency, as lines
 * for a time series database. The time of a point is the start of its day in the source's time
 * zone, so that a figure that was restated takes the place of the one before.
 *
 * @module
 */
import { dayNumber } from "../../src/metrics/calendar.ts";
import { MOVEMENT_KINDS } from "../../src/metrics/movements.ts";
import { checkNames, FILTERS } from "./params.ts";
import { lineOf, type Point } from "./line_protocol.ts";
import { movements, type MovementsRequest } from "./movements.ts";
import { Problem } from "./problem.ts";

export const EXPORT_FORMATS = ["influx"] as const;

type Row = ReturnType<typeof movements>["data"][number];

/** Minor units, whole and exact. */
function amountFields(row: Row, part: string) {
  const { [part]: minor, [`${part}Exact`]: exact } = row as unknown as Record<string, unknown>;
  return { minor: BigInt(String(minor)), exact: String(exact) };
}

function pointsOf(row: Row, { view }: MovementsRequest): Point[] {
  const { period, currency, customers, quality } = row;
  const at = view.calendar.startOf(dayNumber(Temporal.PlainDate.from(period)));
  const tags = { source: view.info.name, currency, view: row.view };
  const count = (kind: keyof typeof customers) => ({ customers: BigInt(customers[kind]) });
  const changes = MOVEMENT_KINDS.map((kind) => ({
    measurement: "glance_movements",
    tags: { ...tags, kind },
    fields: { ...amountFields(row, kind), ...count(kind) },
    at,
  }));
  return [
    { measurement: "glance_mrr", tags, fields: { ...amountFields(row, "end"), quality }, at },
    { measurement: "glance_customers", tags, fields: count("end"), at },
    ...changes,
    ...(row.view === "converted"
      ? [{
        measurement: "glance_movements",
        tags: { ...tags, kind: "fx" },
        fields: amountFields(row, "fx"),
        at,
      }]
      : []),
  ];
}

/**
 * The lines of the days in [from, to); of twelve months unless told.
 *
 * @throws {Problem} for a parameter that is unknown or malformed.
 */
export function influxLines(request: MovementsRequest): string {
  const { search } = request;
  checkNames(search, ["currency", "from", "to", ...FILTERS]);
  const format = search.get("format");
  if (!EXPORT_FORMATS.some((known) => known === format)) {
    throw new Problem("parameter_invalid", "format", `one of ${EXPORT_FORMATS.join(", ")}`);
  }
  const daily = new URLSearchParams(search);
  daily.set("interval", "day");
  const lines = movements({ ...request, search: daily }).data
    .flatMap((row) => pointsOf(row, request))
    .map((point) => `${lineOf(point)}\n`);
  return lines.join("");
}
