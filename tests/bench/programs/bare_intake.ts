/**
 * A bare `Deno.serve` that reads each body and says so: the baseline of taking webhooks in.
 *
 * @module
 */
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    await request.arrayBuffer();
    return new Response('{"received":true}', { headers: { "content-type": "application/json" } });
  },
);
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.addr.port}/` }));
