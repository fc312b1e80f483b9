/**
 * A bare `Deno.serve` that sends one answer: the baseline of the cached dashboard.
 *
 * @module
 */

export interface BareAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Where its bytes are; `null` for no body. */
  readonly bodyPath: string | null;
}

const { status, headers, bodyPath } = JSON.parse(Deno.args[0]!) as BareAnswer;
const bytes = bodyPath === null ? null : Deno.readFileSync(bodyPath);
// A string of ASCII is the fastest body that Deno.serve has; with other characters bytes are.
const body = bytes?.every((byte) => byte < 128) ? new TextDecoder().decode(bytes) : bytes;
const init = {
  status,
  headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])),
};

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  () => new Response(body, init),
);
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.addr.port}/` }));
