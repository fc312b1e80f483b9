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

export interface FailedTriesModel {
  readonly chrome: Chrome;
  /** Where to go on to. */
  readonly next: string;
  readonly count: number;
  /** Of the last one: `2026-11-24 14:02 UTC`. */
  readonly time: string;
}

/** Tells who has signed in that others, or they themselves, tried before and failed. */
export function renderFailedTries({ chrome, next, count, time }: FailedTriesModel): string {
  const tries = count === 1
    ? "1 sign-in with your name failed"
    : `${count} sign-ins with your name failed`;
  return renderDocument({
    chrome,
    title: "Signed in",
    width: "slim",
    main: html`
      <main id="main" class="page login">
        <section class="card">
          <h1>Signed in</h1>
          <p class="note" role="status">
            ${tries} since you signed in last; the latest at ${time}.
          </p>
          <p>If that was not you, somebody may be guessing: choose a new password, and tell an
            admin, who sees in the audit log where it came from.</p>
          <a href=${next} class="button strong">Go on</a>
        </section>
      </main>
    `,
  });
}
