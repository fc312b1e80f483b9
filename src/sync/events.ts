/**
 * Follows the list of Stripe's events, which webhooks only anticipate: what it has and the inbox
 * lacks is put there (metrics.md D.4.9).
 *
 * @module
 */
import type { InboxEvent } from "../store/inbox.ts";
import type { SourceStore } from "../store/port.ts";
import type { StripePage } from "../stripe/client.ts";
import { idIn, ShapeError } from "../stripe/shape.ts";
import type { BackfillContext } from "./backfill.ts";
import { readEvent } from "./event.ts";
import { createPageTurn } from "./page_turn.ts";
import { aboutOf } from "./unreadable.ts";

/** Events may appear late, so the last hour is looked at again (metrics.md D.4.9). */
const OVERLAP_SECONDS = 3600;
/** How often the whole overlap is read again; polls in between stop at a page they know. */
const WHOLE_OVERLAP_SECONDS = 600;

/** Stripe keeps events for 30 days; after a longer absence everything is listed again. */
export const RESUME_SECONDS_MAX = 29 * 86_400;

export interface EventFollower {
  /** Notes where the events stand; what comes later will be followed. */
  begin(): Promise<void>;
  /** Goes on from where the list was read up to (Unix seconds). */
  resume(last: number): void;
  /** Finds and applies what changed since; returns how many objects. @throws {StripeFault} */
  poll(): Promise<number>;
}

/** The event, or `null` where it is of another shape than is known; that is noted. */
function tryEvent(store: SourceStore, value: unknown): InboxEvent | null {
  try {
    return readEvent(value);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const about = aboutOf("event", value);
    store.setUnreadable({
      kind: "event",
      id: idIn(value) ?? "event without an id",
      problem: error.message,
      ...about,
    });
    return null;
  }
}

/**
 * @param deliver Puts events, oldest first, into the inbox and resolves once they are applied, with
 *   how many objects were; its faults are those of the poll.
 */
export function createEventFollower(
  context: BackfillContext,
  deliver: (events: readonly InboxEvent[]) => Promise<number>,
): EventFollower {
  const { client, clock, store } = context;
  const known = new Map<string, number>();
  let floor = 0;
  let newest = 0;
  let wholeAt = 0;
  const seconds = () => Math.floor(clock.now() / 1000);

  function forgetOld(): void {
    for (const [id, created] of known) {
      if (created < newest - 2 * OVERLAP_SECONDS) known.delete(id);
    }
  }

  async function unseen(whole: boolean): Promise<InboxEvent[]> {
    const found: InboxEvent[] = [];
    const since = Math.max(floor, newest - OVERLAP_SECONDS);
    const turn = createPageTurn("/v1/events");
    let after: string | null = null;
    while (true) {
      const page: StripePage = await client.list("/v1/events", {
        limit: 100,
        "created[gte]": since,
        ...(after === null ? {} : { starting_after: after }),
      });
      const fresh = page.data.filter((value) => !known.has(idIn(value) ?? ""));
      for (const value of fresh) {
        const event = tryEvent(store, value);
        if (event) found.push(event);
        // Of those there are few: they are known for good.
        else known.set(idIn(value) ?? "", Infinity);
      }
      if (!whole && fresh.length === 0) return found;
      after = turn(page);
      if (after === null) return found;
    }
  }

  return {
    async begin() {
      const page = await client.list("/v1/events", { limit: 1 });
      const last = page.data[0] === undefined ? null : tryEvent(store, page.data[0]);
      // The server's clock may be another one: where it has no event yet, all will be new.
      newest = last?.created ?? 0;
      if (last) store.setStatus({ lastEventAt: newest, eventsReadTo: newest });
      floor = newest;
      known.clear();
      wholeAt = seconds();
    },
    resume(last) {
      newest = last;
      floor = last - OVERLAP_SECONDS;
      known.clear();
      // Webhooks may have brought the newest page while an older one is missing.
      wholeAt = -Infinity;
    },
    async poll() {
      const whole = seconds() - wholeAt >= WHOLE_OVERLAP_SECONDS;
      const events = (await unseen(whole)).sort((a, b) => a.created - b.created);
      const objects = await deliver(events);
      // Only now: a failed poll leaves the events to the next one.
      for (const { id, created } of events) {
        known.set(id, created);
        newest = Math.max(newest, created);
      }
      if (whole) wholeAt = seconds();
      forgetOld();
      if (newest > (store.status.eventsReadTo ?? 0)) store.setStatus({ eventsReadTo: newest });
      return objects;
    },
  };
}
