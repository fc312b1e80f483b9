/** A page that Stripe refuses costs its own stretch at most, is said, and is asked for again. */
import assert from "node:assert/strict";
import { createCompany, createSimulator, type Simulator } from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { reasonText } from "../../src/widgets/reasons.ts";
import { DAY, follow, NOW } from "./harness.ts";

type Refuses = (url: URL) => boolean;

/** A Stripe that answers 400 where `refuses` says so. */
function refusing(simulator: Simulator, refuses: Refuses): Simulator {
  const body = { error: { type: "invalid_request_error", message: "No such object: 'in_1'" } };
  return {
    ...simulator,
    fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      if (refuses(url)) return Promise.resolve(Response.json(body, { status: 400 }));
      return simulator.fetch(input, init);
    },
  };
}

const company = createCompany({ now: NOW, customers: 60, seed: 4 });
const simulator = () => createSimulator({ source: company.source });

function invoicesIn(store: SourceStore): number {
  return [...store.standings()].reduce(
    (sum, { sub }) => sum + (store.history(sub.id)?.invoices.length ?? 0),
    0,
  );
}

const isInvoices = ({ pathname }: URL) => pathname === "/v1/invoices";

async function whole(): Promise<number> {
  await using followed = follow({ simulator: simulator() });
  await followed.until(() => followed.store.status.historyDone);
  return invoicesIn(followed.store);
}

Deno.test("an invoice page that is refused once is begun anew, and nothing is missing", async () => {
  let refusals = 0;
  const served = refusing(
    simulator(),
    (url) => isInvoices(url) && url.searchParams.has("starting_after") && refusals++ === 0,
  );
  await using followed = follow({ simulator: served });
  const { store } = followed;
  await followed.until(() => store.status.historyDone);
  assert.ok(refusals > 0);
  assert.equal(invoicesIn(store), await whole());
  assert.deepEqual([store.status.reasons, store.status.paymentsRead], [[], true]);
});

Deno.test("a stretch that stays refused is said, the rest is read, and it is asked for again", async () => {
  let broken = true;
  const served = refusing(
    simulator(),
    (url) =>
      broken && isInvoices(url) && url.searchParams.has("created[lt]") &&
      Number(url.searchParams.get("created[lt]")) < NOW - 100 * DAY,
  );
  await using followed = follow({ simulator: served });
  const { store } = followed;
  await followed.until(() => store.status.historyDone);
  assert.ok(invoicesIn(store) > 0);
  assert.deepEqual(store.status.reasons, ["invoices_refused"]);
  assert.match(reasonText("invoices_refused"), /^Stripe refuses a page of the invoices/);
  assert.equal(store.invoiceReading()?.what, "all");
  broken = false;
  await followed.until(() => store.status.reasons.length === 0, 700);
  assert.equal(invoicesIn(store), await whole());
  assert.equal(store.status.paymentsRead, true);
});

Deno.test("a refused listing of events or of money is said too, and tried again", async () => {
  for (
    const [path, reason] of [["/v1/events", "past_unread"], [
      "/v1/balance_transactions",
      "money_unread",
    ]] as const
  ) {
    let broken = true;
    const served = refusing(
      simulator(),
      (url) => broken && url.pathname === path && url.searchParams.has("created[lt]"),
    );
    await using followed = follow({ simulator: served, pollSeconds: 600 });
    const { store } = followed;
    await followed.until(() => store.status.reasons.includes(reason), 300);
    broken = false;
    await followed.until(() => !store.status.reasons.includes(reason), 700);
    assert.equal(store.status.historyDone, true);
  }
});
