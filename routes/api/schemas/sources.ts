/**
 * The answer about the sources themselves.
 *
 * @module
 */
import * as z from "zod";
import { count, time } from "./parts.ts";

const source = z.strictObject({
  name: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  phase: z.enum([
    "connecting",
    "backfill",
    "history",
    "live",
    "key_rejected",
    "permission_missing",
    "stopped",
  ]),
  progress: z.strictObject({
    done: count,
    estimated: count,
    ratePerSecond: count,
    secondsLeft: count.nullable(),
  }).nullable(),
  history: z.strictObject({ month: count, months: count, secondsLeft: count.nullable() })
    .nullable().describe("How far the rebuilding of the past is"),
  historyDone: z.boolean(),
  corrections: count.describe("Subscriptions whose invoices led elsewhere than their object"),
  reasons: z.array(z.string()).describe("Codes of what makes figures incomplete"),
  unreadable: z.record(z.string(), count)
    .describe("Objects that were read and not understood, by kind"),
  asOf: time.nullable(),
  staleSince: time.nullable(),
  problem: z.string().nullable(),
  lastEventAt: time.nullable(),
  lastReconcileAt: time.nullable(),
  drift: count.describe("Differences that comparisons with Stripe found and repaired"),
  comparing: z.boolean(),
  compared: z.strictObject({
    at: time,
    seconds: z.number().nonnegative(),
    subscriptions: count,
    differed: count,
  }).nullable().describe("The last comparison of every subscription with Stripe"),
  permissions: z.record(z.string(), z.enum(["ok", "missing", "unknown"])),
  breaker: z.enum(["closed", "open", "half_open"]),
  readsThisMonth: count,
});

export const sources = z.strictObject({ data: z.array(source) });
