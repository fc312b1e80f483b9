/**
 * Texts that must be found nowhere: planted as keys, passwords and customers' data, and looked for
 * in everything that a program shows and keeps.
 *
 * @module
 */
export interface Canary {
  readonly name: string;
  readonly text: string;
}

/** Characters at the end of a canary that may not be shown either: no masked key ends in them. */
const TAIL = 8;

function spellings({ text }: Canary): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const forms = [text, json, encodeURIComponent(text), btoa(text), text.slice(-TAIL)];
  return [...new Set(forms)];
}

/** Which canaries a text holds, whole, spelled otherwise, or by their end. */
export function found(canaries: readonly Canary[], text: string): readonly string[] {
  return canaries.filter((canary) => spellings(canary).some((form) => text.includes(form)))
    .map(({ name }) => name);
}

/** What a file holds, byte by byte. */
export function bytesOf(path: string): string {
  return new TextDecoder("latin1").decode(Deno.readFileSync(path));
}
