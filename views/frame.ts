/**
 * The one frame around every widget: header, definition, notice, dot, skeleton, error panel.
 * An incomplete widget keeps its content; only with nothing to show does the panel stand alone.
 *
 * @module
 */
import type { Alarm, Link, Widget, WidgetState } from "../src/widgets/models.ts";
import { definitionBody } from "./figure.ts";
import { classes, type Html, html } from "./html.ts";

/** Draws the frame; `draw` makes the content where there are data. */
export function frame<T>(
  widget: Omit<Widget, "state">,
  state: WidgetState<T>,
  draw: (data: T) => Html,
): Html {
  const id = `w-${widget.id}`;
  return html`
    <section
      class=${classes(
        "widget",
        `widget-type-${widget.type}`,
        `is-${state.kind}`,
        widget.hideHeader && "bare",
        widget.cssClass,
      )}
      id=${id}
      data-widget=${widget.id}
      aria-labelledby="${id}-title"
      aria-busy=${state.kind === "loading" ? "true" : undefined}
    >
      ${header(widget, id, state)}
      ${notice(state)}
      <div class="widget-body">${content(widget, state, draw)}</div>
    </section>
  `;
}

function header<T>(widget: Omit<Widget, "state">, id: string, state: WidgetState<T>): Html {
  const title = widget.titleHref
    ? html`<a href=${widget.titleHref}>${widget.title}</a>`
    : widget.title;
  return html`
    <header class=${widget.hideHeader ? "unseen" : "widget-head"}>
      <h2 id="${id}-title">${title}</h2>
      ${widget.definition && !widget.hideHeader
        ? html`
          <details class="def hint" name="def">
            <summary aria-label="What ${widget.title} means">?</summary>
            <div class="def-card">${definitionBody(widget.definition)}</div>
          </details>
        `
        : null}
      ${state.kind === "partial" ? html`<span class="dot" title=${state.reason}></span>` : null}
    </header>
  `;
}

function notice<T>(state: WidgetState<T>): Html {
  return state.kind === "partial" ? html`<p class="notice">${state.reason}</p>` : null;
}

function content<T>(
  widget: Omit<Widget, "state">,
  state: WidgetState<T>,
  draw: (data: T) => Html,
): Html {
  switch (state.kind) {
    case "fresh":
    case "partial":
      return draw(state.data);
    case "loading":
      return skeleton(widget.type, state.progress, state.share);
    case "unavailable":
      return panel(state.alarm, state.reason, state.action);
  }
}

/** Of the final height, so that nothing jumps when the figures arrive; never a partial sum. */
function skeleton(type: string, progress: string, share: number | undefined): Html {
  return html`
    <div class="skeleton skeleton-${type}">
      <span class="bones"></span>
      <p class="progress">
        <span>${progress}</span>
        ${share === undefined
          ? html`<progress aria-label="Loading"></progress>`
          : html`<progress aria-label="Loading" max="100" value=${
            Math.round(share * 100)
          }></progress>`}
      </p>
    </div>
  `;
}

const ALARM_WORD: Record<Alarm, string | null> = {
  calm: null,
  warn: "Needs you",
  broken: "Broken",
};

function panel(alarm: Alarm, reason: string, action: Link | undefined): Html {
  const word = ALARM_WORD[alarm];
  return html`
    <div class="panel ${alarm}">
      ${word ? html`<p class="panel-word">${word}</p>` : null}
      <p>${reason}</p>
      ${action ? html`<p><a class="button" href=${action.href}>${action.text}</a></p>` : null}
    </div>
  `;
}

/** A calm "not yet: …" in the place of content that needs later work or more history. */
export function notYet(reason: string): Html {
  return html`<p class="not-yet">${reason}</p>`;
}
