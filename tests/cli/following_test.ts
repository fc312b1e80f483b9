/** What a follower says while the database does not answer, and that it says so no longer after. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { createFollower } from "../../src/cli/following.ts";
import { createLogger } from "../../src/observability/log.ts";
import { encodeFact } from "../../src/store/codec.ts";
import type { FactKind } from "../../src/store/journal.ts";
import type { Facts, PostgresSource } from "../../src/store/postgres/source.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { makeInfo } from "../sync/harness.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

/** A follower of a holder that has said how it is doing, and can say so again. */
async function followed() {
  let version = 0;
  let said: string | null = null;
  const facts = (): Facts => ({
    version,
    size: said === null ? 0 : 1,
    opening: () => null,
    facts: (kind: FactKind) =>
      kind === "shown" && said !== null ? [{ kind, id: "", body: said }] : [],
  });
  const source = {
    load: () => Promise.resolve(facts()),
    changesSince(since: number) {
      const none = { ...facts(), size: 0, facts: () => [] };
      return Promise.resolve(since < version ? facts() : none);
    },
    inbox: () => Promise.resolve({ open: [], recent: [], total: 0 }),
  } as unknown as PostgresSource;
  const say = (status: object) => {
    version++;
    said = encodeFact(status);
  };
  const follower = await createFollower(source, {
    account: ACCOUNT,
    clock: createFakeClock(),
    log: LOG,
    info: () => makeInfo(),
    onStore: () => {},
    pause: () => Promise.resolve(),
    warm: function* () {},
  });
  const status = () => follower.now().store.status;
  return { follower, say, status };
}

const LIVE = { phase: "live", asOf: 1_000, staleSince: null };

Deno.test("a follower is stale while the database does not answer, and not after", async () => {
  const { follower, say, status } = await followed();
  say(LIVE);
  await follower.catchUp();
  assert.deepEqual([status().storageProblem, status().staleSince], [null, null]);
  for (let hiccup = 0; hiccup < 2; hiccup++) {
    follower.sayProblem("PostgreSQL cannot be reached");
    follower.sayProblem("PostgreSQL is starting");
    assert.deepEqual(
      [status().storageProblem, status().staleSince],
      ["PostgreSQL is starting", 1_000],
    );
    await follower.catchUp();
    follower.sayProblem(null);
    assert.deepEqual([status().storageProblem, status().staleSince], [null, null]);
  }
});

Deno.test("after a hiccup a follower shows what the holder said meanwhile", async () => {
  const { follower, say, status } = await followed();
  say({ ...LIVE, staleSince: 900 });
  await follower.catchUp();
  follower.sayProblem("PostgreSQL cannot be reached");
  assert.equal(status().staleSince, 900, "stale since before");
  say(LIVE);
  await follower.catchUp();
  follower.sayProblem(null);
  assert.equal(status().staleSince, null, "the holder confirmed its figures");
  follower.sayProblem("PostgreSQL cannot be reached");
  say({ ...LIVE, staleSince: 1_000 });
  await follower.catchUp();
  follower.sayProblem(null);
  assert.equal(status().staleSince, 1_000, "the holder lost Stripe meanwhile");
});
