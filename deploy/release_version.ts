/**
 * `deno task release:version TAG`: prints `version=…` where the tag is that of the version in
 * `deno.json`, the only place that has it; else says what differs and fails.
 *
 * @module
 */
import { VERSION } from "../src/cli/version.ts";

/** @throws {TypeError} when the tag is not that of the version. */
export function versionOf(tag: string | undefined, version = VERSION): string {
  if (tag === `v${version}`) return version;
  throw new TypeError(`The tag must be v${version}, as deno.json says: it is ${tag ?? "missing"}`);
}

if (import.meta.main) {
  try {
    console.log(`version=${versionOf(Deno.args[0])}`);
  } catch (error) {
    console.error((error as TypeError).message);
    Deno.exit(1);
  }
}
