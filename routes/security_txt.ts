/**
 * `/.well-known/security.txt` (RFC 9116): whom to tell of a hole in this installation.
 *
 * @module
 */
import type { Hono } from "hono";
import { answer } from "./auth.ts";
import type { AppDeps } from "./deps.ts";

const TEXT = "text/plain; charset=utf-8";
const DAY_MS = 86_400_000;
/** RFC 9116 recommends less than a year; the day it ends moves on by itself. */
const VALID_DAYS = 180;

/** Contacts as addresses, first the preferred one. */
function securityTxt(contacts: readonly string[], canonical: string | null, now: number): string {
  const expires = new Date((Math.floor(now / DAY_MS) + VALID_DAYS) * DAY_MS);
  return [
    ...contacts.map((contact) => `Contact: ${contact}`),
    `Expires: ${expires.toISOString().replace(".000", "")}`,
    "Preferred-Languages: en",
    ...(canonical === null ? [] : [`Canonical: ${canonical}`]),
    "",
  ].join("\n");
}

export function securityTxtRoutes(app: Hono, deps: AppDeps): void {
  app.get("/.well-known/security.txt", () => {
    const { securityContacts, baseUrl } = deps.live().settings.server;
    if (securityContacts.length === 0) {
      return answer(
        404,
        "No contact for security reports is configured: set server.security-contact\n",
        TEXT,
      );
    }
    const canonical = baseUrl?.startsWith("http")
      ? new URL("/.well-known/security.txt", baseUrl).href
      : null;
    return answer(200, securityTxt(securityContacts, canonical, deps.now()), TEXT);
  });
}
