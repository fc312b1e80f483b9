/** What every store promises, whatever it keeps its rows in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { dayKey } from "../../src/metrics/calendar.ts";
import { MissingRateError } from "../../src/metrics/fx.ts";
import { mrr } from "../../src/metrics/mrr.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { add, format, ZERO } from "../../src/metrics/rational.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import type { SourceInfo, SourceStore } from "../../src/store/port.ts";
import {
  AT,
  DAY,
  itemOf,
  makeCoupon,
  makeDiscount,
  makePrice,
  makeSub,
} from "../metrics/fixture.ts";

export const INFO: SourceInfo = {
  name: "default",
  account: "acct_1",
  displayName: "Example",
  livemode: false,
  defaultCurrency: "usd",
  timeZone: "Europe/Berlin",
  preset: "stripe",
  options: PRESETS.stripe,
};

/** A store with `dispose`, where it holds something open. */
export type MakeStore = (
  info: SourceInfo,
) => Promise<SourceStore & Partial<AsyncDisposable>> | (SourceStore & Partial<AsyncDisposable>);

/** Values a subscription and records it. */
export function record(store: SourceStore, parts: Partial<Subscription>): void {
  const sub = makeSub(parts);
  const { standing, result } = standingOf(sub, AT, PRESETS.stripe, {}, false);
  store.record(standing, inferSegments(sub, AT, PRESETS.stripe, {}, result));
}

const ids = (standings: Iterable<{ readonly sub: Subscription }>) =>
  [...standings].map(({ sub }) => sub.id).sort();
const mrrOf = (store: SourceStore) => format(store.tally.total("usd", "mrr"));

/** @param test Declares a test, where it needs more than `Deno.test`. */
export function storeContract(
  name: string,
  makeStore: MakeStore,
  test: (name: string, run: () => Promise<void>) => void = Deno.test,
): void {
  function rule(sentence: string, run: (store: SourceStore) => void | Promise<void>): void {
    test(`${name}: ${sentence}`, async () => {
      const store = await makeStore(INFO);
      try {
        await run(store);
      } finally {
        await store[Symbol.asyncDispose]?.();
      }
    });
  }

  rule("another definition restates the closed months, customer by customer", (store) => {
    record(store, { customer: "cus_1", created: AT - 100 * DAY });
    store.closeMonths(AT);
    const [sub] = [...store.standings()].map(({ sub }) => sub);
    store.clearFigures();
    const options = { ...PRESETS.stripe, pastDue: "exclude" } as const;
    const changed = { ...sub!, status: "past_due" };
    const { standing } = standingOf(changed, AT, options, {}, false);
    store.record(standing, []);
    const rows = store.settleMovements(Infinity) === 0 ? store.closedMonths.restatements() : [];
    assert.deepEqual(
      rows.map(({ month, reported, now, cause }) =>
        [month, format(reported), format(now), cause].join(" ")
      ),
      ["2026-10 1000 0 definition", "2026-09 1000 0 definition", "2026-08 1000 0 definition"],
    );
    assert.equal(format(store.closedMonths.restatedBy("2026-10", "usd")!), "-1000");
  });

  rule(
    "everything is converted at the rates of its day, and new rates recount nothing",
    (store) => {
      store.setInfo({ ...INFO, reporting: { to: "usd", rates: {} } });
      store.clearFigures();
      record(store, {
        id: "sub_eur",
        customer: "cus_1",
        currency: "eur",
        created: AT - 20 * DAY,
        items: [itemOf(makePrice({ currency: "eur" }))],
      });
      store.publish();
      const today = store.calendar.dayOf(AT);
      const { movements } = store;
      const quote = (...rates: readonly string[]) => {
        const lines = rates.map((rate, age) => `${dayKey(today - age)},${rate}`);
        store.setQuotes(parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv"));
        store.publish();
      };
      const level = () => format(store.convertedMovements!.levelAt("usd", today).mrr);
      assert.throws(level, MissingRateError);
      const before = store.version;
      quote("1.2", "1.1");
      assert.equal(store.version, before + 1);
      const { fx, end } = store.convertedMovements!.period("usd", today, today + 1);
      assert.deepEqual([format(fx), format(end)], ["100", "1200"]);
      quote("1.3", "1.1");
      assert.equal(level(), "1300");
      assert.equal(store.movements, movements);
      assert.equal(store.convertedMovements, store.convertedMovements);
      store.setInfo({ ...INFO, reporting: null });
      assert.equal(store.convertedMovements, null);
    },
  );

  rule("a new store is connecting and has nothing", (store) => {
    assert.equal(store.status.phase, "connecting");
    assert.equal(store.status.asOf, null);
    assert.deepEqual(store.info, INFO);
    assert.equal(store.calendar.timeZone, "Europe/Berlin");
    assert.deepEqual(store.tally.currencies(), []);
    assert.deepEqual([...store.standings()], []);
    assert.deepEqual([store.unresolved(), store.unreadable()], [[], []]);
  });

  rule("the version grows by one with each publish that has something new", (store) => {
    const { version } = store;
    store.publish();
    assert.equal(store.version, version);
    store.setPrice(makePrice());
    record(store, {});
    assert.equal(store.version, version);
    store.publish();
    assert.equal(store.version, version + 1);
    store.publish();
    assert.equal(store.version, version + 1);
  });

  rule("every kind of change is one", (store) => {
    const changes: (() => void)[] = [
      () => store.setInfo({ ...INFO, displayName: "Other" }),
      () => store.setStatus({ phase: "live" }),
      () => store.setPrice(makePrice()),
      () => store.setCoupon(makeCoupon({ percent: 10 })),
      () => store.setProduct({ id: "prod_a", name: "A" }),
      () => store.setCustomerDiscount("cus_a", makeDiscount({ percent: 10 })),
      () => store.setPastDueSince("sub_a", AT),
      () => store.setInclusiveTax("sub_a", {}),
      () =>
        store.setUnreadable({
          kind: "subscription",
          id: "sub_x",
          problem: "id should be a text but is missing",
        }),
      () => record(store, {}),
      () => store.forget("sub_a"),
      () => store.clearFigures(),
    ];
    for (const change of changes) {
      const { version } = store;
      change();
      store.publish();
      assert.equal(store.version, version + 1, String(change));
    }
  });

  rule("subscribers hear of each new version until they leave", (store) => {
    const heard: number[] = [];
    const leave = store.subscribe(() => heard.push(store.version));
    const { version } = store;
    store.publish();
    record(store, {});
    store.publish();
    assert.deepEqual(heard, [version + 1]);
    leave();
    record(store, {});
    store.publish();
    assert.deepEqual(heard, [version + 1]);
  });

  rule("a status changes in the fields that are given", (store) => {
    store.setStatus({ phase: "live", asOf: AT });
    store.setStatus({ problem: "Stripe has not answered for a while" });
    const { phase, asOf, problem } = store.status;
    assert.deepEqual([phase, asOf, problem], ["live", AT, "Stripe has not answered for a while"]);
  });

  rule("a standing that is recorded again takes the place of the first, in every sum", (store) => {
    record(store, {});
    record(store, { items: [itemOf({ amount: 2500 })] });
    assert.equal(mrrOf(store), "2500");
    assert.equal(store.tally.active(), 1);
    assert.deepEqual(ids(store.standings()), ["sub_a"]);
    const today = store.calendar.dayOf(AT);
    assert.deepEqual(store.daily.closes("usd", today, today + 1).map(format), ["2500"]);
    assert.equal(format(store.segments("sub_a").at(-1)!.exact), "2500");
  });

  rule("what is forgotten is in no sum, list or day", (store) => {
    record(store, {});
    record(store, { id: "sub_b", itemsTruncated: true });
    record(store, { id: "sub_c", status: "past_due" });
    for (const id of ["sub_a", "sub_b", "sub_c", "sub_unknown"]) store.forget(id);
    assert.deepEqual([...store.standings()], []);
    assert.deepEqual([store.unresolved(), store.inStatus("past_due")], [[], []]);
    assert.deepEqual([...store.allSegments()], []);
    assert.deepEqual([store.tally.customers(), store.daily.firstDay()], [0, null]);
    assert.equal(store.standing("sub_a"), undefined);
  });

  rule("subscriptions that could not be valued are found, until they can be", (store) => {
    record(store, { itemsTruncated: true });
    assert.deepEqual(ids(store.unresolved()), ["sub_a"]);
    assert.equal(store.standing("sub_a")!.mrr, null);
    record(store, {});
    assert.deepEqual(ids(store.unresolved()), []);
  });

  rule("subscriptions in a status that few have are found by it", (store) => {
    record(store, { id: "sub_1", status: "trialing" });
    record(store, { id: "sub_2", status: "past_due" });
    record(store, { id: "sub_3" });
    assert.deepEqual(ids(store.inStatus("trialing")), ["sub_1"]);
    assert.deepEqual(ids(store.inStatus("past_due")), ["sub_2"]);
    assert.deepEqual(ids(store.inStatus("paused")), []);
    record(store, { id: "sub_1", status: "active" });
    assert.deepEqual(ids(store.inStatus("trialing")), []);
  });

  rule(
    "objects that are not understood are kept apart, once each, until they are read",
    (store) => {
      store.setUnreadable({ kind: "subscription", id: "sub_a", problem: "first" });
      store.setUnreadable({ kind: "subscription", id: "sub_a", problem: "second" });
      assert.deepEqual(store.unreadable(), [{
        kind: "subscription",
        id: "sub_a",
        problem: "second",
      }]);
      record(store, {});
      assert.deepEqual(store.unreadable(), []);
      store.setUnreadable({ kind: "price", id: "price_a", problem: "first" });
      store.clearUnreadable("price_a");
      store.clearUnreadable("price_unknown");
      assert.deepEqual(store.unreadable(), []);
    },
  );

  rule("the mirror gives back what was put in, and forgets what is taken out", (store) => {
    const price = makePrice();
    const coupon = makeCoupon({ percent: 10 });
    const discount = makeDiscount({ percent: 10 });
    store.setPrice(price);
    store.setCoupon(coupon);
    store.setProduct({ id: "prod_a", name: "Plan A" });
    store.setCustomerDiscount("cus_a", discount);
    store.setPastDueSince("sub_a", AT);
    store.setInclusiveTax("sub_a", { si_a: ZERO });
    assert.deepEqual(store.price("price_a"), price);
    assert.deepEqual(store.coupon("coupon_a"), coupon);
    assert.deepEqual(store.product("prod_a"), { id: "prod_a", name: "Plan A" });
    assert.deepEqual(store.customerDiscount("cus_a"), discount);
    assert.equal(store.pastDueSince("sub_a"), AT);
    assert.deepEqual(store.inclusiveTax("sub_a"), { si_a: ZERO });
    store.setCustomerDiscount("cus_a", null);
    store.setPastDueSince("sub_a", null);
    assert.equal(store.customerDiscount("cus_a"), undefined);
    assert.equal(store.pastDueSince("sub_a"), undefined);
    assert.equal(store.price("price_x"), undefined);
  });

  rule(
    "figures that are cleared begin anew in the zone that is now in force; the mirror stays",
    (store) => {
      store.setPrice(makePrice());
      record(store, {});
      store.setInfo({ ...INFO, timeZone: "Asia/Tokyo" });
      store.clearFigures();
      assert.equal(store.calendar.timeZone, "Asia/Tokyo");
      assert.deepEqual([mrrOf(store), [...store.standings()].length], ["0", 0]);
      assert.ok(store.price("price_a"));
      record(store, {});
      assert.equal(mrrOf(store), "1000");
    },
  );

  rule(
    "after any changes the sums are those of what is left, and the close of today is MRR",
    (store) => {
      const change = fc.record({
        id: fc.integer({ min: 1, max: 5 }).map((id) => `sub_${id}`),
        amount: fc.integer({ min: 0, max: 5000 }),
        status: fc.constantFrom("active", "past_due", "trialing", "canceled"),
        forget: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(change, { maxLength: 15 }), (changes) => {
          for (const { id } of [...store.standings()].map(({ sub }) => sub)) store.forget(id);
          for (const { id, amount, status, forget } of changes) {
            if (forget) store.forget(id);
            else {record(store, {
                id,
                status,
                endedAt: status === "canceled" ? AT - DAY : null,
                items: [itemOf({ amount })],
              });}
          }
          const expected = [...store.standings()].reduce((sum, { sub }) => {
            const result = mrr(sub, AT, PRESETS.stripe);
            return result.kind === "value" ? add(sum, result.amount) : sum;
          }, ZERO);
          const today = store.calendar.dayOf(AT);
          assert.equal(mrrOf(store), format(expected));
          assert.deepEqual(store.daily.closes("usd", today, today + 1), [expected]);
        }),
        { numRuns: 60 },
      );
    },
  );
}
