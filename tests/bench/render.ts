/**
 * What is made afresh over 100,000 subscriptions, against the same over 1,000.
 *
 * @module
 */
import { jsonLine, startProgram } from "./child.ts";
import type { RenderTimes } from "./programs/render.ts";
import { ratioText, type Row, type Section } from "./results.ts";

const MANY = 100_000;
const FEW = 1_000;

async function timesOf(subscriptions: number): Promise<RenderTimes> {
  await using child = startProgram("render", subscriptions);
  return await jsonLine<RenderTimes>(child);
}

function time(ms: number): string {
  return ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;
}

function row(what: string, many: number, few: number, maxMs: number | null): Row {
  return {
    what,
    figure: `${time(many)}; over ${FEW} ${time(few)}`,
    ratio: ratioText(many / few),
    target: maxMs === null ? "" : `≤ ${maxMs} ms`,
    met: maxMs === null ? null : many <= maxMs,
  };
}

export async function render(): Promise<Section> {
  const few = await timesOf(FEW);
  const many = await timesOf(MANY);
  const change = many.changeMs / few.changeMs;
  return {
    title: `pages made afresh over ${MANY} subscriptions, against ${FEW}`,
    about: `Each after a change of one subscription; medians. The page with its ${many.widgets} ` +
      "widgets, models and HTML, without compression; an explanation as a visitor gets it, " +
      "compressed. A live change is the mean of putting a changed subscription and publishing.",
    rows: [
      row("the first page after filling the store", many.firstPageMs, few.firstPageMs, null),
      row(`page of ${many.widgets} widgets`, many.pageMs, few.pageMs, 2),
      ...Object.keys(many.widgetMs).map((type) =>
        row(`widget ${type}`, many.widgetMs[type]!, few.widgetMs[type]!, 0.3)
      ),
      row("explanation of MRR, first time", many.explainMs, few.explainMs, null),
      row("explanation of MRR, cached", many.explainCachedMs, few.explainCachedMs, null),
      {
        ...row("live change", many.changeMs, few.changeMs, null),
        target: "ratio ≤ 1.2",
        met: change <= 1.2,
      },
    ],
  };
}
