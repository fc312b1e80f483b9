/**
 * Names that the configuration gives: of accounts, users, tokens and presets.
 *
 * @module
 */
import * as z from "zod";

/** What every object of the language has: such a name would be found where nobody gave it. */
const OF_THE_LANGUAGE: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A name of a shape, and none of the language's own words. */
export function nameOf(shape: RegExp, must: string) {
  return z.string().regex(shape, must).refine(
    (name) => !OF_THE_LANGUAGE.has(name),
    "is a word of the program's language: choose another name",
  );
}
