/**
 * The one binding of htm to preact, and its way to text. Values are escaped by the renderer; no
 * view sets inner HTML, inline styles or inline script, so a strict content policy holds.
 *
 * @module
 */
import htm from "htm";
import { type ComponentChild, h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";

/** A piece of a page; `null` draws nothing. */
export type Html = VNode | null;

type Template = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Tagged template to virtual nodes: html`<p class="note">${text}</p>`. One root element. */
// htm's own types take the function for a module under this resolution, hence the cast.
export const html: Template = (htm as unknown as { bind(create: typeof h): Template }).bind(
  safeElement as typeof h,
);

/** Attributes that a browser follows. */
const ADDRESSES = ["href", "src", "action", "formaction"] as const;
/** Pages of the web, mail, and places of this server; a browser runs `javascript:` as a script. */
const FOLLOWED = /^(?:https?:|mailto:|[^:]*$|[^:/?#]*[/?#])/i;

/** Whether the reader who is drawn for may go to a path of this server. */
let isOpen = (_path: string): boolean => true;

/** Draws for a reader: a link to a path that is not open to them is its text alone. */
export function drawnFor<T>(mayFollow: (path: string) => boolean, draw: () => T): T {
  const before = isOpen;
  isOpen = mayFollow;
  try {
    return draw();
  } finally {
    isOpen = before;
  }
}

function leadsToRefusal(type: string, { href }: Record<string, unknown>): boolean {
  return type === "a" && typeof href === "string" && href.startsWith("/") &&
    !isOpen(href.split(/[?#]/, 1)[0]!);
}

/**
 * An element whose addresses lead to pages: any other address is left out, and a link to what is
 * not open to the reader is a text.
 */
function safeElement(
  type: string,
  props: Record<string, unknown> | null,
  ...children: ComponentChild[]
): VNode {
  if (props !== null) {
    if (leadsToRefusal(type, props)) {
      return safeElement("span", { class: props.class }, ...children);
    }
    for (const name of ADDRESSES) {
      const address = props[name];
      if (typeof address === "string" && !FOLLOWED.test(address)) props[name] = undefined;
    }
  }
  return h(type, props, ...children);
}

/** The text of a fragment. */
export function toText(node: Html): string {
  return node === null ? "" : renderToString(node);
}

/** The text of a whole document. */
export function toDocument(node: VNode): string {
  return `<!doctype html>${renderToString(node)}`;
}

/** Class names without the ones that don't apply. */
export function classes(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
