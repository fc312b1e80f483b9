/**
 * The company of the demo: it lives on while it is shown, and keeps its own books.
 *
 * @module
 */
import type { Logger } from "../observability/log.ts";
import {
  type Books,
  createCompany,
  createSimulator,
  liveOn,
  type Simulator,
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
}

export function foundDemoCompany({ key, now, log }: DemoCompanyOptions): DemoCompany {
  const company = createCompany({ seed: 1, now: now() });
  let books = company.books();
  let changedAt = 0;
  const living = liveOn(company, {
    now,
    onStep(step) {
      books = company.books();
      changedAt = now();
      log.info(step.text, { customer: step.customer, subscription: step.subscription });
    },
  });
  return {
    simulator: createSimulator({ source: company.source, key }),
    books: () => books,
    changedAt: () => changedAt,
    stop: living.stop,
  };
}
