/** The cases that a rebuilt past gets wrong most easily, as customers of the company. */
import { between, createDice, type Dice, roll } from "../../random.ts";
import { DAY, HOUR } from "../calendar.ts";
import { discountFrom } from "../changes.ts";
import type { Founding } from "../founding.ts";
import type { CustomerRecord, OlderVersion, Sub } from "../state.ts";
import { CHANGES } from "./changes.ts";
import { ENDINGS } from "./endings.ts";
import { PAYMENTS } from "./payments.ts";
import { type Case, openScript, type Part, play, type Stage } from "./script.ts";
import { TRIALS } from "./trials.ts";

/** Every case by its name. */
export const CASES: ReadonlyMap<string, Case> = new Map(
  Object.entries({ ...TRIALS, ...PAYMENTS, ...CHANGES, ...ENDINGS }),
);

/** The events' window, and a day on each side that is left alone. */
const RECENT = [2, 26] as const;
const OLDER = [36, 200] as const;

function stageOf(dice: Dice, now: number, round: number): Stage {
  const isRecent = round % 2 === 0;
  const [least, most] = isRecent ? RECENT : OLDER;
  const yearly = roll(dice) < 0.25;
  // A prime second, so that nothing falls on a full hour by itself.
  const target = now - between(dice, least * DAY, most * DAY) - 7919;
  return { now, dice, yearly, step: yearly ? 12 : 1, target, isRecent };
}

/** In which version's shapes a customer's events come: most in the present one. */
export function eventVersion(dice: Dice): OlderVersion | null {
  const chance = roll(dice);
  return chance < 0.2 ? "2024-06-20" : chance < 0.35 ? "2022-11-15" : null;
}

/** A customer who is to live a case; made when the part is known, so that both agree. */
export interface Cast {
  readonly created: number;
  /** Completes the plain record of a customer created then. */
  readonly complete: (plain: CustomerRecord) => CustomerRecord;
  /** Opens and plays the customer's subscriptions up to now. */
  readonly play: (customer: CustomerRecord, firstIndex: number) => Sub[];
}

function castOf(name: string, part: Part, dice: Dice, { seed, now }: Founding): Cast {
  const scripts = part.scripts.filter(({ at }) => at <= now);
  const created = Math.min(...scripts.map(({ at }) => at)) - 600;
  const older = eventVersion(dice);
  // What becomes of payments is told to the second.
  const waits = roll(dice) < 0.4 && !(name in PAYMENTS);
  const { customerCoupon: coupon } = part;
  return {
    created,
    complete: (plain) => ({
      ...plain,
      ...(older ? { eventVersion: older } : {}),
      discount: coupon ? discountFrom(coupon, created, created + 600, plain.index) : null,
    }),
    play: (customer, firstIndex) =>
      scripts.map((script, number) => {
        const index = firstIndex + number;
        const traits = waits ? { ...script.traits, finalizesAfter: HOUR } : script.traits;
        const sub = openScript(
          { ...script, traits },
          name,
          customer,
          index,
          seed,
          createDice(seed, index, 78),
        );
        play(sub, script.acts, now);
        return sub;
      }),
  };
}

/** So many customers, each of whom lives a case; oldest first. */
export function castAll(founding: Founding, count: number): Cast[] {
  const names = [...CASES.keys()];
  const casts = Array.from({ length: count }, (_, place) => {
    const turn = place + founding.seed * 5;
    const name = names[turn % names.length]!;
    const dice = createDice(founding.seed, place, 79);
    // Neighbours, and the turns of one case, play within the events' window and before in turn.
    const round = Math.floor(turn / names.length) + turn % names.length;
    const stage = stageOf(dice, founding.now, round);
    return castOf(name, CASES.get(name)!(stage), dice, founding);
  });
  return casts.sort((a, b) => a.created - b.created);
}
