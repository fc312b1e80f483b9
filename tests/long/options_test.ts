/**
 * Every way of counting over many companies with every case, and their whole past: what the short
 * suite does with ten (tests/sync/options_test.ts) and with one (tests/sync/history_test.ts).
 */
import { assertNone, compareMonths, compareNow, readCompany } from "../sync/true_history.ts";
import { WAYS } from "../sync/ways.ts";

const COMPANIES = 200;
const ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"] as const;
/** The first company of this campaign; the short suite has those before. */
const FIRST = 11;

for (let seed = FIRST; seed < FIRST + COMPANIES; seed++) {
  Deno.test(`under every option the rebuilt past is the true one and ends in the live value (company ${seed})`, async () => {
    await using known = await readCompany(seed, 60);
    const timeZone = ZONES[seed % ZONES.length]!;
    const faults = WAYS.flatMap((way) => [
      ...compareMonths(known, { way, timeZone }).faults,
      ...compareNow(known, way),
    ]);
    assertNone(faults);
  });
}
