/** The Telegraf example asks for what is answered. */
import assert from "node:assert/strict";
import { createSimulator } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { ROOT } from "../support/program.ts";

Deno.test("the address in the Telegraf example is answered in the format that it reads", async () => {
  const text = await Deno.readTextFile(new URL("deploy/timeseries/telegraf.conf", ROOT));
  const address = new URL(/urls = \["(http[^"]+\/api\/v1\/[^"]+)"\]/.exec(text)![1]!);
  assert.match(text, /data_format = "influx"/);
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  const response = await dashboard.get(`${address.pathname}${address.search}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/plain/);
  await response.body?.cancel();
});
