/** Serves a simulator over real HTTP. Needs `--allow-net` for its address. */
import { connectionError } from "./fault_answers.ts";
import type { Simulator } from "./simulator.ts";

export interface ServeOptions {
  readonly hostname?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
}

export interface SimulatorServer {
  readonly hostname: string;
  readonly port: number;
  readonly url: string;
  /** Ends open requests and stops listening. */
  readonly close: () => Promise<void>;
}

/** An answer whose body fails at once, so that the connection is cut. */
function resetResponse(): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.error(connectionError("connection reset"));
      },
    }),
  );
}

/** Listens and answers with the simulator; on loopback by default. */
export function serveSimulator(
  simulator: Pick<Simulator, "answer">,
  { hostname = "127.0.0.1", port = 0 }: ServeOptions = {},
): SimulatorServer {
  const stop = new AbortController();

  async function answer(request: Request): Promise<Response> {
    try {
      const response = await simulator.answer(request, stop.signal);
      return response === "reset" ? resetResponse() : response;
    } catch {
      // Only a hanging answer ends so: its client went away, or the server is closing.
      return new Response(null, { status: 503 });
    }
  }

  const server = Deno.serve({ hostname, port, onListen: () => {} }, answer);
  const address = server.addr;
  return {
    hostname,
    port: address.port,
    url: `http://${hostname}:${address.port}`,
    async close() {
      stop.abort(new DOMException("The simulator was closed", "AbortError"));
      await server.shutdown();
    },
  };
}
