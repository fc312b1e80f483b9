/** What was asked of the simulator; tests assert on it. */

export interface Stats {
  readonly requests: number;
  /** By path, ids as `:id`, then by status; `0` counts requests that got no answer. */
  readonly byPath: Readonly<Record<string, Readonly<Record<number, number>>>>;
  readonly methods: Readonly<Record<string, number>>;
  readonly concurrencyMax: number;
}

export interface StatsCounter {
  /** Counts a request in; the returned function counts its outcome (0: no answer). */
  readonly begin: (request: Request) => { number: number; end: (status: number) => void };
  readonly read: () => Stats;
}

/** `/v1/invoices/in_1/lines` → `/v1/invoices/:id/lines`, so that the table stays small. */
function withoutIds(path: string): string {
  return path.replace(/^(\/v1\/[a-z_]+)\/[^/]+/, "$1/:id");
}

export function createStats(): StatsCounter {
  let requests = 0;
  let running = 0;
  let concurrencyMax = 0;
  const byPath = new Map<string, Map<number, number>>();
  const methods = new Map<string, number>();

  function begin(request: Request) {
    const number = requests++;
    concurrencyMax = Math.max(concurrencyMax, ++running);
    methods.set(request.method, (methods.get(request.method) ?? 0) + 1);
    const path = withoutIds(new URL(request.url).pathname);
    const end = (status: number) => {
      running--;
      const counts = byPath.get(path) ?? new Map<number, number>();
      counts.set(status, (counts.get(status) ?? 0) + 1);
      byPath.set(path, counts);
    };
    return { number, end };
  }
  function read(): Stats {
    return {
      requests,
      byPath: Object.fromEntries(
        [...byPath].map(([path, counts]) => [path, Object.fromEntries(counts)]),
      ),
      methods: Object.fromEntries(methods),
      concurrencyMax,
    };
  }
  return { begin, read };
}
