/** The status line: account, mode, period, currency, plan, freshness, preset. */
import type {
  Alarm,
  Banner,
  Choices,
  Chrome,
  FilterChip,
  StatusModel,
} from "../src/widgets/models.ts";
import { classes, type Html, html, toText } from "./html.ts";

/** The bar at the top of every page; without a status only brand and pages. */
export function bar({ branding, nav, status, logoutHref }: Chrome): Html {
  return html`
    <header class=${classes("bar", status !== null && "has-status")}>
      <a class="brand" href="/">
        ${branding.logoHref
          ? html`<img src=${branding.logoHref} alt="" width="20" height="20" />`
          : logo()}
        <span>${branding.logoText}</span>
      </a>
      ${nav.length > 1 ? pages(nav) : null}
      ${status ? statusLine(status) : null}
      ${logoutHref
        ? html`<form method="post" action=${logoutHref}><button class="logout">Log out</button></form>`
        : null}
    </header>
  `;
}

/** Three rising steps, drawn in the accent. */
function logo(): Html {
  return html`
    <svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d="M3 12.5h3.5V17H3zM8.25 8h3.5v9h-3.5zM13.5 3H17v14h-3.5z" />
    </svg>
  `;
}

function pages(nav: Chrome["nav"]): Html {
  return html`
    <nav class="pages" aria-label="Pages">
      ${nav.map(({ text, href, current }) =>
        html`<a href=${href} aria-current=${current ? "page" : undefined}>${text}</a>`
      )}
    </nav>
  `;
}

/** Refreshed like a widget: each page has its own. */
export function statusLine(status: StatusModel): Html {
  return html`
    <div class="status" id="w-status" data-widget=${status.id} data-shape=${status
      .shape} role="group"
      aria-label="Status">
      <span class="account">${account(status)}<b class="badge ${status
        .mode}">${status.mode.toUpperCase()}</b></span>
      ${segments(status.period)}
      <span class="menus"><span class="in-narrow">${menu(status.period)}</span> ${menu(
        status.currency,
      )} ${menu(
        status.plan,
      )}</span>
      <span class="spacer"></span>
      <a class="preset" href=${status.preset.href}>${status.preset.text}</a>
      ${freshness(status)}
      ${status.filters.length > 0 ? html`<p class="filters">${status.filters.map(chip)}</p>` : null}
      ${status.banner ? banner(status.banner) : null}
    </div>
  `;
}

/** The account, or the list of several: each with a dot and its phase in words. */
function account({ account: name, accounts }: StatusModel): Html {
  if (accounts.length < 2) return html`<span class="name">${name}</span>`;
  const worst = worstOf(accounts.filter(({ current }) => !current).map(({ alarm }) => alarm));
  return html`
    <details class="menu accounts" name="menu">
      <summary><span class="unseen">Account: </span><span class="name">${name}</span>${worst ===
          "calm"
        ? null
        : html`<span class=${worst}><span class="pulse" aria-hidden="true"></span><span
          class="unseen">another account needs you</span></span>`}</summary>
      <nav class="menu-card" aria-label="Account">
        ${accounts.map((each) =>
          html`
            <a href=${each.href} aria-current=${each.current ? "true" : undefined}
              class=${each.alarm}><span class="pulse" aria-hidden="true"></span>${each
                .text}<small>${each.phase}</small></a>
          `
        )}
      </nav>
    </details>
  `;
}

function worstOf(alarms: readonly Alarm[]): Alarm {
  return (["broken", "warn"] as const).find((alarm) => alarms.includes(alarm)) ?? "calm";
}

/** The one banner, in the room that the page leaves below its bar. */
function banner({ code, severity, sentence, action }: Banner): Html {
  return html`
    <div class="banner ${severity}" data-banner=${code} role="status">
      <details><summary>${sentence}</summary></details>
      ${action ? html`<a href=${action.href} rel="noreferrer">${action.text}</a>` : null}
    </div>
  `;
}

/** A filter that is on; the link takes it off. */
function chip({ text, offHref }: FilterChip): Html {
  return html`
    <a class="chip" href=${offHref}
      title="Take this filter off"><span class="unseen">Filter on, take it off: </span>${text}<span
        class="chip-x"
        aria-hidden="true"
      >×</span></a>
  `;
}

/** The status line as text: the body of `/api/widgets/status`. */
export function renderStatus(status: StatusModel): string {
  return toText(statusLine(status));
}

/** Few choices, all in sight. */
export function segments({ label, choices }: Choices): Html {
  if (choices.length < 2) return null;
  return html`
    <nav class="segments" aria-label=${label}>
      ${choices.map(({ text, href, current, title }) =>
        html`<a href=${href} title=${title} aria-current=${
          current ? "true" : undefined
        }>${text}</a>`
      )}
    </nav>
  `;
}

/** Many choices behind the one in force; works without script. */
export function menu({ label, choices }: Choices): Html {
  if (choices.length < 2) return null;
  const current = choices.find((choice) => choice.current);
  return html`
    <details class="menu" name="menu">
      <summary><span class="unseen">${label}: </span>${current?.text ?? label}</summary>
      <nav class="menu-card" aria-label=${label}>
        ${choices.map(({ text, href, current, title }) =>
          html`<a href=${href} title=${title} aria-current=${
            current ? "true" : undefined
          }>${text}</a>`
        )}
      </nav>
    </details>
  `;
}

/** The age is told by the script from `datetime`, since pages are cached; without it, the time. */
function freshness({ freshness: { text, tone, asOf } }: StatusModel): Html {
  return html`
    <span class="freshness ${tone}">
      <span class="pulse" aria-hidden="true"></span><span>${text}${asOf && tone === "live"
        ? html`<span> · <time datetime=${asOf.iso} data-age>${asOf.text}</time></span>`
        : null}</span>
      <span class="offline" hidden>reconnecting</span>
    </span>
  `;
}
