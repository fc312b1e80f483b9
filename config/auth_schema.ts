/**
 * `auth:` — who may see the figures. What its keys have to do with each other is checked in
 * `auth.ts`.
 *
 * @module
 */
import * as z from "zod";
import { nameOf } from "./names.ts";
import { SCOPES, TOKEN_HASH } from "../src/security/api_token.ts";
import { ROLE_NAMES } from "../src/security/rights.ts";

export const userName = nameOf(/^[\w.@-]{1,64}$/, "must be letters, digits, and . _ @ -");
const header = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "must be the name of a header");
const names = z.array(z.string().min(1).max(100)).max(1000);

export const authSchema = z.strictObject({
  mode: z.enum(["users", "proxy", "none"]).optional()
    .describe("users sign in here (the default), or at a proxy in front, or nobody does"),
  users: z.record(
    userName,
    z.strictObject({
      "password-hash": z.string().describe("As glance password:hash prints it"),
      role: z.enum(ROLE_NAMES).optional()
        .describe("viewer, or admin where there is one user alone"),
    }),
  ).refine((users) => Object.keys(users).length > 0, "must name a user at least").optional(),
  header: header.optional().describe("The header in which the proxy names the user"),
  "groups-header": header.optional().describe("The header in which it names the user's groups"),
  admins: names.optional().describe("Users of the proxy who are admins; the others are viewers"),
  "admin-groups": names.optional().describe("Groups of the proxy whose users are admins"),
  "i-understand": z.string().optional(),
  tokens: z.array(z.strictObject({
    name: userName,
    hash: z.string().regex(TOKEN_HASH, "must be as glance token:create prints it"),
    scopes: z.array(z.enum(SCOPES)).min(1),
    expires: z.iso.date().describe("The day on which it ends, UTC"),
  })).max(100).optional().describe("Tokens for programs, where there is no database"),
  "session-lifetime": z.string().regex(/^[1-9]\d{0,3}d$/, "must be days, such as 90d").optional()
    .describe("When a session ends although it is used; 90d"),
  "audit-retention": z.string().regex(/^[1-9]\d{0,3}d$/, "must be days, such as 365d").optional(),
});

export type AuthConfig = z.output<typeof authSchema>;
