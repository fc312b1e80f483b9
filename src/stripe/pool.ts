/**
 * One client per key, mode and host, reused: its breaker and its limits belong to the account
 * and outlive a reload of the configuration.
 *
 * @module
 */
import type { ClientOptions, StripeClient } from "./client.ts";
import { keyDigest, keyFacts } from "./key.ts";

export interface PooledClient {
  /** Its short name in logs, which tells nothing about the key. */
  readonly id: string;
  readonly client: StripeClient;
}

export interface ClientPool {
  /** The client for a key. */
  client(options: ClientOptions): Promise<PooledClient>;
  /** Stops and drops the clients that `inUse` does not hold. */
  keepOnly(inUse: ReadonlySet<string>): void;
  /** How many clients are in each breaker state. */
  states(): { readonly closed: number; readonly open: number; readonly half_open: number };
  size(): number;
}

export function createClientPool(): ClientPool {
  const clients = new Map<string, StripeClient>();
  // Digests leave this process (in logs), so a key may not be guessed from them.
  const salt = crypto.randomUUID();
  return {
    async client(options) {
      const { mode } = keyFacts(options.key);
      const account = options.account ?? "";
      const digest = await keyDigest(options.key, `${salt} ${mode} ${options.base} ${account}`);
      const id = digest.slice(0, 12);
      // Stripe's SDK takes a while to load, and the first page is shown without it.
      const { createStripeClient } = await import("./client.ts");
      let client = clients.get(id);
      if (!client) clients.set(id, client = createStripeClient(options));
      return { id, client };
    },
    keepOnly(inUse) {
      for (const [id, client] of clients) {
        if (inUse.has(id)) continue;
        client.stop();
        clients.delete(id);
      }
    },
    states() {
      const states = { closed: 0, open: 0, half_open: 0 };
      for (const client of clients.values()) states[client.breaker()]++;
      return states;
    },
    size: () => clients.size,
  };
}
