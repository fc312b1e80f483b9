/** `glance rates:import`: the European Central Bank's file into ours. */
import assert from "node:assert/strict";
import { importRates, type RatesFiles } from "../../src/cli/rates_import.ts";

const HIST = "Date,USD,GBP,\n2026-03-09,1.20,0.85,\n2026-03-06,1.10,N/A,\n";

function filesOf(contents: Record<string, string>): RatesFiles {
  return {
    read: (path) =>
      contents[path] === undefined
        ? Promise.reject(new Deno.errors.NotFound(path))
        : Promise.resolve(contents[path]),
    write(path, text) {
      contents[path] = text;
      return Promise.resolve();
    },
  };
}

Deno.test("the bank's history is kept oldest first, and what was taken is told", async () => {
  const contents: Record<string, string> = {};
  const said = await importRates(HIST, "hist.csv", "data/rates.csv", filesOf(contents));
  assert.equal(
    contents["data/rates.csv"],
    "Date,USD,GBP\n2026-03-06,1.10,N/A\n2026-03-09,1.20,0.85\n",
  );
  assert.equal(
    said,
    "Took 2 days of 2 currencies, 2026-03-06 to 2026-03-09: " +
      "data/rates.csv has 2 days up to 2026-03-09",
  );
});

Deno.test("a short file adds to a long history", async () => {
  const contents = { "r.csv": "Date,USD\n2026-03-05,1.05\n2026-03-06,1.09\n" };
  await importRates(HIST, "hist.csv", "r.csv", filesOf(contents));
  assert.equal(
    contents["r.csv"],
    "Date,USD,GBP\n2026-03-05,1.05,N/A\n2026-03-06,1.10,N/A\n2026-03-09,1.20,0.85\n",
  );
});

Deno.test("a file that is no table of rates changes nothing and says where it is wrong", async () => {
  const contents = { "r.csv": "Date,USD\n2026-03-05,1.05\n" };
  await assert.rejects(
    importRates("Date,USD\n2026-03-06,1,10\n", "hist.csv", "r.csv", filesOf(contents)),
    { message: "hist.csv, line 2, column 14: there are more cells than currencies" },
  );
  await assert.rejects(
    importRates("<html>", "hist.csv", "r.csv", filesOf(contents)),
    { message: "hist.csv, line 1, column 1: the first line must be Date,USD,JPY,…" },
  );
  assert.equal(contents["r.csv"], "Date,USD\n2026-03-05,1.05\n");
});
