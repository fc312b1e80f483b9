import assert from "node:assert/strict";
import { loadConfig } from "../../config/load.ts";
import { format } from "../../src/metrics/rational.ts";
import { ioOf, load, problemsIn, TEST_KEY } from "./support.ts";

const env = { STRIPE_SECRET_KEY: TEST_KEY };
const RATES = "Date,USD\n2026-03-09,1.20\n";
const figures = (text: string) => `figures:\n  reporting-currency: usd\n${text}`;
/** Days from 1970 to 2026-03-09. */
const DAY = 20_521;

Deno.test("rates are read from data/rates.csv where they are, and the file is followed", async () => {
  const files = { "glance.yml": figures(""), "data/rates.csv": RATES };
  const loaded = await load({ env, files });
  const { quotes } = loaded.settings.figures.reporting!;
  assert.equal(format(quotes!.perEuro("usd", DAY)!), "6/5");
  assert.deepEqual(loaded.files, ["glance.yml", "data/rates.csv"]);
});

Deno.test("without that file there are no daily rates, and it is followed for when it comes", async () => {
  const loaded = await load({ env, files: { "glance.yml": figures("") } });
  assert.equal(loaded.settings.figures.reporting!.quotes, undefined);
  assert.deepEqual(loaded.files, ["glance.yml", "data/rates.csv"]);
});

Deno.test("a file that the configuration names must be there, and be one of rates", async () => {
  const text = figures("  rates-file: rates.csv\n");
  assert.deepEqual(await problemsIn(load({ env, files: { "glance.yml": text } })), [
    "glance.yml, line 3, column 15: figures.rates-file: rates.csv: there is no such file; " +
    "glance rates:import FILE writes it",
  ]);
  const files = { "glance.yml": text, "rates.csv": "Date,USD\n2026-03-09,-1\n" };
  assert.deepEqual(await problemsIn(load({ env, files })), [
    "glance.yml, line 3, column 15: figures.rates-file: rates.csv, line 2, column 12: " +
    'must be a number above 0 or N/A: it is "-1"',
  ]);
});

Deno.test("the command that writes the file is not kept from it by the file", async () => {
  const files = { "glance.yml": figures("  rates-file: rates.csv\n") };
  const { settings } = await loadConfig({ ...ioOf({ env, files }), skipRates: true });
  assert.equal(settings.figures.reporting!.ratesFile, "rates.csv");
});

Deno.test("rates-file needs a reporting currency", async () => {
  const files = { "glance.yml": "figures:\n  rates-file: rates.csv\n" };
  assert.deepEqual(await problemsIn(load({ env, files })), [
    "glance.yml, line 2, column 15: figures.rates-file: needs reporting-currency beside it",
  ]);
});
