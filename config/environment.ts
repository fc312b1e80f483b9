/**
 * The environment, read once, through a getter. Every variable may also be given as `NAME_FILE`,
 * the path of a file that holds the value.
 *
 * @module
 */
import { parse, type Rational } from "../src/metrics/rational.ts";
import { Secret } from "../src/security/secret.ts";
import { databaseOf, type DatabaseSettings } from "./database.ts";
import { type ConfigIo, trimNewline, whyUnreadable } from "./io.ts";
import { didYouMean } from "./nearest.ts";
import { type Problem, problemOf } from "./problems.ts";
import type { LogSettings } from "./settings.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["json", "text"] as const;

const NAMES = [
  "STRIPE_SECRET_KEY",
  "STRIPE_API_BASE",
  "STRIPE_WEBHOOK_SECRET",
  "GLANCE_CONFIG",
  "GLANCE_MASTER_KEY",
  "GLANCE_MASTER_KEY_PREVIOUS",
  "BUSINESS_CAC",
  "PORT",
  "HOST",
  "LOG_LEVEL",
  "LOG_FORMAT",
  "METRICS_ENABLED",
  "METRICS_TOKEN",
  "DATABASE_PATH",
  "DATABASE_URL",
  "PGHOST",
  "PGPORT",
  "PGDATABASE",
  "PGUSER",
  "PGPASSWORD",
  "PGSSLMODE",
  "PGSSLROOTCERT",
] as const;

type Name = typeof NAMES[number];

/** What the environment says; `null` where it says nothing. */
export interface Environment {
  readonly stripeKey: Secret | null;
  readonly stripeBase: string | null;
  /** Of the account of `STRIPE_SECRET_KEY`; several during a rotation. */
  readonly webhookSecrets: readonly Secret[];
  readonly configPath: string | null;
  /** Opens sealed secrets; the one before it too, while they are sealed anew. */
  readonly masterKey: Secret | null;
  readonly masterKeyPrevious: Secret | null;
  readonly port: number | null;
  readonly host: string | null;
  readonly logLevel: LogSettings["level"] | null;
  readonly logFormat: LogSettings["format"] | null;
  readonly metricsEnabled: boolean | null;
  readonly metricsToken: Secret | null;
  /** The SQLite file. */
  readonly databasePath: string | null;
  /** PostgreSQL. */
  readonly database: DatabaseSettings | null;
  /** What winning a customer costs, in major units of the reporting currency. */
  readonly acquisitionCost: Rational | null;
}

type Fail = (name: Name, message: string) => void;

/** Reads and checks every variable; what is wrong goes to `problems`. */
export async function readEnvironment(
  io: ConfigIo,
  problems: Problem[],
): Promise<Environment> {
  const fail: Fail = (name, message) => void problems.push(problemOf(name, message));
  const values = new Map<Name, string>();
  for (const name of NAMES) {
    const value = await readVariable(io, name, fail);
    if (value !== null) values.set(name, value);
  }
  const text = (name: Name) => values.get(name) ?? null;
  const database = databaseOf(
    { url: text("DATABASE_URL"), path: text("DATABASE_PATH") },
    (name) => text(name as Name),
    (name, message) => fail(name as Name, message),
  );
  const secret = (name: Name) => values.has(name) ? new Secret(values.get(name)!) : null;
  return {
    stripeKey: secret("STRIPE_SECRET_KEY"),
    stripeBase: text("STRIPE_API_BASE"),
    webhookSecrets: webhookSecretsOf(text("STRIPE_WEBHOOK_SECRET"), fail),
    configPath: text("GLANCE_CONFIG"),
    masterKey: secret("GLANCE_MASTER_KEY"),
    masterKeyPrevious: secret("GLANCE_MASTER_KEY_PREVIOUS"),
    port: portOf(text("PORT"), fail),
    host: hostOf(text("HOST"), fail),
    logLevel: oneOf("LOG_LEVEL", LOG_LEVELS, text("LOG_LEVEL"), fail),
    logFormat: oneOf("LOG_FORMAT", LOG_FORMATS, text("LOG_FORMAT"), fail),
    metricsEnabled: switchOf("METRICS_ENABLED", text("METRICS_ENABLED"), fail),
    metricsToken: secret("METRICS_TOKEN"),
    databasePath: text("DATABASE_PATH"),
    database,
    acquisitionCost: costOf(text("BUSINESS_CAC"), fail),
  };
}

/** An empty variable counts as none: compose files pass those on as empty. */
async function readVariable(io: ConfigIo, name: Name, fail: Fail): Promise<string | null> {
  const direct = io.env(name) || null;
  const path = io.env(`${name}_FILE`) || null;
  if (path === null) return direct;
  if (direct !== null) {
    fail(name, `is set, and so is ${name}_FILE: keep one of them`);
    return null;
  }
  try {
    return trimNewline(await io.readFile(path)) || null;
  } catch (error) {
    fail(name, `cannot be read from the file that ${name}_FILE names: ${whyUnreadable(error)}`);
    return null;
  }
}

/** One secret, or several separated by commas while one is being replaced by the next. */
function webhookSecretsOf(text: string | null, fail: Fail): readonly Secret[] {
  const all = (text ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "");
  if (all.every((one) => /^whsec_\S+$/.test(one))) return all.map((one) => new Secret(one));
  fail(
    "STRIPE_WEBHOOK_SECRET",
    "must be the signing secret of a webhook endpoint, which begins with whsec_; several are " +
      "separated by commas",
  );
  return [];
}

function costOf(text: string | null, fail: Fail): Rational | null {
  if (text === null) return null;
  if (/^\d{1,12}(\.\d{1,12})?$/.test(text) && parse(text).n > 0n) return parse(text);
  fail("BUSINESS_CAC", "must be an amount above 0 such as 412.50, in the reporting currency");
  return null;
}

function portOf(text: string | null, fail: Fail): number | null {
  if (text === null) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  fail("PORT", "must be a whole number from 0 to 65535 (0: any free port)");
  return null;
}

function hostOf(text: string | null, fail: Fail): string | null {
  if (text === null || isHost(text)) return text;
  fail("HOST", "must be an address to listen on, such as 127.0.0.1 or 0.0.0.0, without a port");
  return null;
}

/** Whether a text is a host name, an IPv4 or an IPv6 address, without a port. */
export function isHost(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,253}$/.test(text) || /^\[?(?=.*:.*:)[0-9a-fA-F:.]{2,45}\]?$/.test(text);
}

function oneOf<Word extends string>(
  name: Name,
  words: readonly Word[],
  text: string | null,
  fail: Fail,
): Word | null {
  if (text === null) return null;
  const found = words.find((word) => word === text.toLowerCase());
  if (found !== undefined) return found;
  fail(name, `must be one of ${words.join(", ")}${didYouMean(text, words)}`);
  return null;
}

function switchOf(name: Name, text: string | null, fail: Fail): boolean | null {
  if (text === null) return null;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  fail(name, "must be true or false");
  return null;
}
