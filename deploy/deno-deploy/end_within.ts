/**
 * Ends the process so many milliseconds after it is asked to, should its own ending take longer:
 * what was answered with 200 is durable by then, and another instance goes on from there.
 */
export function endWithin(ms: number): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => Deno.unrefTimer(setTimeout(() => Deno.exit(0), ms)));
  }
}
