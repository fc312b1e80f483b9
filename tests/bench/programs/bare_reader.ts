/**
 * The same pages by bare `fetch` and `JSON.parse`, in windows of equal length side by side: the
 * baseline of a backfill without a limiter.
 *
 * @module
 */
import { SIMULATOR_KEY } from "../../../src/simulator/mod.ts";
import { usageOf } from "../child.ts";

export interface BareReaderSettings {
  readonly url: string;
  /** Unix seconds: the account has nothing outside. */
  readonly from: number;
  readonly to: number;
  readonly windows: number;
}

export interface BareRead {
  readonly subscriptions: number;
  readonly requests: number;
  readonly seconds: number;
  readonly cpuMs: number;
}

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly has_more: boolean;
}

async function run({ url, from, to, windows }: BareReaderSettings): Promise<BareRead> {
  const headers = { authorization: `Bearer ${SIMULATOR_KEY}` };
  const before = usageOf(Deno.pid);
  const startedAt = performance.now();
  let subscriptions = 0;
  let requests = 0;

  async function read(window: number): Promise<void> {
    const edge = (index: number) => Math.floor(from + (to - from) * index / windows);
    const query = new URLSearchParams({
      status: "all",
      limit: "100",
      "created[gte]": String(edge(window)),
      "created[lt]": String(edge(window + 1)),
    });
    query.append("expand[]", "data.discounts.source.coupon");
    query.append("expand[]", "data.items.data.discounts");
    for (let more = true; more;) {
      const response = await fetch(`${url}/v1/subscriptions?${query}`, { headers });
      const page = JSON.parse(await response.text()) as Page;
      requests++;
      subscriptions += page.data.length;
      more = page.has_more;
      query.set("starting_after", page.data.at(-1)?.id ?? "");
    }
  }

  await Promise.all(Array.from({ length: windows }, (_, window) => read(window)));
  return {
    subscriptions,
    requests,
    seconds: (performance.now() - startedAt) / 1000,
    cpuMs: usageOf(Deno.pid).cpuMs - before.cpuMs,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0]!) as BareReaderSettings)));
}
