/** Closed months on the page and in the interface. */
import assert from "node:assert/strict";
import { PRESETS } from "../../src/metrics/options.ts";
import { settingsFrom, startLiveDashboard } from "../support/dashboard.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);

Deno.test("another definition restates closed months: by how much, and by whom", async () => {
  const price = makePrice({ id: "price_a", product: "prod_a", unit_amount: 2900 });
  const ending = makeSubscription({
    id: "sub_1",
    customer: "cus_1",
    created: NOW - 100 * DAY,
    lines: [makeItem({ id: "si_1", price, current_period_end: NOW + 300 * DAY })],
    cancel_at_period_end: true,
    canceled_at: NOW - 98 * DAY,
  });
  const staying = makeSubscription({
    id: "sub_2",
    customer: "cus_2",
    created: NOW - 100 * DAY,
    lines: [makeItem({ id: "si_2", price })],
  });
  const simulator = createSimulator({
    objects: { prices: [price], subscriptions: [ending, staying] },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  await dashboard.until(({ closedMonths, calendar }) =>
    closedMonths.month(monthBefore(calendar.timeZone)) !== undefined
  );
  const rows = async (): Promise<readonly Row[]> =>
    (await dashboard.json("/api/v1/movements")).data ?? [];
  const before = await rows();
  const closed = before.filter((row) => row.closed);
  assert.ok(closed.length >= 2);
  assert.ok(closed.every(({ restatedBy }) => restatedBy === null));
  assert.equal(before.at(-1)!.closed, false);

  const settings = await settingsFrom({
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:9",
  });
  const figures = {
    ...settings.figures,
    preset: "chartmogul",
    options: PRESETS.chartmogul,
  } as const;
  await dashboard.server.reload({ ...settings, figures });
  const after = await rows();
  const restated = after.filter(({ restatedBy }) => restatedBy !== null);
  assert.ok(restated.length >= 2);
  assert.ok(restated.every(({ restatedBy, closed }) => restatedBy === 2900 && closed));
  const page = await (await dashboard.get("/")).text();
  assert.match(page, /closed months were restated/);
  const explained = await (await dashboard.get("/explain/restated")).text();
  assert.match(explained, /cus_1/);
  assert.doesNotMatch(explained, /cus_2/);
  assert.match(explained, /another definition/);
});

interface Row {
  readonly closed: boolean;
  readonly restatedBy: number | null;
}

/** The month two before this one: closed on every day of a month. */
function monthBefore(timeZone: string): string {
  return Temporal.Now.plainDateISO(timeZone).with({ day: 1 }).subtract({ months: 2 }).toString()
    .slice(0, 7);
}
