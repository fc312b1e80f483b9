/** Asking a simulator, for the tests of this folder. */
import Stripe from "stripe";
import { type Simulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";

/** An answer's body; tests read into it freely. */
export interface Body {
  // deno-lint-ignore no-explicit-any
  readonly [field: string]: any;
}

export const AUTHORIZED = { authorization: `Bearer ${SIMULATOR_KEY}` };

export async function ask(simulator: Pick<Simulator, "fetch">, path: string) {
  const response = await simulator.fetch(`http://simulator${path}`, { headers: AUTHORIZED });
  return { status: response.status, body: await response.json() as Body, response };
}

export async function idsOf(simulator: Pick<Simulator, "fetch">, path: string) {
  const { body } = await ask(simulator, path);
  return body["data"].map(({ id }: { id: string }) => id) as string[];
}

/** The real SDK, talking to a simulator in process. */
export function sdkFor(simulator: Pick<Simulator, "fetch">): Stripe {
  return new Stripe(SIMULATOR_KEY, {
    httpClient: Stripe.createFetchHttpClient(simulator.fetch),
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** Everything of a list, page by page. */
export async function readAll(simulator: Pick<Simulator, "fetch">, path: string, limit = 100) {
  const all: Body[] = [];
  for (let after = "";;) {
    const glue = path.includes("?") ? "&" : "?";
    const { body } = await ask(simulator, `${path}${glue}limit=${limit}${after}`);
    all.push(...body["data"]);
    if (!body["has_more"]) return all;
    after = `&starting_after=${all.at(-1)!["id"]}`;
  }
}
