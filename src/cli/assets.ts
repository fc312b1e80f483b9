/**
 * The files that pages load: the program's own, themes, and the operator's folder.
 *
 * @module
 */
import { type Asset, type Assets, loadAssets, styleAsset } from "../../views/assets.ts";
import { SECURITY_HEADERS } from "../../routes/headers.ts";

const TYPES: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  ico: "image/x-icon",
  woff2: "font/woff2",
}));

export interface AssetShelf {
  readonly assets: Assets;
  find(href: string): Asset | undefined;
  add(asset: Asset): string;
  /** A file of the operator's folder; 404 for what is not there or not of a known type. */
  file(folder: string | null, name: string): Promise<Response>;
  /** Takes the operator's style sheet among the assets; returns its address. */
  addStyle(path: string): Promise<string>;
}

export async function createAssetShelf(): Promise<AssetShelf> {
  const views = new URL("../../views/", import.meta.url);
  const assets = await loadAssets((path) => Deno.readFile(new URL(path, views)));
  const added = new Map<string, Asset>();
  function add(asset: Asset): string {
    added.set(asset.href, asset);
    return asset.href;
  }
  return {
    assets,
    find: (href) => assets.byHref.get(href) ?? added.get(href),
    add,
    async file(folder, name) {
      const type = TYPES.get(name.split(".").at(-1)?.toLowerCase() ?? "");
      const notFound = () => new Response("No such file\n", { status: 404 });
      // One name without a path: nothing outside the folder can be named.
      if (folder === null || !type || !/^[\w][\w.-]*$/.test(name)) return notFound();
      try {
        const body = await Deno.readFile(`${folder}/${name}`);
        const headers = SECURITY_HEADERS.map(([key, value]): [string, string] => [key, value]);
        return new Response(body, { headers: [["content-type", type], ...headers] });
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return notFound();
        throw error;
      }
    },
    async addStyle(path) {
      return add(await styleAsset("custom", await Deno.readTextFile(path)));
    },
  };
}
