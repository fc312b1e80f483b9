/** The page to sign in: a name and a password, and why the reader is here. */
import type { Chrome } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { html } from "./html.ts";

export interface LoginModel {
  readonly chrome: Chrome;
  /** Where to go on to. */
  readonly next: string;
  /** What was wrong with the last try. */
  readonly problem: string | null;
  /** Why the reader is here. */
  readonly note: string | null;
}

/** The page as text. */
export function renderLogin({ chrome, next, problem, note }: LoginModel): string {
  return renderDocument({
    chrome,
    title: "Sign in",
    width: "slim",
    main: html`
      <main id="main" class="page login">
        <form method="post" action="/api/authenticate" class="card">
          <h1>Sign in</h1>
          ${problem ? html`<p class="problem" role="alert">${problem}</p>` : null}
          ${note ? html`<p class="note" role="status">${note}</p>` : null}
          <input type="hidden" name="next" value=${next} />
          <label>Name<input name="username" autocomplete="username" required autofocus /></label>
          <label>Password<input name="password" type="password" autocomplete="current-password"
            required /></label>
          <button type="submit" class="button strong">Sign in</button>
        </form>
      </main>
    `,
  });
}
