/**
 * `glance reconcile`: has the running program compare its sources with Stripe and tells what that
 * found. The request goes to the configured address and is signed (operator_key.ts).
 *
 * @module
 */
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { redactText } from "../observability/redact.ts";
import type { GuardedAnswer } from "../security/guarded_fetch.ts";
import { operatorKey } from "../security/operator_key.ts";
import { signatureFor } from "../stripe/webhook.ts";
import { createOutgoing } from "./outgoing.ts";
import type { Compared } from "../sync/comparer.ts";

export interface ReconcileOptions {
  readonly settings: Settings;
  /** Only this account; all without it. */
  readonly account: string | undefined;
  /** Where the program runs, in place of the configured address. */
  readonly url: string | undefined;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly print: (line: string) => void;
}

/** An account of many subscriptions is compared for minutes. */
const LIMITS = { timeoutMs: 30 * 60_000, redirectsMax: 0 };
/** Subscriptions that are named. */
const NAMED_MAX = 20;

function baseOf({ server }: Settings, url: string | undefined): string {
  if (url !== undefined) return url;
  const { host, port } = server;
  const anywhere = host === "0.0.0.0" || host === "::" || host === "localhost";
  const name = anywhere ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function told({ subscriptions, drifted, seconds }: Compared): string {
  const time = `${seconds.toFixed(1)} s`;
  if (drifted.length === 0) {
    return `${subscriptions} subscriptions compared in ${time}: none differs`;
  }
  const more = drifted.length > NAMED_MAX ? ` and ${drifted.length - NAMED_MAX} more` : "";
  return `${subscriptions} subscriptions compared in ${time}: ${drifted.length} differed and ` +
    `${drifted.length === 1 ? "was" : "were"} repaired: ${
      drifted.slice(0, NAMED_MAX).join(", ")
    }${more}`;
}

async function reconcileOne(
  { name, key }: AccountSettings,
  base: string,
  { settings, nowMs }: ReconcileOptions,
): Promise<string> {
  const body = JSON.stringify({ source: name });
  const bytes = new TextEncoder().encode(body);
  const signature = await signatureFor(operatorKey(key), bytes, Math.floor(nowMs / 1000));
  // The operator names the host by the command.
  const host = URL.parse(base)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  let response: GuardedAnswer;
  try {
    response = await createOutgoing(settings, [host], LIMITS)(
      `${base.replace(/\/+$/, "")}/operator/reconcile`,
      {
        method: "POST",
        headers: { "content-type": "application/json", "glance-signature": signature },
        body,
      },
    );
  } catch {
    throw new TypeError(
      `No BusinessGlance answers at ${redactText(base)}: start it, or say where it runs with --url`,
    );
  }
  const answer = answerOf(response);
  if (response.status === 200) return told(answer as Compared);
  if (response.status === 202) {
    return "the replica that keeps this source was asked to compare it: see its log and /sources";
  }
  throw new TypeError(
    `${name} was not compared: ${answer.error ?? `the answer was ${response.status}`}`,
  );
}

function answerOf({ body }: GuardedAnswer): Partial<Compared> & { readonly error?: string } {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return {};
  }
}

/** @throws {TypeError} in a sentence, when a source could not be compared. */
export async function reconcile(options: ReconcileOptions): Promise<void> {
  const { settings, account, print } = options;
  const accounts = settings.accounts.filter(({ name }) =>
    account === undefined || name === account
  );
  if (accounts.length === 0) {
    const known = settings.accounts.map(({ name }) => name).join(", ");
    throw new TypeError(
      known === ""
        ? "There is no account: set STRIPE_SECRET_KEY, or accounts in the configuration"
        : `There is no account ${account}: known are ${known}`,
    );
  }
  const base = baseOf(settings, options.url);
  for (const one of accounts) print(`${one.name}: ${await reconcileOne(one, base, options)}`);
}
