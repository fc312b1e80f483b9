/** Load at an exact pace, and webhooks that are sent again until they are taken, as Stripe does. */
import { type Company, createEventTap } from "../../src/simulator/mod.ts";
import { signatureOf, WEBHOOK_SECRET } from "../support/webhooks.ts";

/** Sends one request; the status of its answer. */
export type Ask = () => Promise<number>;

/** What became of a load. */
export interface Outcome {
  readonly sent: number;
  readonly perSecond: number;
  readonly answered: number;
  /** Statuses other than 200, and errors. */
  readonly failed: readonly (number | string)[];
}

/** Between two looks at the clock. */
const LOOK_MS = 5;

/**
 * Sends so many requests a second by the clock, whatever becomes of those before: an open loop, so
 * a server that falters gets no rest.
 */
export function pace(perSecond: number, ask: Ask) {
  const startedAt = performance.now();
  const open = new Set<Promise<void>>();
  const failed: (number | string)[] = [];
  const waiting: { readonly count: number; readonly reached: () => void }[] = [];
  let sent = 0;
  let answered = 0;
  let seconds = 0;

  async function sendOne(): Promise<void> {
    sent++;
    const status = await ask().catch((error) => String(error.cause ?? error));
    if (status === 200) answered++;
    else failed.push(status);
    for (const { count, reached } of waiting) if (answered >= count) reached();
  }
  const looking = setInterval(() => {
    seconds = (performance.now() - startedAt) / 1000;
    while (sent < Math.floor(seconds * perSecond)) {
      const one: Promise<void> = sendOne().finally(() => open.delete(one));
      open.add(one);
    }
  }, LOOK_MS);

  return {
    /** Resolves when so many more have been answered. */
    answeredMore(count: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count: answered + count, reached: resolve });
      return promise;
    },
    async end(): Promise<Outcome> {
      clearInterval(looking);
      await Promise.all(open);
      return { sent, perSecond: sent / seconds, answered, failed };
    },
  };
}

/** Sends the webhook with this body and signature; the status of the answer. */
export type Post = (body: string, signature: string) => Promise<number>;

/** Lets a company live on, some steps a second, and delivers each webhook until it is taken. */
export function deliver(company: Company, stepsPerSecond: number, post: Post) {
  const tap = createEventTap(company.source);
  const refused: (number | string)[] = [];
  let acknowledged = 0;

  async function untilTaken(body: string): Promise<void> {
    for (;;) {
      const status = await post(body, await signatureOf(body, WEBHOOK_SECRET)).catch(String);
      if (status === 200) break;
      refused.push(status);
    }
    acknowledged++;
  }
  const steps = pace(stepsPerSecond, async () => {
    company.step(Math.floor(Date.now() / 1000));
    for (const event of tap()) await untilTaken(JSON.stringify(event));
    return 200;
  });
  return {
    ...steps,
    async end() {
      await steps.end();
      return { acknowledged, refused };
    },
  };
}
