/**
 * Spans of OpenTelemetry by what is built into Deno (`OTEL_DENO=true`): no package, and nothing is
 * built or loaded where it is off.
 *
 * Deno itself makes a span of each request that comes in or goes out. Here they get names with
 * patterns in place of ids, and spans around what happens in between. Names and attributes are few,
 * and hold neither ids nor anything of a customer.
 *
 * @module
 */
type Attributes = Readonly<Record<string, string | number>>;

/** Of OpenTelemetry's interfaces, what is used here. */
interface Span {
  setAttribute(name: string, value: string | number): void;
  setStatus(status: { readonly code: number }): void;
  updateName(name: string): void;
  end(): void;
}

interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
}

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Attributes;
  readonly startTime?: number;
}

export interface Telemetry {
  readonly tracerProvider: {
    getTracer(name: string): {
      startSpan(name: string, options: SpanOptions, context: Context): Span;
    };
  };
  readonly contextManager: {
    active(): Context;
    with<T>(context: Context, run: () => T): T;
  };
}

export interface Tracing {
  /** Names the span of the request that is being answered, by the pattern of its route. */
  nameRequest(method: string, route: string): void;
  /** Runs within a span: what begins in there is its child. */
  within<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>;
  /** A span that ends now and began so many seconds ago. */
  ended(name: string, attributes: Attributes, seconds: number): void;
}

/** Where OpenTelemetry for JavaScript keeps the span of a context. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");
const INTERNAL = 0;
const CLIENT = 2;
const FAILED = 2;

/** What is asked of another program is of the kind "client". */
function kindOf(attributes: Attributes): number {
  return "server.address" in attributes || "db.system.name" in attributes ? CLIENT : INTERNAL;
}

/** @param nowMs Milliseconds since the epoch. */
export function createTracing(
  { tracerProvider, contextManager }: Telemetry,
  nowMs: () => number,
): Tracing {
  const tracer = tracerProvider.getTracer("businessglance");

  function start(name: string, attributes: Attributes, startTime?: number): Span {
    const options = { kind: kindOf(attributes), attributes };
    const since = startTime === undefined ? options : { ...options, startTime };
    return tracer.startSpan(name, since, contextManager.active());
  }

  return {
    nameRequest(method, route) {
      const span = contextManager.active().getValue(SPAN) as Span | undefined;
      span?.updateName(`${method} ${route}`);
      span?.setAttribute("http.route", route);
    },
    async within(name, attributes, run) {
      const span = start(name, attributes);
      try {
        return await contextManager.with(contextManager.active().setValue(SPAN, span), run);
      } catch (error) {
        // Without its text, which may be Stripe's.
        span.setStatus({ code: FAILED });
        throw error;
      } finally {
        span.end();
      }
    },
    ended(name, attributes, seconds) {
      start(name, attributes, nowMs() - seconds * 1000).end();
    },
  };
}
