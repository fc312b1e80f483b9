/** Changes that are hard to read: within a second, at a renewal, of one item of many. */
import { between, roll } from "../../random.ts";
import { addMonths, DAY } from "../calendar.ts";
import {
  GRADUATED_MONTHLY,
  GRADUATED_YEARLY,
  MODULES_MONTHLY,
  MODULES_YEARLY,
  SEAT_FORTNIGHTLY,
  SEAT_MONTHLY,
  SEAT_TEN_DAYS,
  SEAT_WEEKLY,
  SEAT_YEARLY,
  VOLUME_MONTHLY,
  VOLUME_YEARLY,
} from "./catalogue.ts";
import {
  type Act,
  actOfQuantity,
  awayFromRenewals,
  type Case,
  oneOf,
  renewingAtTarget,
  type Script,
  type Stage,
  withinPeriod,
} from "./script.ts";

function seats(
  stage: Stage,
  at: number,
  quantity: number,
  acts: readonly Act[],
  traits: Script["traits"] = {},
): Script {
  return { at, items: [[stage.yearly ? SEAT_YEARLY : SEAT_MONTHLY, quantity]], traits, acts };
}

/** A renewal with prorations of no length: the change came first within its second. */
const zeroLength: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  return { scripts: [seats(stage, at, 2, [actOfQuantity(renewal, 4, "changed_at_renewal")])] };
};

/** A change right after a renewal, within its second. */
const onRenewal: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  return { scripts: [seats(stage, at, 2, [actOfQuantity(renewal, oneOf(stage, [5, 1]))])] };
};

/** Changes that cancel out within a second: nothing happened. */
const netZero: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const steps = oneOf(stage, [[3], [5, 3]]);
  return { scripts: [seats(stage, at, 3, steps.map((each) => actOfQuantity(within, each)))] };
};

/** Several changes within one second; nothing but the chain of events tells their order. */
const sameSecond: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const acts = [3, 2, 5].map((each) => actOfQuantity(within, each));
  return { scripts: [seats(stage, at, 1, acts, { scrambled: true })] };
};

/** A change without proration: the next renewal shows it, and until then the object alone. */
const silent: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  return { scripts: [seats(stage, at, 2, [actOfQuantity(within, 6, "changed_silently")])] };
};

/** A change whose prorations wait for the next invoice, as items of their own. */
const pending: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  return { scripts: [seats(stage, at, 4, [actOfQuantity(within, 7, "changed_pending")])] };
};

/** Nothing is invoiced until a billing anchor ahead. */
const anchorAhead: Case = (stage) => {
  const { now, dice, target } = stage;
  const at = stage.isRecent ? target : addMonths(target, -3);
  const anchor = at + between(dice, 5, 27) * DAY;
  const later = now - oneOf(stage, [9, 45]) * DAY;
  const acts = later > anchor + 2 * DAY
    ? [actOfQuantity(awayFromRenewals(anchor, stage.step, later), 7)]
    : [];
  return { scripts: [{ ...seats(stage, at, 4, acts), first: { anchor, opened: at } }] };
};

/** More items than a nested list holds; one of the last changes. */
const manyItems: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const count = oneOf(stage, [12, 25]);
  const prices = (stage.yearly ? MODULES_YEARLY : MODULES_MONTHLY).slice(0, count);
  return {
    scripts: [{
      at,
      items: prices.map((price, index) => [price, 1 + index % 3] as const),
      traits: {},
      // Events show it only where it is of the first ten.
      acts: [actOfQuantity(within, 9, "seats_changed", oneOf(stage, [0, count - 1]))],
    }],
  };
};

/** Tiers with flat fees, and quantities of which some are nothing. */
const flatFees: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const price = roll(stage.dice) < 0.5
    ? stage.yearly ? GRADUATED_YEARLY : GRADUATED_MONTHLY
    : stage.yearly
    ? VOLUME_YEARLY
    : VOLUME_MONTHLY;
  const flatLine = oneOf<Script["traits"]["flatLine"]>(stage, [0, 1, "units", undefined]);
  return {
    scripts: [{
      at,
      items: [[price, oneOf(stage, [0, 3, 5, 6, 14, 33])]],
      traits: flatLine === undefined ? {} : { flatLine },
      acts: [actOfQuantity(within, oneOf(stage, [0, 2, 8, 20, 41]))],
    }],
  };
};

/** Seats that become none, and some again. */
const noSeats: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const acts = [actOfQuantity(within - 40 * DAY, 0), actOfQuantity(within, 4)];
  return { scripts: [seats(stage, at, 3, acts)] };
};

/** Weeks and days. */
const oddIntervals: Case = (stage) => {
  const price = oneOf(stage, [SEAT_WEEKLY, SEAT_FORTNIGHTLY, SEAT_TEN_DAYS]);
  const days = price === SEAT_WEEKLY ? 7 : price === SEAT_TEN_DAYS ? 10 : 14;
  const at = stage.target - between(stage.dice, 60, 150) * DAY - 5000;
  const within = awayFromRenewals(at, { days }, stage.target);
  return { scripts: [{ at, items: [[price, 3]], traits: {}, acts: [actOfQuantity(within, 5)] }] };
};

/** Renews on the 31st, or on the last day of a shorter month. */
const monthEnd: Case = (stage) => {
  const opened = new Date(addMonths(stage.target, -(stage.yearly ? 13 : 6)) * 1000);
  const [year, month] = [opened.getUTCFullYear(), opened.getUTCMonth()];
  // January, March, May and July are whole in every half of a year.
  const long = [0, 2, 4, 6, 7, 9, 11].filter((each) => each <= month).at(-1) ?? 0;
  const at = Date.UTC(year, long, 31) / 1000 + between(stage.dice, 1, DAY - 1);
  const within = awayFromRenewals(at, stage.step, stage.target);
  return { scripts: [seats(stage, at, 2, [actOfQuantity(within, 3)])] };
};

export const CHANGES: Readonly<Record<string, Case>> = {
  zero_length_proration: zeroLength,
  change_on_renewal: onRenewal,
  net_zero: netZero,
  same_second: sameSecond,
  silent_change: silent,
  pending_proration: pending,
  anchor_ahead: anchorAhead,
  many_items: manyItems,
  flat_fees: flatFees,
  no_seats: noSeats,
  odd_intervals: oddIntervals,
  month_end: monthEnd,
};
