/**
 * Every way of counting over companies with every case (metrics.md A.1, B.6 steps 2.5 and 2.8):
 * what invoices and events lead to is the live value, and what cannot be known is marked and dated
 * where it must have happened.
 */
import { assertNone, compareNow, readCompany } from "./true_history.ts";
import { WAYS } from "./ways.ts";

for (let seed = 1; seed <= 10; seed++) {
  Deno.test(`under every option the rebuilt past ends in the live value, and moves nothing on the day of installation (company ${seed})`, async () => {
    await using known = await readCompany(seed, 40);
    assertNone(WAYS.flatMap((way) => compareNow(known, way)));
  });
}
