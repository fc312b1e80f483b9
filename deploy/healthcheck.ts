/**
 * Whether the program in this container answers: exit code 0, else 1. There is no shell and no
 * `curl` beside it.
 *
 * @module
 */

/** Milliseconds until an answer must be there. */
const PATIENCE_MS = 3_000;

/** Whether a server lives at an address. */
export async function lives(base: string, patienceMs = PATIENCE_MS): Promise<boolean> {
  try {
    const response = await fetch(new URL("/health/live", base), {
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
  Deno.exit(await lives(`http://127.0.0.1:${port}`) ? 0 : 1);
}
