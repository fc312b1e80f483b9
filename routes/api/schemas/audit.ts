/**
 * The answer of the audit log.
 *
 * @module
 */
import * as z from "zod";
import { AUDIT_ACTIONS } from "../../../src/security/audit.ts";
import { count, time } from "./parts.ts";

export const audit = z.strictObject({
  data: z.array(z.strictObject({
    id: count,
    at: time,
    action: z.enum(Object.keys(AUDIT_ACTIONS)),
    user: z.string().nullable().describe("null for nobody that is known"),
    address: z.string().nullable().describe("null for the command line and the program itself"),
    subject: z.string().nullable().describe("On what: a token's name, a route"),
  })),
  next: z.string().nullable(),
});
