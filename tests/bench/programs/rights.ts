/**
 * A cached page through the whole handler, for visitors of different rights, and the same answer made
 * without asking who is there. Prints microseconds as JSON.
 *
 * @module
 */
import type { PageSettings, Settings } from "../../../config/settings.ts";
import { createApp, type Handler } from "../../../routes/app.ts";
import { createEntry, respond } from "../../../routes/page_cache.ts";
import { PRIVATE_HEADERS } from "../../../routes/headers.ts";
import { parseRange } from "../../../src/security/address.ts";
import { median } from "../results.ts";
import { builtInSettings, depsOf, fillStore } from "./filled_store.ts";

export interface RightsTimes {
  readonly bareUs: number;
  readonly openUs: number;
  readonly adminUs: number;
  readonly limitedUs: number;
}

const ROUNDS = 9;
const REQUESTS = 2_000;
const PAGES = 20;

/** Twenty pages, half of them open to the viewer; a proxy signs people in. */
function limited(settings: Settings): Settings {
  const [first] = settings.pages;
  return {
    ...settings,
    server: {
      ...settings.server,
      proxied: true,
      proxy: { hops: 1, trusted: [parseRange("127.0.0.1")] },
    },
    auth: {
      mode: "proxy",
      header: "x-user",
      groupsHeader: null,
      admins: new Set(["ann"]),
      adminGroups: new Set(),
      tokens: [],
      auditDays: 365,
      sessionDays: 90,
    },
    pages: Array.from({ length: PAGES }, (_, nth): PageSettings => ({
      ...first!,
      slug: nth === 0 ? "" : `page-${nth}`,
      users: new Set(nth % 2 === 0 ? ["vic"] : ["others"]),
    })),
  };
}

type Send = () => Response | Promise<Response>;

async function microseconds(sends: readonly Send[]): Promise<number[]> {
  const taken = sends.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [nth, send] of sends.entries()) {
      const startedAt = performance.now();
      for (let count = 0; count < REQUESTS; count++) await send();
      taken[nth]!.push((performance.now() - startedAt) * 1000 / REQUESTS);
    }
  }
  return taken.map(median);
}

async function times(): Promise<RightsTimes> {
  const now = Math.floor(Date.now() / 1000);
  const settings = await builtInSettings();
  const { store } = fillStore(100, now, settings);
  const open = createApp(await depsOf(store, settings, now));
  const guarded = limited(settings);
  const users = createApp(await depsOf(store, guarded, now));
  const page = (user: string | null, etag: string | null = null) =>
    new Request("http://localhost/", {
      headers: {
        ...(user === null ? {} : { "x-user": user }),
        ...(etag === null ? {} : { "if-none-match": etag }),
      },
    });
  const etagOf = async (app: Handler, user: string | null) =>
    (await app(page(user), "127.0.0.1")).headers.get("etag");
  const html = await (await open(page(null), "127.0.0.1")).text();
  const entry = await createEntry(html, {
    route: "/{page}",
    contentType: "text/html; charset=utf-8",
    headers: PRIVATE_HEADERS,
  });
  const etags = [await etagOf(open, null), await etagOf(users, "ann"), await etagOf(users, "vic")];
  const [bareUs, openUs, adminUs, limitedUs] = await microseconds([
    () => respond(entry, page(null, entry.etag)),
    () => open(page(null, etags[0]), "127.0.0.1"),
    () => users(page("ann", etags[1]), "127.0.0.1"),
    () => users(page("vic", etags[2]), "127.0.0.1"),
  ]) as [number, number, number, number];
  return { bareUs, openUs, adminUs, limitedUs };
}

if (import.meta.main) {
  console.log(JSON.stringify(await times()));
  Deno.exit(0);
}
