/**
 * `accounts:` — the Stripe accounts and how each is read.
 *
 * @module
 */
import * as z from "zod";
import { nameOf } from "./names.ts";
import { durationSeconds } from "../src/widgets/config.ts";
import { durationSchema } from "../src/widgets/schema.ts";

/** An IANA name that the runtime knows. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Stripe's ids: `cus_…`, `prod_…`; older plans have free names. */
const ids = z.array(z.string().min(1).max(255)).max(1000);

const limitsSchema = z.strictObject({
  rate: z.number().positive().max(1000).optional().describe("Requests a second; 10"),
  burst: z.int().min(1).max(10_000).optional().describe("Requests at once; 100"),
  "endpoint-rate": z.number().positive().max(1000).optional()
    .describe("Requests a second to each endpoint, under the global rate"),
  "attempt-timeout": durationSchema.transform((text) => durationSeconds(text) * 1000)
    .refine((ms) => ms >= 1000 && ms <= 600_000, "must be from 1s to 10m")
    .optional().describe("Time that one attempt may take; 20s"),
  concurrency: z.int().min(1).max(256).optional().describe("Requests at the same time"),
});

export const accountSchema = z.strictObject({
  "stripe-api-key": z.string().min(1).optional()
    .describe("A restricted key, best as ${STRIPE_SECRET_KEY}"),
  "stripe-mode": z.enum(["live", "test"]).optional()
    .describe("Must agree with the key; left out, the key decides"),
  "webhook-secrets": z.array(
    z.string().regex(
      /^(whsec_|encrypted:)\S+$/,
      "must be a webhook secret of Stripe, which begins with whsec_",
    ),
  ).max(10).optional(),
  "api-base": z.string().optional().describe("Another Stripe-compatible server"),
  "time-zone": z.string()
    .refine(isTimeZone, "must be a time zone of the IANA list, such as Europe/Berlin or UTC")
    .optional().describe("Where days begin, if the key may not read the account's own; UTC"),
  account: z.string().regex(/^acct_\w+$/, "must be an account's id, which begins with acct_")
    .optional().describe("An account of an organisation's key"),
  exclude: z.strictObject({
    customers: ids.optional(),
    products: ids.optional(),
    prices: ids.optional(),
    metadata: z.record(z.string(), z.string()).optional(),
  }).optional().describe("Left out of every figure; what is left out is shown"),
  "customer-label": z.string().regex(
    /^(id|name|description|email|metadata\.\S{1,40})$/,
    "must be id, name, description, email or metadata.KEY",
  ).optional()
    .describe("How pages name customers; read from Stripe when shown, never stored; id"),
  limits: limitsSchema.optional(),
});

export const accountsSchema = z.record(
  nameOf(/^[a-z0-9][a-z0-9_-]{0,62}$/i, "must be letters, digits, - or _"),
  accountSchema,
);

export type AccountConfig = z.output<typeof accountSchema>;
export type AccountsConfig = z.output<typeof accountsSchema>;
