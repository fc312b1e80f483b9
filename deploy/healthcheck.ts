/**
 * Whether the program in this container answers, or with `ready` as argument whether its pages can
 * be served: exit code 0, else 1. There is no shell and no `curl` beside it.
 *
 * @module
 */

/** Milliseconds until an answer must be there. */
const PATIENCE_MS = 3_000;

/** Whether a server at an address is live, or ready. */
export async function isUp(
  probe: "live" | "ready",
  base: string,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  try {
    const response = await fetch(new URL(`/health/${probe}`, base), {
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const port = Deno.env.get("PORT") ?? "8080";
  const probe = Deno.args[0] === "ready" ? "ready" : "live";
  Deno.exit(await isUp(probe, `http://127.0.0.1:${port}`) ? 0 : 1);
}
