/** Thirteen months of MRR and movements: legend that reads out a month, chart, and its table. */
import type { Chart13Model, ChartMonth, MovementKind } from "../src/widgets/models.ts";
import { lineDomain } from "./charts/domain.ts";
import { GROWING, lineAndBars, SHRINKING } from "./charts/line_and_bars.ts";
import { notYet } from "./frame.ts";
import { formatCompact, formatPoint } from "../src/widgets/format.ts";
import { spanText } from "../src/widgets/period_text.ts";
import { type Html, html } from "./html.ts";

const KINDS: readonly MovementKind[] = ["new", "expansion", "reactivation", "churn", "contraction"];
const KIND_LABEL: Record<MovementKind, string> = {
  new: "New",
  expansion: "Expansion",
  reactivation: "Reactivation",
  contraction: "Contraction",
  churn: "Churn",
};

/** One row of the table, formatted: month, MRR at its close, the kinds, net. */
interface MonthRow {
  readonly title: string;
  readonly mark: string | null;
  readonly cells: readonly string[];
}

export function chart13(model: Chart13Model, id: string): Html {
  const rows = monthRows(model);
  const last = rows.at(-1);
  if (last === undefined) return notYet("not yet: there is no complete day");
  const hasBars = model.movementsReason === undefined;
  return html`
    <figure class="chart13">
      ${legend(last, hasBars)}
      <div class="chart-box">
        ${lineAndBars(model, `c-${id}`, summary(model, rows))}
        ${hasBars ? null : html`<p class="chart-absent">${model.movementsReason}</p>`}
      </div>
      <figcaption class="chart-foot">
        <span>${axisNote(model)}${model.note ? ` ${model.note}` : ""}${model.restated
          ? html`
            <a href=${model.restated.href}>${model.restated.text}</a>
          `
          : null}</span>
        ${table(rows, hasBars)}
      </figcaption>
    </figure>
  `;
}

function monthRows(model: Chart13Model): MonthRow[] {
  let day = 0;
  return model.months.map((month) => {
    day += month.days;
    const close = model.daily[Math.min(day, model.daily.length) - 1] ?? null;
    return {
      title: month.title,
      mark: month.running ? "so far" : month.approximate ? "approximate" : null,
      cells: [
        close === null ? "–" : formatPoint(close, model.currency),
        ...movementCells(month, model.currency),
      ],
    };
  });
}

function movementCells({ movements }: ChartMonth, currency: string): string[] {
  if (movements === null) return [...KINDS.map(() => "–"), "–"];
  const sum = (kinds: readonly MovementKind[]) =>
    kinds.reduce((total, kind) => total + movements[kind], 0);
  return [
    ...KINDS.map((kind) =>
      formatPoint(SHRINKING.includes(kind) ? -movements[kind] : movements[kind], currency, true)
    ),
    formatPoint(sum(GROWING) - sum(SHRINKING), currency, true),
  ];
}

/** The legend shows the running month's values, and the pointed-at month's with the script. */
function legend(row: MonthRow, hasBars: boolean): Html {
  const kinds = hasBars ? KINDS : [];
  return html`
    <p class="legend" data-readout>
      <b data-col="0">${row.title}${row.mark ? ` ${row.mark}` : ""}</b>
      <span class="key mrr">MRR <data data-col="1">${row.cells[0]}</data></span>
      ${kinds.map((kind, index) =>
        html`<span class="key ${kind}">${KIND_LABEL[kind]} <data data-col=${index + 2}>${
          row.cells[index + 1]
        }</data></span>`
      )}
    </p>
  `;
}

function axisNote(model: Chart13Model): string {
  const domain = lineDomain(model.daily);
  const cut = domain.cut
    ? `The line's axis is cut at ${formatCompact(domain.from, model.currency)}` +
      (model.movementsReason === undefined ? "; bars start at zero." : ".")
    : "";
  const dashed = model.months.some(({ approximate }) => approximate)
    ? "Dashed: 1 % of MRR or more is inferred."
    : "";
  const inferred = model.inferred
    ? `${dashed === "" ? model.inferred.replace("Elsewhere at", "At") : model.inferred}.`
    : "";
  return [cut, dashed, inferred].filter((part) => part !== "").join(" ");
}

function summary(model: Chart13Model, rows: readonly MonthRow[]): string {
  const first = rows[0]!;
  const last = rows.at(-1)!;
  return `${spanText(first.title, last.title)}: MRR from ${first.cells[0]} to ${last.cells[0]}` +
    (model.movementsReason === undefined ? `, net ${last.cells.at(-1)} in the last month.` : ".");
}

function table(rows: readonly MonthRow[], hasBars: boolean): Html {
  const columns = hasBars ? ["MRR", ...KINDS.map((kind) => KIND_LABEL[kind]), "Net"] : ["MRR"];
  return html`
    <details class="as-table">
      <summary>Show as a table</summary>
      <div class="scroll" tabindex="0" role="group" aria-label="MRR and movements by month">
        <table>
          <caption class="unseen">MRR at each month's close, and its movements</caption>
          <thead>
            <tr><th scope="col">Month</th>${columns.map((name) =>
              html`<th scope="col" class="number">${name}</th>`
            )}</tr>
          </thead>
          <tbody>${rows.map((row) => tableRow(row, columns.length))}</tbody>
        </table>
      </div>
    </details>
  `;
}

function tableRow({ title, mark, cells }: MonthRow, count: number): Html {
  return html`
    <tr>
      <th scope="row">${title}${mark ? html`<small> ${mark}</small>` : null}</th>
      ${cells.slice(0, count).map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>
  `;
}
