/**
 * Requests and their durations. Recorded on every request, so plain arrays in place of labelled
 * series: tens of nanoseconds a request, and nothing allocated.
 *
 * @module
 */
import type { Family, Sample } from "./exposition.ts";
import { type Bins, createBins } from "./instruments.ts";

/** Seconds; from a cached page to a time-out. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Routes are patterns of our own, so few; what comes beyond these is added up under "other". */
const ROUTES_MAX = 200;
const STATUS_MAX = 600;

export interface HttpMetrics {
  /** Notes an answer; `route` is the pattern that matched, never a path. */
  record(route: string, method: string, status: number, seconds: number): void;
  readonly families: readonly Family[];
}

interface Route {
  readonly name: string;
  readonly durations: Bins;
  readonly methods: Map<string, Float64Array>;
}

/** No requests so far. */
export function createHttpMetrics(): HttpMetrics {
  const routes = new Map<string, Route>();

  function routeOf(name: string): Route {
    const known = routes.get(name);
    if (known) return known;
    if (routes.size >= ROUTES_MAX && name !== "other") return routeOf("other");
    const route: Route = { name, durations: createBins(BOUNDS), methods: new Map() };
    routes.set(name, route);
    return route;
  }

  function countsOf(route: Route, method: string): Float64Array {
    const known = route.methods.get(method);
    if (known) return known;
    // A client may invent methods without end.
    if (!METHODS.has(method) && method !== "OTHER") return countsOf(route, "OTHER");
    const counts = new Float64Array(STATUS_MAX);
    route.methods.set(method, counts);
    return counts;
  }

  function* requests(): Iterable<Sample> {
    for (const { name: route, methods } of routes.values()) {
      for (const [method, counts] of methods) {
        for (let status = 0; status < STATUS_MAX; status++) {
          const value = counts[status]!;
          if (value > 0) yield { labels: { route, method, status: String(status) }, value };
        }
      }
    }
  }

  function* durations(): Iterable<Sample> {
    for (const { name: route, durations } of routes.values()) yield* durations.samples({ route });
  }

  return {
    record(route, method, status, seconds) {
      const known = routeOf(route);
      const counts = countsOf(known, method);
      counts[status >= 0 && status < STATUS_MAX ? status : 0]! += 1;
      known.durations.add(seconds);
    },
    families: [
      {
        name: "glance_http_requests_total",
        help: "HTTP requests answered.",
        type: "counter",
        samples: requests,
      },
      {
        name: "glance_http_request_duration_seconds",
        help: "Time from request to answer.",
        type: "histogram",
        samples: durations,
      },
    ],
  };
}
