/**
 * Keys of glance that are known and refused with a reason, rather than ignored or called unknown.
 *
 * @module
 */
import type { Report } from "./report.ts";

const REASONS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  document: "is not supported: the content security policy lets no markup of its own into the " +
    "page. Remove it; theme.custom-css-file is for styles",
}));

/** Reports such keys; returns the configuration without them. */
export function withoutUnsupported(value: unknown, report: Report): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const rest: Record<string, unknown> = { ...value };
  for (const [key, reason] of REASONS) {
    if (rest[key] !== undefined) report([key], reason);
    delete rest[key];
  }
  return rest;
}
