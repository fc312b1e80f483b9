/**
 * The files a page loads, each under an address that holds a digest of its content, so that they
 * may be cached for ever. Reading is left to the caller; nothing is built.
 *
 * @module
 */

/** A file ready to be served. */
export interface Asset {
  /** "/assets/glance-1a2b3c4d5e.css". */
  readonly href: string;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Assets {
  readonly stylesheet: Asset;
  readonly script: Asset;
  readonly favicon: Asset;
  /** All of them by address. */
  readonly byHref: ReadonlyMap<string, Asset>;
}

/** Later ones override earlier ones. */
const STYLES = [
  "tokens",
  "base",
  "bar",
  "frame",
  "head",
  "chart",
  "lists",
  "cohorts",
  "money",
  "pages",
  "narrow",
  "print",
] as const;

/**
 * Reads and names every asset. `read` takes a path relative to this folder, such as
 * `styles/base.css`; what it throws is passed on.
 */
export async function loadAssets(
  read: (path: string) => Promise<Uint8Array>,
): Promise<Assets> {
  const sheets = await Promise.all(STYLES.map((name) => read(`styles/${name}.css`)));
  const decoder = new TextDecoder();
  const css = sheets.map((sheet) => slim(decoder.decode(sheet))).join("");
  const stylesheet = await styleAsset("glance", css);
  const [script, favicon] = await Promise.all([
    asset("glance", "js", "text/javascript; charset=utf-8", await read("script/glance.js")),
    asset("favicon", "svg", "image/svg+xml", await read("images/favicon.svg")),
  ]);
  const byHref = new Map([stylesheet, script, favicon].map((each) => [each.href, each]));
  return { stylesheet, script, favicon, byHref };
}

/** A style sheet as an asset: the base one, a theme's (views/theme.ts), a custom file's. */
export function styleAsset(name: string, css: string): Promise<Asset> {
  return asset(name, "css", "text/css; charset=utf-8", new TextEncoder().encode(css));
}

/** Without comments and indentation. Only for our own files: no string of theirs holds either. */
function slim(css: string): string {
  return css.replace(/\/\*[^]*?\*\//g, "").replace(/\n\s*/g, "\n").replace(/\n+/g, "\n");
}

async function asset(
  name: string,
  extension: string,
  contentType: string,
  content: Uint8Array,
): Promise<Asset> {
  const body = new Uint8Array(content);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).slice(0, 5);
  return { href: `/assets/${name}-${digest.toHex()}.${extension}`, contentType, body };
}
