/**
 * The audit log for admins, as page and as JSON.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { AUDIT_ACTIONS, type AuditAction } from "../src/security/audit.ts";
import type { AuditRecord } from "../src/store/access/port.ts";
import { renderAudit } from "../views/audit.ts";
import { checkNames, readWhole } from "./api/params.ts";
import { Problem } from "./api/problem.ts";
import { problemResponse, wantsCsv } from "./api/routes.ts";
import { toCsv } from "./api/csv.ts";
import { answer } from "./auth.ts";
import { HTML, JSON_TYPE, themeOf } from "./cached.ts";
import { chromeOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";

const PAGE_ROWS = 100;
const LIMITS = { min: 1, max: 500, fallback: PAGE_ROWS } as const;

interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** The id before which older ones are; `null` for none. */
  readonly next: number | null;
}

async function pageOf({ accessStore }: AppDeps, limit: number, after: number): Promise<AuditPage> {
  // One more than is shown tells whether there are more.
  const found = await accessStore.audit.list(limit + 1, after === 0 ? null : after);
  const records = found.slice(0, limit);
  return { records, next: found.length > limit ? records.at(-1)!.id : null };
}

const iso = (at: number) => new Date(at).toISOString();

function readAfter(search: URLSearchParams): number {
  return readWhole(search, "after", { min: 0, max: 999_999_999, fallback: 0 });
}

async function json(c: Context, deps: AppDeps): Promise<Response> {
  const { searchParams } = new URL(c.req.url);
  checkNames(searchParams, ["limit", "after"]);
  const limit = readWhole(searchParams, "limit", LIMITS);
  const { records, next } = await pageOf(deps, limit, readAfter(searchParams));
  const data = records.map(({ id, at, action, user, address, subject }) => ({
    id,
    at: iso(at),
    action,
    user,
    address,
    subject,
  }));
  return wantsCsv(c.req.raw, searchParams, deps.access)
    ? answer(200, toCsv(data), "text/csv; charset=utf-8")
    : answer(200, JSON.stringify({ data, next: next === null ? null : String(next) }), JSON_TYPE);
}

function words(action: string): string {
  return Object.hasOwn(AUDIT_ACTIONS, action) ? AUDIT_ACTIONS[action as AuditAction] : action;
}

/** `2026-11-24 14:02:10` in UTC, as accounts may lie in several time zones. */
function timeText(at: number): string {
  return iso(at).slice(0, 19).replace("T", " ");
}

export function auditRoutes(app: Hono, deps: AppDeps): void {
  app.get("/api/v1/audit", async (c) => {
    try {
      return await json(c, deps);
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error);
      throw error;
    }
  });
  app.get("/audit", async (c) => {
    const after = /^\d{1,9}$/.exec(c.req.query("after") ?? "")?.[0] ?? "0";
    const { records, next } = await pageOf(deps, PAGE_ROWS, Number(after));
    const body = renderAudit({
      chrome: await chromeOf(deps, themeOf(c.req.raw), null, null),
      rows: records.map(({ at, action, user, address, subject }) => ({
        time: timeText(at),
        iso: iso(at),
        user: user ?? (address === null ? "the program" : "somebody"),
        what: `${words(action)}${subject === null ? "" : ` ${subject}`}`,
        from: address ?? "",
        alarm: action === "sign_in_failed" || action === "sign_in_throttled" ? "warn" : "calm",
      })),
      older: next === null ? null : { text: "Older", href: `/audit?after=${next}` },
      days: deps.live().settings.auth?.auditDays ?? null,
    });
    return answer(200, deps.linked(body), HTML);
  });
}
