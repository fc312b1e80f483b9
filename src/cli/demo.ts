/**
 * The demo: a synthetic company behind a Stripe-compatible server on this machine, and the
 * dashboard over it. Needs no key; refuses a real one.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import type { Demo } from "../../routes/deps.ts";
import type { Logger } from "../observability/log.ts";
import type { ResilientFetchOptions } from "../resilience/resilient_fetch.ts";
import { Secret } from "../security/secret.ts";
import type { Books, Webhook } from "../simulator/mod.ts";
import { serveSimulator } from "../simulator/serve.ts";
import { format } from "../metrics/rational.ts";
import type { SourceView } from "../store/port.ts";
import type { Clock, FetchLike } from "../stripe/client.ts";
import { moneyText } from "../widgets/context.ts";
import type { DemoCompany } from "./demo_company.ts";
import { demoRates } from "./demo_rates.ts";

export interface DemoWorld {
  /** The settings with the simulator as their only account. */
  settings(settings: Settings): Settings;
  /** Asks the simulator without a server of its own; left out where it has one. */
  readonly fetch?: FetchLike;
  /** Limits that make a break and its healing fit into a minute. */
  readonly limits: Partial<ResilientFetchOptions>;
  /** Seconds between two looks at the events. */
  readonly pollSeconds: number;
  demo(onChange: () => void): Demo;
  /** Sends the company's webhooks to the dashboard at this address. */
  deliverTo(url: string): void;
  /** Nothing happens in the company any more; its server ends with the process. */
  stop(): void;
}

/** The only key that the demo's server takes. */
const KEY = "rk_test_demo";
const WEBHOOK_SECRET = "whsec_demo";
/** The base where the simulator is asked in the process: nothing is ever sent there. */
const NOBODY = "http://127.0.0.1:12111";
/** Changes come by webhook; the looks tell that Stripe is still there. */
const POLL_SECONDS = 3;
const BROKEN_SECONDS = 15;
/** Between a step of the company and its arrival here, the two may differ for so long. */
const CATCH_UP_SECONDS = 10;

const LIMITS: Partial<ResilientFetchOptions> = {
  bucket: { capacity: 500, refillPerSecond: 100 },
  breaker: { failuresMax: 5, openMs: 3000, probesMax: 1 },
  retry: { retriesMax: 2, delayMs: 300 },
  attemptTimeoutMs: 5000,
};

/** Whether every currency's exact MRR is the same in both books. */
function sameBooks(books: Books, view: SourceView): boolean {
  const currencies = new Set([...Object.keys(books.mrr), ...view.tally.currencies()]);
  return [...currencies].every((currency) =>
    (books.mrr[currency]?.exact ?? "0") === format(view.tally.total(currency, "mrr"))
  ) && books.activeCustomers === view.tally.active();
}

function booksText(books: Books): string {
  return Object.entries(books.mrr)
    .map(([currency, { minor }]) => moneyText({ n: BigInt(minor), d: 1n }, currency))
    .join(" + ");
}

function shownText(view: SourceView): string {
  return view.tally.currencies()
    .map((currency) => moneyText(view.tally.total(currency, "mrr"), currency))
    .join(" + ");
}

/**
 * Starts the demo. Its company is founded at the first request to its server: the first page need
 * not wait for two years of business.
 *
 * @param inProcess The simulator is asked without a server: for platforms that let one alone listen.
 */
export function startDemo(clock: Clock, log: Logger, inProcess = false): DemoWorld {
  const seconds = () => Math.floor(clock.now() / 1000);
  let company: DemoCompany | null = null;
  let founding: Promise<DemoCompany> | null = null;
  const founded = () =>
    founding ??= import("./demo_company.ts").then(({ foundDemoCompany }) =>
      company = foundDemoCompany({ key: KEY, now: seconds, log, secret: WEBHOOK_SECRET, deliver })
    );
  const server = inProcess ? null : serveSimulator(
    { answer: async (request, closing) => (await founded()).simulator.answer(request, closing) },
    { hostname: "127.0.0.1", port: 0 },
  );
  let dashboard: string | null = null;
  let brokenUntil = 0;
  const stopping = new AbortController();

  async function deliver({ body, signature }: Webhook): Promise<void> {
    if (dashboard === null) return;
    const response = await fetch(new URL("/webhooks/stripe", dashboard), {
      method: "POST",
      headers: { "stripe-signature": signature },
      body,
      signal: stopping.signal,
    });
    await response.body?.cancel();
  }

  async function breakFor(ms: number, onChange: () => void): Promise<void> {
    const { simulator } = await founded();
    simulator.setFaults({ rate: 1, kinds: ["server_error", "bad_gateway"], seed: 1 });
    await clock.sleep(ms, stopping.signal);
    if (clock.steady() < brokenUntil) return;
    simulator.setFaults({});
    onChange();
  }

  return {
    ...(inProcess
      ? { fetch: async (input, init) => (await founded()).simulator.fetch(input, init) }
      : {}),
    limits: LIMITS,
    pollSeconds: POLL_SECONDS,
    settings: (settings) => ({
      ...settings,
      figures: {
        ...settings.figures,
        reporting: {
          currency: "usd",
          rates: {},
          quotes: demoRates(Math.floor(seconds() / 86_400)),
        },
      },
      accounts: [{
        name: "default",
        key: new Secret(KEY),
        mode: "test",
        base: server?.url ?? NOBODY,
        account: null,
        timeZone: "UTC",
        exclude: { customers: [], products: [], prices: [], metadata: {} },
        customerLabel: "name",
        limits: {},
        webhookSecrets: [new Secret(WEBHOOK_SECRET)],
        warning: null,
      }],
    }),
    demo: (onChange) => ({
      footer(view) {
        if (!company) return null;
        const books = company.books();
        const equal = sameBooks(books, view);
        const catchingUp = seconds() - company.changedAt() < CATCH_UP_SECONDS;
        const cannotTell = view.status.asOf === null || view.status.staleSince !== null;
        if (!equal && (catchingUp || cannotTell)) return null;
        return { equal, simulator: booksText(books), shown: shownText(view) };
      },
      get broken() {
        return clock.steady() < brokenUntil;
      },
      breakStripe() {
        brokenUntil = clock.steady() + BROKEN_SECONDS * 1000 - 1;
        log.warn("the simulator fails on request", { duration: BROKEN_SECONDS * 1000 });
        onChange();
        breakFor(BROKEN_SECONDS * 1000, onChange).catch(() => {});
      },
    }),
    deliverTo: (url) => void (dashboard = url),
    stop() {
      stopping.abort(new DOMException("The demo stops", "AbortError"));
      company?.stop();
    },
  };
}
