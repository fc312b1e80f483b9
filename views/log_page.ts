/** A page of what has happened, newest first: a sentence, a table, a way to the same as JSON. */
import type { Chrome } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { type Html, html } from "./html.ts";

export interface LogPage {
  readonly chrome: Chrome;
  readonly title: string;
  /** Its last word in the path of links. */
  readonly crumb: string;
  readonly width: "slim" | "default";
  readonly summary: string;
  /** Between the sentence and the table. */
  readonly above?: Html;
  /** `null` where there is nothing. */
  readonly table: Html | null;
  /** What is said then. */
  readonly empty: string;
  readonly below: Html;
}

/** The page as text. */
export function renderLogPage(page: LogPage): string {
  const { chrome, title, crumb, width, summary, above = null, table, empty, below } = page;
  return renderDocument({
    chrome,
    title,
    width,
    main: html`
      <main id="main" class="page text">
        <div>
          <p class="crumb"><a href="/">Dashboard</a> / <a href="/sources">Sources</a> / ${crumb}</p>
          <h1>${title}</h1>
          <p class="sub">${summary}</p>
        </div>
        ${above} ${table ?? html`<p class="card empty">${empty}</p>`}
        <p class="sub">${below}</p>
      </main>
    `,
  });
}
