/**
 * What the look-up of a visitor's rights adds to a cached page.
 *
 * @module
 */
import { jsonLine, startProgram } from "./child.ts";
import type { RightsTimes } from "./programs/rights.ts";
import { ratioText, type Row, type Section } from "./results.ts";

/** A request over loopback costs some 60 µs, of which this may be a small part. */
const ADDED_US_MAX = 10;

function row(what: string, us: number, bareUs: number): Row {
  return {
    what,
    figure: `${us.toFixed(1)} µs; bare ${bareUs.toFixed(1)} µs`,
    ratio: ratioText(us / bareUs),
    target: `≤ ${ADDED_US_MAX} µs more`,
    met: us - bareUs <= ADDED_US_MAX,
  };
}

export async function rights(): Promise<Section> {
  await using child = startProgram("rights", {});
  const { bareUs, openUs, adminUs, limitedUs } = await jsonLine<RightsTimes>(child);
  return {
    title: "who asks, and what they may see: a cached page through the handler, in the process",
    about: "Medians of nine alternating rounds of 2,000 requests, against the same answer made " +
      "without asking who is there. Each is a 304, which leaves the look-up the largest part. Of " +
      "twenty pages half are open to the viewer.",
    rows: [
      row("nobody signs in", openUs, bareUs),
      row("an admin, named by a proxy", adminUs, bareUs),
      row("a viewer of ten pages, named by a proxy", limitedUs, bareUs),
    ],
  };
}
