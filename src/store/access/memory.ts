/**
 * Sessions, tokens, failures and audit log in memory, each bounded: a restart forgets them.
 *
 * @module
 */
import {
  type AccessStore,
  type AuditRecord,
  type FailureRows,
  type Failures,
  FAILURES_MS,
  type SessionRow,
  type TokenRow,
} from "./port.ts";

const SESSIONS_MAX = 10_000;
const NAMES_MAX = 10_000;
const AUDIT_MAX = 1_000;

/** Puts last, and drops the first where there are too many. */
function put<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}

/** Failures of this process alone. */
export function createMemoryFailures(): FailureRows & { forget(before: number): void } {
  const names = new Map<string, Failures>();
  return {
    change(asked, decide) {
      const { next, result } = decide(asked.map((name) => names.get(name) ?? { count: 0, at: 0 }));
      asked.forEach((name, index) => {
        const failures = next[index]!;
        if (failures.count === 0) names.delete(name);
        else put(names, name, failures, NAMES_MAX);
      });
      return result;
    },
    forget(before) {
      for (const [name, { at }] of names) if (at < before) names.delete(name);
    },
  };
}

export function createMemoryAccess(): AccessStore {
  const sessions = new Map<string, SessionRow>();
  const tokens = new Map<string, TokenRow>();
  const failures = createMemoryFailures();
  let audit: AuditRecord[] = [];
  let audited = 0;
  return {
    sessions: {
      add: (row) => put(sessions, row.id, row, SESSIONS_MAX),
      find: (id) => sessions.get(id),
      extend(id, expires) {
        const row = sessions.get(id);
        if (row) sessions.set(id, { ...row, expires });
      },
      remove: (id) => void sessions.delete(id),
      removeOf(user) {
        const ids = [...sessions.values()].filter((row) => row.user === user).map(({ id }) => id);
        ids.forEach((id) => sessions.delete(id));
        return ids.length;
      },
    },
    tokens: {
      add(row) {
        if (tokens.has(row.name)) return false;
        tokens.set(row.name, row);
        return true;
      },
      find: (hash) => [...tokens.values()].find((row) => row.hash === hash),
      used(hash, lastUsed) {
        const row = [...tokens.values()].find((one) => one.hash === hash);
        if (row) tokens.set(row.name, { ...row, lastUsed });
      },
      all: () => [...tokens.values()].sort((a, b) => a.name < b.name ? -1 : 1),
      remove: (name) => tokens.delete(name),
    },
    failures,
    audit: {
      chain: null,
      add: (row) => void (audit = [{ ...row, id: ++audited }, ...audit].slice(0, AUDIT_MAX)),
      list: (limit, before) =>
        audit.filter(({ id }) => before === null || id < before).slice(0, limit),
      failedTries(user, { address, since }) {
        const own = audit.filter((row) => row.user === user);
        const success = own.findIndex(({ action }) => action === "signed_in");
        const failed = own.slice(0, success < 0 ? own.length : success)
          .filter(({ action }) => action === "sign_in_failed")
          .filter((row) => row.at < since || row.address !== address);
        return { count: failed.length, at: failed[0]?.at ?? null };
      },
    },
    forget(now, auditBefore) {
      for (const [id, { expires }] of sessions) if (expires <= now) sessions.delete(id);
      failures.forget(now - FAILURES_MS);
      audit = audit.filter(({ at }) => at >= auditBefore);
    },
  };
}
