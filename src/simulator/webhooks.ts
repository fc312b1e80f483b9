/** Webhooks of the simulator: the events of its account, signed by Stripe's scheme. */
import { between, type Dice, roll } from "./random.ts";
import type { StripeObject } from "./kinds.ts";
import type { Entry } from "./shelf.ts";
import type { Source } from "./source.ts";

export interface Webhook {
  readonly body: string;
  /** The `Stripe-Signature` header. */
  readonly signature: string;
}

export interface SignOptions {
  /** One of each secret that is in force: two while one rolls. */
  readonly secrets: readonly string[];
  /** Unix seconds. */
  readonly timestamp: number;
}

async function hmac(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))).toHex();
}

/** Signs an event as Stripe does. */
export async function signWebhook(
  event: unknown,
  { secrets, timestamp }: SignOptions,
): Promise<Webhook> {
  const body = JSON.stringify(event, null, 2);
  const signatures = await Promise.all(
    secrets.map(async (secret) => `v1=${await hmac(secret, `${timestamp}.${body}`)}`),
  );
  return { body, signature: [`t=${timestamp}`, ...signatures].join() };
}

/** Gives the events of a source that came since the last call, oldest first; none at the first. */
export function createEventTap(source: Source): () => StripeObject[] {
  let last: Entry | undefined = source.collection("events").shelf.all().at(-1);
  return () => {
    const { shelf, view } = source.collection("events");
    const found: Entry[] = [];
    while (true) {
      const page = last
        ? shelf.page({ endingBefore: last, limit: 100 }).data.toReversed()
        : [...shelf.all()];
      if (page.length === 0) return found.map(view);
      found.push(...page);
      last = page.at(-1)!;
    }
  };
}

export interface Disorder {
  /** Share of events that come twice, in [0, 1]. */
  readonly duplicates?: number;
  /** Share of events that never come, in [0, 1]. */
  readonly drops?: number;
}

/** Events as a bad day delivers them: some twice, some never, in any order. */
export function disordered<T>(events: readonly T[], dice: Dice, disorder: Disorder = {}): T[] {
  const { duplicates = 0.3, drops = 0.1 } = disorder;
  const sent = events.flatMap((event) => {
    if (roll(dice) < drops) return [];
    return roll(dice) < duplicates ? [event, event] : [event];
  });
  for (let index = sent.length - 1; index > 0; index--) {
    const other = between(dice, 0, index);
    [sent[index], sent[other]] = [sent[other]!, sent[index]!];
  }
  return sent;
}
