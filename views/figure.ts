/**
 * A figure and its parts: the label opens the definition, the value leads to the rows behind it,
 * unknown is "–" with its reason, approximate is "≈".
 *
 * @module
 */
import type { Definition, Figure, Trend } from "../src/widgets/models.ts";
import { classes, type Html, html } from "./html.ts";
import { sparkline } from "./charts/sparkline.ts";

/** A label which opens what the figure means; works without script. */
export function definitionLabel(label: string, definition: Definition, href?: string): Html {
  return html`
    <details class="def" name="def">
      <summary>${label}</summary>
      <div class="def-card">
        ${definitionBody(definition)}
        ${href ? html`<a class="more" href=${href}>Show the rows behind it</a>` : null}
      </div>
    </details>
  `;
}

/** Text, formula and options in force; `folded` keeps these shut until they are asked for. */
export function definitionBody(definition: Definition, folded = false): Html {
  const { name, text, formula, options } = definition;
  return html`
    <div class="def-text">
      <p class="def-name">${name}</p>
      <p>${text}</p>
      ${formula ? html`<p class="formula"><code>${formula}</code></p>` : null}
      ${options?.length ? optionList(options, folded) : null}
    </div>
  `;
}

function optionList(options: readonly string[], folded: boolean): Html {
  const list = html`<ul class="options">${options.map((option) => html`<li>${option}</li>`)}</ul>`;
  if (!folded) return list;
  const [first] = options;
  return html`<details class="folded"><summary>${first}, in detail</summary>${list}</details>`;
}

/** "–" that says why, on hover and on focus. */
export function unknown(reason: string): Html {
  return html`
    <span class="unknown" tabindex="0" data-reason=${reason}>
      <span aria-hidden="true">–</span><span class="unseen">unknown: ${reason}</span>
    </span>
  `;
}

/** The value, leading to the rows behind it. */
export function figureValue(figure: Figure): Html {
  if (figure.value === null) return unknown(figure.reason ?? "no reason was given");
  const mark = figure.approximate
    ? html`<abbr class="approx" title="approximate: from rebuilt history">≈</abbr>`
    : null;
  return figure.href
    ? html`
      <a href=${figure.href} title="Show the rows behind ${figure.label}">${mark}${figure.value}</a>
    `
    : html`<span>${mark}${figure.value}</span>`;
}

/** A change in words, in the colour of its tone; the sign is in its text. */
export function trendText(trend: Trend): Html {
  return html`<span class="trend ${trend.tone}">${trend.text}</span>`;
}

/** From this many characters on a value needs a smaller type. */
const LONG_FROM = 12;

/** The class of a value that is too wide for its usual type. */
export function isLong(value: string | null): string | false {
  if (value === null || value.length < LONG_FROM) return false;
  // Amounts side by side, which may break between them.
  return value.includes("· ") ? "long side" : "long";
}

/** Label, value, change, note and sparkline, as in the four tiles and the metrics grid. */
export function figureTile(figure: Figure): Html {
  const note = figure.value === null ? figure.reason : figure.note;
  return html`
    <div class="metric-item">
      <div class="metric-label">${definitionLabel(
        figure.label,
        figure.definition,
        figure.href,
      )}</div>
      <div class=${classes("metric-value", isLong(figure.value))}>${figureValue(figure)}</div>
      ${figure.trend ? html`<div class="metric-trend">${trendText(figure.trend)}</div>` : null}
      ${note ? html`<div class="metric-note">${note}</div>` : null}
      ${figure.spark ? sparkline(figure.spark) : null}
    </div>
  `;
}
