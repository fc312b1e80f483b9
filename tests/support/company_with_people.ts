/**
 * A Stripe-compatible server whose customers are all called the same, and whose errors repeat what
 * was sent to them and whom they are about: more than Stripe's own errors tell.
 *
 * @module
 */
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface TalkativeStripe extends AsyncDisposable {
  readonly url: string;
  /** Every answer is an error of this status from now on; `null` for answers again. */
  fail(status: number | null): void;
  /** Requests that got such an error so far. */
  refused(): number;
}

/** Takes one key; every customer is this person. */
export function startTalkativeStripe(key: string, person: Person): TalkativeStripe {
  const now = Math.floor(Date.now() / 1000);
  const company = createCompany({ seed: 8, customers: 30, now });
  const simulator = createSimulator({ source: company.source, key });
  let failing: number | null = null;
  let refused = 0;

  function named(text: string, url: string): string {
    const named = text
      .replace(/("(?:customer_)?email":)"[^"]*"/g, `$1${JSON.stringify(person.email)}`)
      .replace(/("customer_name":)"[^"]*"/g, `$1${JSON.stringify(person.name)}`);
    // Elsewhere it is the name of a product or of the account.
    if (!url.includes("/v1/customers")) return named;
    return named.replace(/("name":)"[^"]*"/g, `$1${JSON.stringify(person.name)}`);
  }

  async function answer(request: Request): Promise<Response> {
    if (failing !== null) {
      refused++;
      const sent = request.headers.get("authorization");
      const message = `${sent} of ${person.name} <${person.email}> failed: ${request.url}`;
      const error = { type: "invalid_request_error", message, code: message, param: message };
      return Response.json({ error }, {
        status: failing,
        headers: { "request-id": `req_${person.email}`, "stripe-should-retry": "false" },
      });
    }
    const response = await simulator.fetch(request);
    const { status, headers } = response;
    return new Response(named(await response.text(), request.url), { status, headers });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    fail: (status) => failing = status,
    refused: () => refused,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
