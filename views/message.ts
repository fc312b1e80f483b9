/** A page that says one thing: what happened, where, and what to do. */
import type { MessageModel } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { html } from "./html.ts";

/** The message page as text. */
export function renderMessage(model: MessageModel): string {
  const { chrome, code, alarm, title, what, where, todo, excerpt, actions } = model;
  return renderDocument({
    chrome,
    title,
    width: "slim",
    main: html`
      <main id="main" class="page message ${alarm}">
        ${code === null ? null : html`<p class="code">${code}</p>`}
        <h1>${title}</h1>
        <p class="what">${what}</p>
        ${where ? html`<p class="where">${where}</p>` : null}
        ${excerpt
          ? html`<pre class="card" tabindex="0" role="group" aria-label="Excerpt"><code>${excerpt}</code></pre>`
          : null}
        ${todo.length > 0
          ? html`
            <div>
              <h2>What to do</h2>
              <ol>${todo.map((step) => html`<li>${step}</li>`)}</ol>
            </div>
          `
          : null}
        <p class="actions">
          ${actions.map(({ text, href }, index) =>
            html`<a class=${index === 0 ? "button strong" : "button"} href=${href}>${text}</a>`
          )}
        </p>
      </main>
    `,
  });
}
