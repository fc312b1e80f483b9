/**
 * The past: rebuilding it from invoices, and what a live change costs however large the account.
 *
 * @module
 */
import { jsonLine, mebibytes, startProgram } from "./child.ts";
import type { PastSettings, PastTimes } from "./programs/past.ts";
import { ratioText, type Row, type Section } from "./results.ts";

const MANY = 100_000;
const MONTHS = 24;
const CHANGES = 4000;
const SIZES = [1_000, 100_000, 1_000_000] as const;

async function timesOf(settings: PastSettings): Promise<PastTimes> {
  await using child = startProgram("past", settings);
  return await jsonLine<PastTimes>(child);
}

function micros(ms: number): string {
  return `${(ms * 1000).toFixed(0)} µs`;
}

export async function past(): Promise<Section> {
  const rebuilt = await timesOf({ subscriptions: MANY, months: MONTHS, changes: 0 });
  const { invoices, readSeconds, rebuildSeconds, rssBefore, rssAfter } = rebuilt;
  const changes: Row[] = [];
  let base: number | null = null;
  for (const subscriptions of SIZES) {
    const { changeMs } = await timesOf({ subscriptions, months: 0, changes: CHANGES });
    base ??= changeMs;
    changes.push({
      what: `one live change, ${subscriptions} subscriptions`,
      figure: micros(changeMs),
      ratio: ratioText(changeMs / base),
      target: "ratio ≤ 1.2",
      met: changeMs / base <= 1.2,
    });
  }
  return {
    title: `the past of ${MANY} subscriptions from ${MONTHS} months of invoices`,
    about:
      "One line an invoice; every fourth subscription changed its plan half way. The invoices " +
      "are there as objects: neither the network nor the parsing of JSON is in the times. A live " +
      "change: a subscription put with another quantity until today's close and the movements of " +
      `30 days are read, the median of ${CHANGES}, against ${SIZES[0]} subscriptions.`,
    rows: [
      {
        what: `taking in ${invoices} invoices`,
        figure: `${readSeconds.toFixed(1)} s; ${Math.round(invoices / readSeconds)}/s`,
        ratio: "",
        target: "",
        met: null,
      },
      {
        what: `rebuilding ${MANY} pasts, with their movements`,
        figure: `${rebuildSeconds.toFixed(1)} s; ${
          micros(rebuildSeconds * 1000 / MANY)
        } a subscription`,
        ratio: "",
        target: "",
        met: null,
      },
      {
        what: "RSS after it; before the invoices",
        figure: `${mebibytes(rssAfter)}; ${mebibytes(rssBefore)}`,
        ratio: ratioText(rssAfter / rssBefore),
        target: "",
        met: null,
      },
      ...changes,
    ],
  };
}
