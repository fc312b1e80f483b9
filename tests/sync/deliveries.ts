/** Webhooks of a company, delivered well or badly, into a source that follows it. */
import { type Company, createEventTap, type Dice, disordered } from "../../src/simulator/mod.ts";
import { readEvent } from "../../src/sync/event.ts";
import type { Followed } from "./harness.ts";

export interface Postman {
  /** Delivers what happened since the last time, as a bad day would. */
  deliver(dice: Dice): Promise<void>;
  /** Delivers all of it, once, in order. */
  deliverAll(): Promise<void>;
  /** Leaves it to the list of events. */
  lose(): void;
}

export function createPostman({ source }: Company, followed: Followed): Postman {
  const tap = createEventTap(source);
  const { store, clock } = followed;
  async function bring(events: readonly unknown[]): Promise<void> {
    for (const event of events) {
      await store.inbox.receive(readEvent(event), "webhook", clock.now());
    }
    await clock.settle();
  }
  return {
    deliver: (dice) => bring(disordered(tap(), dice)),
    deliverAll: () => bring(tap()),
    lose: () => void tap(),
  };
}
