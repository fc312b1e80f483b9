/**
 * `deno task audit`: asks whether advisories are known for the locked packages. Where they cannot be
 * asked for, that is said, and is no good news.
 *
 * @module
 */

/** What an audit came to, and the exit code for it. */
export interface Verdict {
  readonly code: 0 | 1 | 2;
  readonly text: string;
}

const UNREACHED =
  /error sending request|client error|dns error|connection refused|timed? ?out|certificate/i;

/** @param output What `deno audit` printed on both of its outputs. */
export function verdictOf(success: boolean, output: string): Verdict {
  if (success) return { code: 0, text: output.trim() || "No advisory is known" };
  if (UNREACHED.test(output)) {
    return {
      code: 2,
      text: "The advisories could not be reached, so nothing is known about the packages: run " +
        "this again where the package registry can be reached",
    };
  }
  return { code: 1, text: output.trim() };
}

if (import.meta.main) {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["audit"],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const verdict = verdictOf(success, decoder.decode(stdout) + decoder.decode(stderr));
  console.log(verdict.text);
  Deno.exit(verdict.code);
}
