/**
 * The company of the demo: it lives on while it is shown, and keeps its own books.
 *
 * @module
 */
import type { Logger } from "../observability/log.ts";
import {
  type Books,
  createCompany,
  createEventTap,
  createSimulator,
  liveOn,
  signWebhook,
  type Simulator,
  type Webhook,
} from "../simulator/mod.ts";

export interface DemoCompany {
  readonly simulator: Simulator;
  books(): Books;
  /** Unix seconds of its last step. */
  changedAt(): number;
  stop(): void;
}

export interface DemoCompanyOptions {
  /** The key that its account takes. */
  readonly key: string;
  /** Unix seconds. */
  readonly now: () => number;
  /** Told of each step. */
  readonly log: Logger;
  /** The secret that its webhooks are signed with. */
  readonly secret: string;
  /** Delivers a webhook; there is nobody to deliver to at first. */
  readonly deliver: (webhook: Webhook) => Promise<void>;
}

export function foundDemoCompany(options: DemoCompanyOptions): DemoCompany {
  const { key, now, log, secret } = options;
  const company = createCompany({ seed: 1, now: now() });
  const newEvents = createEventTap(company.source);
  let books = company.books();
  let changedAt = 0;

  async function sendWebhooks(): Promise<void> {
    for (const event of newEvents()) {
      await options.deliver(await signWebhook(event, { secrets: [secret], timestamp: now() }));
    }
  }

  const living = liveOn(company, {
    now,
    onStep(step) {
      books = company.books();
      changedAt = now();
      log.info(step.text, { customer: step.customer, subscription: step.subscription });
      // What cannot be delivered is found in the list of events.
      sendWebhooks().catch((error) => log.debug("webhook not delivered", { error }));
    },
  });
  return {
    simulator: createSimulator({ source: company.source, key }),
    books: () => books,
    changedAt: () => changedAt,
    stop: living.stop,
  };
}
