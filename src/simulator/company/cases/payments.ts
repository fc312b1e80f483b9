/** What is not collected: pauses, invoices closed by hand, long failures. */
import { between, roll } from "../../random.ts";
import { DAY } from "../calendar.ts";
import type { Closing, SubState } from "../state.ts";
import { SEAT_MONTHLY, SEAT_YEARLY } from "./catalogue.ts";
import {
  type Act,
  act,
  type Case,
  oneOf,
  periodsAfter,
  renewingAtTarget,
  type Script,
  type Stage,
  withinPeriod,
} from "./script.ts";

type Behavior = NonNullable<SubState["pause"]>["behavior"];

function scriptOf(
  stage: Stage,
  at: number,
  acts: readonly Act[],
  traits: Script["traits"] = {},
): Script {
  const price = stage.yearly ? SEAT_YEARLY : SEAT_MONTHLY;
  return { at, items: [[price, between(stage.dice, 1, 9)]], traits, acts };
}

/** A pause from the second before a renewal, or from within a period, for some periods. */
function paused(behavior: Behavior, lasts: boolean): Case {
  return (stage) => {
    const atEdge = roll(stage.dice) < 0.6;
    const { at, renewal } = renewingAtTarget(stage);
    const from = atEdge ? renewal - 1 : withinPeriod(stage).within;
    const until = periodsAfter(at, stage.step, renewal, between(stage.dice, 1, 3)) - 1;
    const resumesAt = lasts ? null : atEdge ? until : until + 5 * DAY;
    return {
      scripts: [scriptOf(stage, at, [act(from, "paused", { pause: { behavior, resumesAt } })])],
    };
  };
}

/** Sent invoices, one of which is voided or written off days later; no status changes. */
const closedByHand: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  const status = oneOf<Closing["status"]>(stage, ["void", "uncollectible"]);
  const closing = { at: renewal + oneOf(stage, [2, 5, 7]) * DAY, status };
  const traits = { paysAfter: 9, closings: new Map([[renewal, closing]]) };
  return { scripts: [scriptOf(stage, at, [], traits)] };
};

function failed(at: number, until: number, good: boolean): Act {
  return act(at, "payment_failed", { status: "past_due", outcome: { at: until, good } });
}

/** An invoice that was tried, and closed by hand while the subscription goes on. */
const closedAfterAttempts: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  const closes = oneOf<Closing["status"]>(stage, ["void", "uncollectible"]);
  const until = renewal + between(stage.dice, 4, 12) * DAY;
  const acts = [
    failed(renewal, until + 30 * DAY, true),
    act(until, "invoice_closed", { status: "active", outcome: null }),
  ];
  return { scripts: [scriptOf(stage, at, acts, { closes })] };
};

/** A failure that lasts longer than a month: recovered, given up or still open. */
const pastDueLong: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  const lasts = roll(stage.dice) < 0.4;
  const until = lasts ? stage.now + 5 * DAY : renewal + between(stage.dice, 33, 60) * DAY;
  return { scripts: [scriptOf(stage, at, [failed(renewal, until, roll(stage.dice) < 0.6)])] };
};

export const PAYMENTS: Readonly<Record<string, Case>> = {
  pause_void: paused("void", false),
  pause_void_running: paused("void", true),
  pause_uncollectible: paused("mark_uncollectible", false),
  pause_uncollectible_running: paused("mark_uncollectible", true),
  pause_draft: paused("keep_as_draft", false),
  pause_draft_running: paused("keep_as_draft", true),
  closed_by_hand: closedByHand,
  closed_after_attempts: closedAfterAttempts,
  past_due_long: pastDueLong,
};
