/**
 * The configuration file as a whole: what is allowed, key by key. What several keys have to do
 * with each other is checked where the settings are made.
 *
 * @module
 */
import * as z from "zod";
import { accountsSchema } from "./accounts_schema.ts";
import { authSchema } from "./auth_schema.ts";
import { isHost, LOG_FORMATS, LOG_LEVELS } from "./environment.ts";
import { figuresSchema } from "./figures_schema.ts";
import { pagesSchema } from "./pages_schema.ts";
import { brandingSchema, themeSchema } from "./theme_schema.ts";

function isBaseUrl(text: string): boolean {
  return /^\/[\w./~-]*$/.test(text) || (/^https?:\/\//.test(text) && URL.canParse(text));
}

/** A web page with https, a telephone, or an e-mail address with or without `mailto:`. */
const SECURITY_CONTACT =
  /^(?:https:\/\/[^\s"<>]{1,990}|tel:\+?[\d-]{3,40}|(?:mailto:)?[^\s@:/"<>]{1,64}@[A-Za-z0-9.-]{1,253})$/;
const securityContact = z.string().max(1000).regex(
  SECURITY_CONTACT,
  "must be an e-mail address, or an address that begins with https:// or tel:",
);

const serverSchema = z.strictObject({
  host: z.string().refine(isHost, "must be an address to listen on, such as 127.0.0.1").optional(),
  port: z.int().min(0).max(65_535).optional(),
  proxied: z.union([z.boolean(), z.int().min(1).max(10)]).optional()
    .describe("Whether a reverse proxy stands in front, or how many do, one before the other"),
  "trusted-proxies": z.array(z.string()).min(1).max(100).optional()
    .describe("Addresses that the proxy comes from; private ones where left out"),
  "base-url": z.string().max(1000)
    .refine(isBaseUrl, "must be a path such as /glance, or an address with http or https")
    .optional(),
  "allowed-hosts": z.array(z.string().refine(isHost, "must be a host name, without a port"))
    .max(100).optional().describe("Names that the dashboard answers under, besides base-url's"),
  "security-contact": z.union([securityContact, z.array(securityContact).min(1).max(10)])
    .optional().describe("Whom to tell of security holes, for /.well-known/security.txt"),
  "assets-path": z.string().min(1).max(1000).optional().describe("A folder served at /assets/"),
});

export const configSchema = z.strictObject({
  auth: authSchema.optional(),
  server: serverSchema.optional(),
  branding: brandingSchema.optional(),
  theme: themeSchema.optional(),
  pages: pagesSchema.optional(),
  accounts: accountsSchema.optional(),
  figures: figuresSchema.optional(),
  metrics: z.strictObject({
    enabled: z.boolean().optional(),
    public: z.boolean().optional().describe("Open to everyone"),
    business: z.boolean().optional()
      .describe("Revenue and customers, too, for those who may see them"),
  }).optional(),
  network: z.strictObject({
    allow: z.array(z.string().refine(isHost, "must be a host name or an address, without a port"))
      .max(100).optional()
      .describe("Hosts that may be reached although their address is not public"),
  }).optional(),
  health: z.strictObject({
    public: z.boolean().optional().describe("The full report without a session"),
  }).optional(),
  log: z.strictObject({
    level: z.enum(LOG_LEVELS).optional(),
    format: z.enum(LOG_FORMATS).optional(),
  }).optional(),
});

/** A checked configuration, keys as they are written. */
export type FileConfig = z.output<typeof configSchema>;
