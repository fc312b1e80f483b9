/**
 * The JSON interface (api.md): the same figures as the dashboard, for programs.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { MissingRateError } from "../../src/metrics/fx.ts";
import { MovementIdentityError } from "../../src/metrics/movements.ts";
import { filteredView } from "../../src/store/filtered_view.ts";
import type { MoneyResource, SourceView } from "../../src/store/port.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import type { MeaningKey } from "../../src/widgets/definitions.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { reportingAt } from "../../src/widgets/slice.ts";
import { basePathOf } from "../base_path.ts";
import { type Body, cached, JSON_TYPE, prefersCsv } from "../cached.ts";
import { contextOf, secondsNow } from "../chrome.ts";
import type { AppDeps } from "../deps.ts";
import { PRIVATE_HEADERS } from "../headers.ts";
import { toCsv } from "./csv.ts";
import type { Access } from "../visitor.ts";
import { cohorts, customers, customersMonthly } from "./customers.ts";
import { definitions } from "./definitions.ts";
import { envelope } from "./envelope.ts";
import { influxLines } from "./export.ts";
import { moneyRoutes } from "./money_routes.ts";
import { events, movements } from "./movements.ts";
import { readCurrency, readFilter, readSource, readWord } from "./params.ts";
import { Problem, problemBody } from "./problem.ts";
import { history, revenue } from "./revenue.ts";
import { sources } from "./sources.ts";
import { meaningOf, subscriptions } from "./subscriptions.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The figures of an answer, which may depend on what is asked for. */
type Figures = readonly MeaningKey[] | ((search: URLSearchParams) => readonly MeaningKey[]);

/** Makes a route whose answer is of one source, with the definitions of its figures. */
export type FigureRoute = (
  path: string,
  figures: Figures,
  body: (view: SourceView, search: URLSearchParams) => Json,
  resources?: readonly MoneyResource[],
) => void;

/** The rows of a body for CSV: its `data`, or a row a currency; the converted one where asked. */
function csvRows(body: Json, search: URLSearchParams): Json[] {
  if (Array.isArray(body.data)) return body.data as Json[];
  const currencies = body.currencies as Readonly<Record<string, Json>> | undefined;
  if (!currencies) return [body];
  const reporting = body.reporting as Json | null | undefined;
  if (reporting && reporting.currency === search.get("currency")?.toLowerCase()) return [reporting];
  return Object.entries(currencies).map(([currency, figures]) => ({ currency, ...figures }));
}

/**
 * Whether CSV is asked for, by `format` or else by `Accept`.
 *
 * @throws {Problem} `forbidden` for those who may not export.
 */
export function wantsCsv(request: Request, search: URLSearchParams, { may }: Access): boolean {
  const format = readWord(search, "format", ["json", "csv"], "json");
  const wanted = format === "csv" || (!search.has("format") && prefersCsv(request));
  if (wanted && !may.has("export")) throw new Problem("forbidden");
  return wanted;
}

interface Asked {
  readonly request: Request;
  readonly search: URLSearchParams;
  readonly access: Access;
}

function written({ request, search, access }: Asked, around: Json, body: Json): Body {
  const next = nextPage(request, body);
  if (wantsCsv(request, search, access)) {
    return { body: toCsv(csvRows(body, search)), contentType: "text/csv; charset=utf-8", next };
  }
  return { body: JSON.stringify({ ...around, ...body }), contentType: JSON_TYPE, next };
}

/** The address of the rows after these: CSV has no other place for it. */
function nextPage(request: Request, { next }: Json): string | null {
  if (typeof next !== "string") return null;
  const { pathname, searchParams } = new URL(request.url);
  searchParams.set("after", next);
  return `${pathname}?${searchParams}`;
}

/** Answers a problem; it is never cached. */
export function problemResponse(
  problem: Problem,
  more: readonly [string, string][] = [],
): Response {
  const { status, body } = problemBody(problem);
  return new Response(body, {
    status,
    headers: [
      ["content-type", "application/problem+json; charset=utf-8"],
      ...PRIVATE_HEADERS.map(([name, value]): [string, string] => [name, value]),
      ...more,
    ],
  });
}

export function apiRoutes(app: Hono, deps: AppDeps): void {
  async function answer(c: Context, route: string, build: (search: URLSearchParams) => Body) {
    try {
      const { searchParams } = new URL(c.req.url);
      return await cached(deps, c.req.raw, route, () => build(searchParams));
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error);
      if (error instanceof MovementIdentityError) {
        return problemResponse(new Problem("identity_violated"));
      }
      if (error instanceof MissingRateError) {
        return problemResponse(new Problem("fx_rate_missing", "currency", error.message));
      }
      throw error;
    }
  }

  const { access } = deps;
  const asked = (c: Context, search: URLSearchParams) => ({ request: c.req.raw, search, access });
  const figureRoute: FigureRoute = (path, figures, body, resources) => {
    app.get(path, (c) =>
      answer(c, path, (search) => {
        const whole = readSource(search, deps.live());
        const view = filteredView(whole, readFilter(search, whole));
        const answered = body(view, search);
        const defined = typeof figures === "function" ? figures(search) : figures;
        return written(asked(c, search), envelope(view, defined, resources), answered);
      }));
  };

  const inputs = () => deps.live().settings.figures.inputs;
  const reporting = (view: SourceView) => reportingAt(view, secondsNow(deps));
  app.get(
    "/api/v1/sources",
    (c) =>
      answer(
        c,
        "/api/v1/sources",
        (search) => written(asked(c, search), {}, sources(deps.live(), search)),
      ),
  );
  figureRoute(
    "/api/v1/revenue",
    [
      "mrr",
      "arr",
      "pastDueMrr",
      "scheduledToCancelMrr",
      "trialingMrr",
      "pausedMrr",
      "excludedMrr",
      "arpa",
      "growth",
      "yearOnYear",
      "cmgr",
    ],
    (view, search) => revenue({ view, search, reporting: reporting(view), now: secondsNow(deps) }),
  );
  figureRoute(
    "/api/v1/revenue/history",
    ["mrr"],
    (view, search) => history({ view, search, reporting: reporting(view), now: secondsNow(deps) }),
  );
  const now = () => secondsNow(deps);
  figureRoute(
    "/api/v1/movements",
    ["movements", "fx", "restated"],
    (view, search) =>
      movements({ view, search, reporting: reporting(view), inputs: inputs(), now: now() }),
  );
  figureRoute(
    "/api/v1/events",
    ["movements"],
    (view, search) =>
      events({ view, search, reporting: reporting(view), inputs: inputs(), now: now() }),
  );
  type OfContext = (context: WidgetContext, search: URLSearchParams) => Json;
  const inCurrency = (body: OfContext) => (_: SourceView, search: URLSearchParams) => {
    const whole = readSource(search, deps.live());
    const currency = readCurrency(search, whole, reporting(whole));
    const { price: plan, product, billing } = readFilter(search, whole);
    const query = { ...NO_QUERY, currency, plan, product, billing };
    return body(contextOf(deps, whole, query), search);
  };
  figureRoute(
    "/api/v1/customers",
    [
      "active",
      "total",
      "trialing",
      "customersLost",
      "customerChurn",
      "revenueChurn",
      "netChurn",
      "nrr",
      "grr",
      "quickRatio",
      "ltv",
      "ltvStripe",
      "cac",
      "ltvToCac",
      "payback",
      "concentration",
      "trialConversion",
    ],
    inCurrency(customers),
  );
  figureRoute("/api/v1/customers/monthly", ["mrr"], inCurrency(customersMonthly));
  figureRoute("/api/v1/cohorts", [], inCurrency(cohorts));
  figureRoute(
    "/api/v1/subscriptions",
    meaningOf,
    (view, search) => subscriptions(view, search, reporting(view), inputs(), now()),
  );
  figureRoute("/api/v1/definitions", [], definitions);
  moneyRoutes(deps, figureRoute);
  app.get("/api/v1/export", (c) =>
    answer(c, "/api/v1/export", (search) => {
      const whole = readSource(search, deps.live());
      const view = filteredView(whole, readFilter(search, whole));
      const body = influxLines({
        view,
        search,
        reporting: reporting(view),
        inputs: inputs(),
        now: now(),
      });
      return { body, contentType: "text/plain; charset=utf-8" };
    }));
}

/** What the interface is; it holds no figure. */
export function openApiRoutes(app: Hono, deps: AppDeps): void {
  app.get("/api/openapi.json", (c) =>
    cached(deps, c.req.raw, "/api/openapi.json", async () => {
      // zod is not loaded before somebody asks, so that the first page does not wait for it.
      const { server } = deps.live().settings;
      const { openApiDocument } = await import("./schemas/document.ts");
      return {
        body: JSON.stringify(openApiDocument(deps.version, basePathOf(server))),
        contentType: JSON_TYPE,
      };
    }));
}
