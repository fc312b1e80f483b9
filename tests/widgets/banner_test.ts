/** One banner a page: which one, of which account, in which words (pages.md, Frame). */
import assert from "node:assert/strict";
import type { SourceInfo, SyncStatus } from "../../src/store/port.ts";
import { WIDGET_TYPES } from "../../src/widgets/config.ts";
import { BANNER_CODES, bannerOf } from "../../src/widgets/banner.ts";
import { readQuery } from "../../src/widgets/query.ts";
import { REASON_CODES, reasonText } from "../../src/widgets/reasons.ts";
import { widgetModel } from "../../src/widgets/registry.ts";
import { AT, itemOf } from "../metrics/fixture.ts";
import { contextOf, storeOf } from "./fixture.ts";

const HOUR = 3600;

function account(
  status: Partial<SyncStatus>,
  info: Partial<SourceInfo> = {},
  currencies: readonly string[] = ["usd"],
) {
  const subs = currencies.map((currency) => ({
    currency,
    items: [itemOf({ id: `price_${currency}`, currency, amount: 2900 })],
  }));
  const store = storeOf(subs, info);
  store.setStatus({ historyDone: true, paymentsRead: true, ...status });
  for (const list of ["payout", "dispute", "schedule"] as const) {
    store.money.setListRead(list, true);
  }
  store.money.setCashReading({ ...store.money.cashReading, done: true });
  return contextOf(store);
}

const QUIET = account({});

function bannerAt(parts: Partial<Parameters<typeof bannerOf>[0]>) {
  return bannerOf({ shown: [QUIET], others: [], configuration: null, sourcesPage: true, ...parts });
}

const HISTORY = {
  month: 9,
  months: 24,
  done: 1,
  estimated: 2,
  ratePerSecond: 1,
  secondsLeft: 1,
};

/** The state in which each banner is shown. */
const STATES: Readonly<Record<string, Partial<Parameters<typeof bannerOf>[0]>>> = {
  key_rejected: { shown: [account({ phase: "key_rejected" })] },
  permission_missing: { shown: [account({ phase: "permission_missing" })] },
  stripe_away: { shown: [account({ staleSince: AT })] },
  database_failing: { shown: [account({ storageProblem: "The disk is full" })] },
  configuration: { configuration: { message: "pages is empty", where: "glance.yml, line 3" } },
  movements_differ: { shown: [account({ identityProblem: "2026-11-03 usd" })] },
  nothing_matches: { shown: [contextOf(storeOf([{}]), { plan: "price_none" })] },
  dates_ignored: { shown: [contextOf(storeOf([{}]), { dates: ["from", "to"] })] },
  incomplete: { shown: [account({ reasons: ["past_unread"] })] },
  in_memory: { shown: [account({ stored: false }, { livemode: true })] },
  rebuilding: { shown: [account({ phase: "history", historyDone: false, history: HISTORY })] },
  several_currencies: { shown: [account({}, {}, ["usd", "eur", "gbp"])] },
};

Deno.test("every banner has a state that shows it, and an account without a fault has none", () => {
  assert.deepEqual(Object.keys(STATES), BANNER_CODES);
  for (const [code, input] of Object.entries(STATES)) {
    assert.equal(bannerAt(input)?.code, code);
  }
  assert.equal(bannerAt({}), null);
});

Deno.test("of several faults the most urgent is the banner: the order is fixed", () => {
  const all = account({
    phase: "key_rejected",
    staleSince: AT,
    storageProblem: "The disk is full",
    identityProblem: "2026-11-03 usd",
    reasons: ["past_unread"],
  });
  assert.equal(bannerAt({ shown: [all] })?.code, "key_rejected");
  const codes = Object.keys(STATES);
  codes.slice(0, -1).forEach((code, index) => {
    const [urgent, less] = [STATES[code]!, STATES[codes[index + 1]!]!];
    const shown = [...less.shown ?? [], ...urgent.shown ?? []];
    const configuration = urgent.configuration ?? less.configuration ?? null;
    assert.equal(
      bannerAt({ shown: shown.length > 0 ? shown : [QUIET], configuration })?.code,
      code,
    );
  });
});

Deno.test("Stripe away: what is wrong, of when the figures are, when the next try is", () => {
  const away = account({
    asOf: AT - 4 * HOUR,
    staleSince: AT - 4 * HOUR,
    problem: "Stripe is not answering (HTTP 500). Next try in 40 s",
  });
  assert.deepEqual(bannerAt({ shown: [away] }), {
    code: "stripe_away",
    severity: "warn",
    sentence:
      "Stripe is not answering (HTTP 500). Figures are from 14 Nov, 20:00. Next try in 40 s",
    action: { text: "See sources", href: "/sources" },
  });
  const never = account({ asOf: null, phase: "connecting", problem: "Stripe is not answering" });
  assert.equal(
    bannerAt({ shown: [never], sourcesPage: false })?.sentence,
    "Stripe is not answering. There are no figures yet",
  );
  assert.equal(bannerAt({ shown: [never], sourcesPage: false })?.action, undefined);
});

Deno.test("a rejected key of an account on no page is the banner of every page, by its name", () => {
  const rejected = account({ phase: "key_rejected", problem: "Stripe rejects the key" }, {
    name: "eu",
    displayName: "Acme EU",
  });
  assert.deepEqual(bannerAt({ others: [rejected] }), {
    code: "key_rejected",
    severity: "broken",
    sentence: "Acme EU: Stripe rejects the key",
    action: {
      text: "Open keys at Stripe",
      href: "https://dashboard.stripe.com/apikeys/create",
    },
  });
  assert.equal(
    bannerAt({ shown: [rejected], others: [rejected] })?.sentence,
    "Acme EU: Stripe rejects the key. 1 more account the same",
  );
  // What makes only its own figures incomplete is no matter of a page that does not show them.
  assert.equal(bannerAt({ others: [account({ reasons: ["past_unread"] })] }), null);
});

Deno.test("dates on a page's address are not ignored in silence", () => {
  const asked = readQuery(new URLSearchParams("from=2026-01-01&at=2026-02-01&period=30d"));
  assert.equal(
    bannerAt({ shown: [contextOf(storeOf([{}]), asked)] })?.sentence,
    "This page does not take from, at: its figures are of now and of the chosen period. " +
      "The JSON interface takes dates: /api/v1/revenue",
  );
  assert.deepEqual(readQuery(new URLSearchParams("period=30d")).dates, []);
});

Deno.test("several currencies without rates: how many, and what adds them up", () => {
  assert.equal(
    bannerAt(STATES.several_currencies!)?.sentence,
    "3 currencies, not added up. To add them up in USD, set figures.reporting-currency: usd " +
      "and run glance rates:import",
  );
});

Deno.test("each reason is said once: in the banner, or at the widgets whose figures it is of", () => {
  const marks: Record<string, readonly string[]> = {};
  for (const code of REASON_CODES) {
    const context = account({ reasons: [code] });
    marks[code] = WIDGET_TYPES.filter((type) => {
      const { state } = widgetModel(context, { id: "main-1", type });
      if (state.kind === "partial") assert.equal(state.reason, reasonText(code));
      return state.kind === "partial";
    });
    const sentence = bannerAt({ shown: [context] })?.sentence;
    assert.equal(sentence, marks[code].length === 0 ? reasonText(code) : undefined, code);
  }
  assert.deepEqual(marks, {
    backfill_running: [],
    coupons_unread: [],
    customer_discounts_unread: [],
    invoices_refused: [],
    past_unread: [],
    events_unread: [],
    money_unread: ["cash", "failed-payments", "renewals"],
    payments_unread: ["failed-payments", "renewals"],
    payments_behind: ["failed-payments", "renewals"],
    cash_unread: ["cash"],
    cash_behind: ["cash"],
    payouts_unread: ["cash"],
    payouts_behind: ["cash"],
    disputes_unread: ["cash"],
    disputes_behind: ["cash"],
    schedules_unread: ["forecast"],
    schedules_behind: ["forecast"],
  });
});
