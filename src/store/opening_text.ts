/**
 * The text of an opening with a checksum: a damaged one is told from a whole one before any of its
 * answers is given.
 *
 * @module
 */

/** FNV-1a over UTF-16 units: against damage, not against intent. */
function checksumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

const CHECKSUM = 8;

/** The text as it is stored. */
export function sealed(json: string): string {
  return checksumOf(json) + json;
}

/** What was sealed. @throws {TypeError} when it is not what was stored. */
export function unsealed(text: string): string {
  const json = text.slice(CHECKSUM);
  if (checksumOf(json) === text.slice(0, CHECKSUM)) return json;
  throw new TypeError("The checksum of the recorded answers is another");
}
