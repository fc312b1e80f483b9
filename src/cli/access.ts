/**
 * The commands about those who look: tokens for programs, sessions, and what commands leave in the
 * audit log.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { makeApiToken, type Scope, SCOPES } from "../security/api_token.ts";
import { type AuditEntry, createAudit } from "../security/audit.ts";
import type { TokenRow } from "../store/access/port.ts";
import { chainWriter } from "./audit_chain.ts";
import { openAccess, type OpenedAccess } from "./open_access.ts";

export interface AccessCommand {
  readonly settings: Settings;
  /** What follows the command. */
  readonly rest: readonly string[];
  /** Scopes, separated by commas. */
  readonly scope: string | undefined;
  /** For how many days a token holds. */
  readonly days: string | undefined;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly print: (line: string) => void;
}

/** Who does what commands do: no user has a space in the name. */
const COMMAND_LINE = "command line";
const DAY_MS = 86_400_000;
const DAYS = 365;
const DAYS_MAX = 3_650;
const NAME = /^[\w.@-]{1,64}$/;

function record(
  { store, settings }: OpenedAccess,
  nowMs: number,
  entry: AuditEntry,
): Promise<void> {
  const audit = createAudit({
    keeper: store.audit,
    chain: chainWriter(store, settings),
    now: () => nowMs,
    onError: (error) => {
      throw error;
    },
  });
  return audit.record({ user: COMMAND_LINE, ...entry });
}

/** Leaves an entry in the audit log of the configured database; nothing where there is none. */
export async function recordCommand(
  settings: Settings,
  nowMs: number,
  entry: AuditEntry,
): Promise<void> {
  await using opened = await openAccess(settings);
  if (opened) await record(opened, nowMs, entry);
}

async function needAccess(settings: Settings, what: string): Promise<OpenedAccess> {
  const opened = await openAccess(settings);
  if (opened) return opened;
  throw new TypeError(`${what}: set DATABASE_PATH or DATABASE_URL`);
}

function scopesOf(text: string | undefined): Scope[] {
  const scopes = (text ?? "").split(",").filter((word) => word !== "");
  const known = SCOPES.filter((scope) => scopes.includes(scope));
  if (scopes.length === 0 || known.length !== new Set(scopes).size) {
    throw new TypeError(`A token needs --scope ${SCOPES.join(" or ")}, or both with a comma`);
  }
  return known;
}

function daysOf(text: string | undefined): number {
  const days = Number(text ?? DAYS);
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) {
    throw new TypeError(`--days must be a whole number from 1 to ${DAYS_MAX}`);
  }
  return days;
}

function nameIn(rest: readonly string[], what: string): string {
  const [name] = rest;
  if (name === undefined || !NAME.test(name)) {
    throw new TypeError(`${what}: letters, digits, and . _ @ -`);
  }
  return name;
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** `token:create NAME --scope SCOPES [--days DAYS]`: the token is printed once and not kept. */
export async function createToken(command: AccessCommand): Promise<void> {
  const { settings, rest, scope, days, nowMs, print } = command;
  const name = nameIn(rest, "token:create needs a name for the token");
  const scopes = scopesOf(scope);
  // The start of a day, as the configuration says it.
  const expires = Date.parse(dayOf(nowMs + daysOf(days) * DAY_MS));
  const { token, hash } = await makeApiToken();
  await using opened = await openAccess(settings);
  if (!opened) {
    print(token);
    print("It is shown this once. There is no database, so write its hash into glance.yml:");
    print("auth:");
    print("  tokens:");
    print(`    - name: ${name}`);
    print(`      hash: ${hash}`);
    print(`      scopes: [${scopes.map((one) => JSON.stringify(one)).join(", ")}]`);
    print(`      expires: ${dayOf(expires)}`);
    return;
  }
  const created = Math.floor(nowMs);
  if (!await opened.store.tokens.add({ name, hash, scopes, created, expires, lastUsed: null })) {
    throw new TypeError(`There is a token ${name} already: revoke it, or choose another name`);
  }
  await record(opened, nowMs, { action: "token_created", subject: name });
  print(token);
  print(`It is shown this once. ${name} may ${scopes.join(", ")} until ${dayOf(expires)}`);
}

function lineOf({ name, scopes, expires, lastUsed }: TokenRow, nowMs: number): string {
  const until = `${expires <= nowMs ? "ended" : "until"} ${dayOf(expires)}`;
  const used = lastUsed === null ? "never used" : `last used ${dayOf(lastUsed)}`;
  return `${name}: ${scopes.join(", ")}; ${until}; ${used}`;
}

/** `token:list`: those of the database and of the configuration. */
export async function listTokens({ settings, nowMs, print }: AccessCommand): Promise<void> {
  await using opened = await openAccess(settings);
  const kept = await opened?.store.tokens.all() ?? [];
  const named = settings.auth?.tokens ?? [];
  for (const row of kept) print(lineOf(row, nowMs));
  for (const { name, scopes, expires } of named) {
    const until = `${expires <= nowMs ? "ended" : "until"} ${dayOf(expires)}`;
    print(`${name}: ${scopes.join(", ")}; ${until}; of the configuration`);
  }
  if (kept.length + named.length === 0) print("There are no tokens");
}

/** `token:revoke NAME`: a running server stops taking it within five seconds. */
export async function revokeToken({ settings, rest, nowMs, print }: AccessCommand): Promise<void> {
  const name = nameIn(rest, "token:revoke needs the name of a token");
  if (settings.auth?.tokens.some((token) => token.name === name)) {
    throw new TypeError(`The token ${name} is of the configuration: remove it there`);
  }
  await using opened = await needAccess(settings, "There is no database that keeps tokens");
  if (!await opened.store.tokens.remove(name)) {
    throw new TypeError(`There is no token ${name}: see glance token:list`);
  }
  await record(opened, nowMs, { action: "token_revoked", subject: name });
  print(`${name} is revoked; a running server takes it for five seconds at most`);
}

/** `session:end USER`: everywhere; a running server ends them within five seconds. */
export async function endSessions({ settings, rest, nowMs, print }: AccessCommand): Promise<void> {
  const user = nameIn(rest, "session:end needs the name of a user");
  await using opened = await needAccess(
    settings,
    "Sessions are in memory: a restart ends them all",
  );
  const count = await opened.store.sessions.removeOf(user);
  await record(opened, nowMs, { action: "sessions_ended", subject: user });
  print(`${count} ${count === 1 ? "session" : "sessions"} of ${user} ended`);
}
