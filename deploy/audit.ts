/**
 * `deno task audit`: asks whether advisories are known for the locked packages. Where they cannot be
 * asked for, that is said, and the list of this release is looked through instead.
 *
 * @module
 */
import advisories from "./advisories.json" with { type: "json" };
import { type Advisories, knownOf, type Locked, lockedIn } from "./shipped_advisories.ts";

/** What an audit came to, and the exit code for it. */
export interface Verdict {
  readonly code: 0 | 1 | 2;
  readonly text: string;
}

const UNREACHED =
  /error sending request|client error|dns error|connection refused|timed? ?out|certificate/i;

/** @param output What `deno audit` printed on both of its outputs. */
export function verdictOf(
  success: boolean,
  output: string,
  locked: readonly Locked[],
  shipped: Advisories,
): Verdict {
  if (success) return { code: 0, text: output.trim() || "No advisory is known" };
  if (!UNREACHED.test(output)) return { code: 1, text: output.trim() };
  const unreached = "No source of advisories could be reached";
  const list = `The list of this release, of ${shipped.compiled}`;
  const known = knownOf(locked, shipped);
  if (known.length > 0) {
    return { code: 1, text: [`${unreached}. ${list}, knows:`, ...known].join("\n") };
  }
  return {
    code: 2,
    text: `${unreached}, so nothing newer is known about the packages. ${list}, has none of a ` +
      "locked package. Run this again where the package registry can be reached",
  };
}

if (import.meta.main) {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["audit"],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../deno.lock", import.meta.url)));
  const verdict = verdictOf(success, output, lockedIn(Object.keys(lock.npm)), advisories);
  console.log(verdict.text);
  Deno.exit(verdict.code);
}
