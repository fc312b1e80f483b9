/**
 * The simulator of one account over HTTP. `GET /stats` gives what was asked of it.
 *
 * @module
 */
import { createCompany, createSimulator, serveSimulator } from "../../../src/simulator/mod.ts";

export interface SimulatorSettings {
  readonly customers: number;
  /** Unix seconds. */
  readonly now: number;
  readonly latencyMs?: number;
  readonly requestsPerSecond?: number;
}

const { customers, now, ...faults } = JSON.parse(Deno.args[0]!) as SimulatorSettings;
const company = createCompany({ seed: 1, customers, now });
// Drawn up at the first question otherwise, which would be counted as the client's time.
for (const kind of ["events", "invoices"] as const) company.source.collection(kind);
const simulator = createSimulator({ source: company.source, faults });
const server = serveSimulator({
  answer: (request, closing) =>
    request.url.endsWith("/stats")
      ? Promise.resolve(Response.json(simulator.stats()))
      : simulator.answer(request, closing),
});
const subscriptions = company.source.collection("subscriptions").shelf.size();
console.log(JSON.stringify({ url: server.url, subscriptions }));
