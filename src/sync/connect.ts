/**
 * Learns which account a key opens and what it may read.
 *
 * @module
 */
import type { Permission, SourceInfo, SourceStore } from "../store/port.ts";
import { StripeFault } from "../stripe/fault.ts";
import { optionalObject, optionalText, type Shape, shape, text } from "../stripe/shape.ts";
import type { Ledger } from "./ledger.ts";
import { type ListingContext, persist } from "./listing.ts";

export interface ConnectContext extends ListingContext {
  readonly store: SourceStore;
  readonly ledger: Ledger;
}

/** Without these there is no MRR. */
const INDISPENSABLE = ["subscriptions", "prices"] as const;
/** What is asked before anything is read, and what may wait until MRR stands. */
const MAIN = [...INDISPENSABLE, "events"] as const;
const OTHERS = [
  "products",
  "coupons",
  "customers",
  "invoices",
  "tax_rates",
  "balance",
  "balance_transactions",
  "payouts",
  "disputes",
  "subscription_schedules",
] as const;

async function probe(context: ListingContext, name: string): Promise<Permission> {
  try {
    await persist(context, () => {
      return name === "balance"
        ? context.client.retrieve("/v1/balance")
        : context.client.list(`/v1/${name}`, { limit: 1 });
    });
    return "ok";
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error;
    if (error.kind === "permission_missing") return "missing";
    if (error.kind === "not_found" || error.kind === "bad_request") return "unknown";
    throw error;
  }
}

function note(store: SourceStore, found: readonly (readonly [string, Permission])[]): void {
  store.setStatus({ permissions: { ...store.status.permissions, ...Object.fromEntries(found) } });
}

/**
 * Tries what MRR needs once and notes what the key may read.
 *
 * @throws {StripeFault} `key_rejected`, or `permission_missing` for what is indispensable.
 */
export async function probeMain(context: ListingContext, store: SourceStore): Promise<void> {
  note(
    store,
    await Promise.all(MAIN.map(async (name) => [name, await probe(context, name)] as const)),
  );
  const { permissions } = store.status;
  const lacking = INDISPENSABLE.filter((name) => permissions[name] === "missing");
  if (lacking.length === 0) return;
  throw new StripeFault(
    "permission_missing",
    lacking[0]!,
    `The key may not read ${lacking.join(" and ")}, without which there is no MRR: ` +
      "add the read permission at https://dashboard.stripe.com/apikeys",
  );
}

/** The same of all else: what does not answer now keeps what is known of it. */
export async function probeOthers(context: ListingContext, store: SourceStore): Promise<void> {
  const impatient = { ...context, impatient: true };
  await Promise.all(OTHERS.map(async (name) => {
    try {
      note(store, [[name, await probe(impatient, name)]]);
    } catch (error) {
      if (!(error instanceof StripeFault) || !error.passing) throw error;
      note(store, [[name, store.status.permissions[name] ?? "unknown"]]);
    }
  }));
  store.publish();
}

function nameOf(account: Shape): string | null {
  const settings = optionalObject(account, "settings");
  const dashboard = settings && optionalObject(settings, "dashboard");
  const profile = optionalObject(account, "business_profile");
  return (dashboard && optionalText(dashboard, "display_name")) ||
    (profile && optionalText(profile, "name")) || null;
}

function timeZoneOf(account: Shape): string | null {
  const settings = optionalObject(account, "settings");
  const dashboard = settings && optionalObject(settings, "dashboard");
  return dashboard && optionalText(dashboard, "timezone");
}

/** What is stored of one account is never mixed with another's. @throws {StripeFault} */
function refuseOther({ account, name }: SourceInfo, found: string): void {
  if (!account.startsWith("acct_") || account === found) return;
  throw new StripeFault(
    "key_rejected",
    "account",
    `The key opens ${found}, and what is stored is of ${account}: use a key of that account, or ` +
      `let go of what is stored with: glance source:forget ${name}`,
  );
}

/**
 * Reads the account and names the source after it. Restricted keys may not be allowed to: then
 * the source keeps its configured name and time zone (design.md section 4).
 *
 * @throws {StripeFault} `key_rejected`.
 */
export async function identify(context: ConnectContext): Promise<void> {
  const { store, ledger, clock } = context;
  const known: SourceInfo = store.info;
  try {
    const answer = await persist(context, () => context.client.retrieve("/v1/account"));
    const account = shape(answer, "account");
    refuseOther(known, text(account, "id"));
    const info: SourceInfo = {
      ...known,
      account: text(account, "id"),
      displayName: nameOf(account) ?? known.displayName,
      defaultCurrency: optionalText(account, "default_currency"),
      timeZone: timeZoneOf(account) ?? known.timeZone,
    };
    // After an outage the figures stay; in another time zone they fall on other days.
    if (info.timeZone === known.timeZone) store.setInfo(info);
    else ledger.recount(info, Math.floor(clock.now() / 1000));
  } catch (error) {
    const allowed = error instanceof StripeFault &&
      (error.kind === "permission_missing" || error.kind === "not_found");
    if (!allowed) throw error;
  }
}
