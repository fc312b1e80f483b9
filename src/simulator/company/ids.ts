/** Ids that look like Stripe's, repeatable from a seed and unique by their index. */
import { mix } from "../random.ts";

const INDEX_DIGITS = 6;

/** `sub_1` + seven mixed characters + the index; `parts` set apart ids of one index. */
export function makeId(prefix: string, index: number, ...parts: readonly number[]): string {
  const mixed = mix(prefix.charCodeAt(0), index, ...parts).toString(36).padStart(7, "0");
  return `${prefix}_1${mixed}${index.toString(36).padStart(INDEX_DIGITS, "0")}`;
}
