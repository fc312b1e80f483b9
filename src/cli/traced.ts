/**
 * Spans around what the program does: Stripe's requests, queries, events.
 *
 * @module
 */
import { createTracing, type Tracing } from "../observability/tracing.ts";
import { endpointOf } from "../resilience/endpoint.ts";
import type { FetchLike } from "../stripe/client.ts";
import type { Within } from "../sync/within.ts";
import type { Database } from "./server.ts";

/** Tracing where the environment asks for it; `null` where not. */
export function configuredTracing(
  env: (name: string) => string | undefined,
  nowMs: () => number,
): Tracing | null {
  const asked = ["true", "1"].includes(env("OTEL_DENO") ?? "");
  return asked && "telemetry" in Deno ? createTracing(Deno.telemetry, nowMs) : null;
}

type Fetch = (input: Parameters<FetchLike>[0], init?: RequestInit) => Promise<Response>;

/** Each attempt of a request to Stripe is a span, named by its endpoint. */
export function tracedFetch(fetch: Fetch, tracing: Tracing): Fetch {
  return (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : String(input));
    const endpoint = endpointOf(input);
    const method = init?.method ?? "GET";
    const attributes = {
      "server.address": hostname,
      "http.request.method": method,
      "url.template": endpoint,
    };
    return tracing.within(`stripe ${method} ${endpoint}`, attributes, () => fetch(input, init));
  };
}

/** Each query is a span, of its kind alone. */
export function traceQueries(database: Database, tracing: Tracing) {
  const system = "journal" in database ? "sqlite" : "postgresql";
  return (kind: string, seconds: number): void =>
    tracing.ended(`database ${kind}`, {
      "db.system.name": system,
      "db.operation.name": kind,
    }, seconds);
}

/** What a source does with events, within spans that name it. */
export function withinSource(tracing: Tracing, source: string): Within {
  return (name, attributes, run) =>
    tracing.within(name, { ...attributes, "glance.source": source }, run);
}
