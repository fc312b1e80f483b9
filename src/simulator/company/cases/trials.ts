/** Trials of those who have paid before (metrics.md B.6 step 2.1): holes, not beginnings. */
import { between, roll } from "../../random.ts";
import { DAY } from "../calendar.ts";
import { SEAT_MONTHLY, SEAT_YEARLY } from "./catalogue.ts";
import { type Act, act, type Case, type Script, type Stage, withinPeriod } from "./script.ts";

function given(at: number, until: number, cause: "trial_given" | "trial_extended"): Act {
  const trial = { status: "trialing", trialEnd: until, anchor: until } as const;
  const outcome = { at: until, good: true };
  // An extension keeps the day on which the trial began.
  return cause === "trial_extended"
    ? act(at, cause, { ...trial, outcome })
    : act(at, cause, { ...trial, outcome, trialStart: at });
}

function scriptOf(stage: Stage, at: number, acts: readonly Act[]): Script {
  const price = stage.yearly ? SEAT_YEARLY : SEAT_MONTHLY;
  return {
    at,
    items: [[price, between(stage.dice, 1, 9)]],
    traits: { credits: roll(stage.dice) < 0.5 },
    acts,
  };
}

/** A free month, or a moved billing date. */
const once: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const days = between(stage.dice, 5, 31);
  return { scripts: [scriptOf(stage, at, [given(within, within + days * DAY, "trial_given")])] };
};

/** A free time that has not ended yet. */
const running: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const until = stage.now + between(stage.dice, 3, 40) * DAY;
  return { scripts: [scriptOf(stage, at, [given(within, until, "trial_given")])] };
};

/** Two of them: the object tells of the later one only, or of both as one. */
const twice: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const before = within - between(stage.dice, 75, 95) * DAY;
  const acts = roll(stage.dice) < 0.5
    ? [
      given(before, before + between(stage.dice, 8, 20) * DAY, "trial_given"),
      given(within, within + between(stage.dice, 8, 20) * DAY, "trial_given"),
    ]
    : [
      given(within, within + 10 * DAY, "trial_given"),
      given(within + 6 * DAY, within + 21 * DAY, "trial_extended"),
    ];
  return { scripts: [scriptOf(stage, at, acts)] };
};

/** Leaves within it, at once or at its end. */
const left: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const until = within + 25 * DAY;
  const request = within + between(stage.dice, 1, 9) * DAY;
  const asked = { canceledAt: request, reason: "cancellation_requested" } as const;
  const leaves = roll(stage.dice) < 0.5
    ? act(request, "canceled", { ...asked, status: "canceled", endedAt: request })
    : act(request, "cancel_scheduled", { ...asked, cancelAt: until, cancelAtPeriodEnd: true });
  return { scripts: [scriptOf(stage, at, [given(within, until, "trial_given"), leaves])] };
};

export const TRIALS: Readonly<Record<string, Case>> = {
  trial_given: once,
  trial_running: running,
  trial_twice: twice,
  trial_left: left,
};
