/**
 * What went wrong with Stripe, as this program acts on it, in words that say what to do.
 *
 * @module
 */
import { AttemptError, BreakerOpenError } from "../resilience/errors.ts";

export type FaultKind =
  | "key_rejected"
  | "permission_missing"
  | "not_found"
  | "bad_request"
  | "rate_limited"
  | "unavailable"
  | "unreachable"
  | "stopped";

/** Will the same request succeed later without anyone doing anything? */
const PASSING: readonly FaultKind[] = ["rate_limited", "unavailable", "unreachable"];

export class StripeFault extends Error {
  readonly kind: FaultKind;
  /** The request's path, without ids and query. */
  readonly path: string;
  /** Stripe's own request id, for its support. */
  readonly requestId: string | null;
  /**
   * Before when nothing is sent, as Stripe failed too often: milliseconds of the clock's `steady()`;
   * `null` for an answer of Stripe's, which says more of what is wrong.
   */
  readonly pausedUntil: number | null;

  constructor(
    kind: FaultKind,
    path: string,
    message: string,
    requestId: string | null = null,
    pausedUntil: number | null = null,
  ) {
    super(message);
    this.name = "StripeFault";
    this.kind = kind;
    this.path = path;
    this.requestId = requestId;
    this.pausedUntil = pausedUntil;
  }

  /** Whether trying again may help. */
  get passing(): boolean {
    return PASSING.includes(this.kind);
  }
}

interface SdkError {
  readonly type?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly requestId?: string;
  readonly param?: string;
  readonly detail?: unknown;
}

/** Words of an answer are passed on where they can be nothing else: it may repeat what was sent. */
const PARAMETER = /^[a-z_]{1,40}(\[[a-z_\d]{0,40}\])*$/;
const REQUEST_ID = /^req_\w{1,64}$/;

/** The permission that Stripe's message names, e.g. `rak_invoice_read`. */
function permissionIn(message: string): string | null {
  return /rak_[a-z_]+/.exec(message)?.[0] ?? null;
}

function kindOf({ type, statusCode }: SdkError): FaultKind {
  switch (statusCode) {
    case 401:
      return "key_rejected";
    case 403:
      return "permission_missing";
    case 404:
      return "not_found";
    case 429:
      return "rate_limited";
  }
  if (statusCode !== undefined && statusCode >= 500) return "unavailable";
  if (statusCode !== undefined && statusCode >= 400) return "bad_request";
  return type === "StripeConnectionError" ? "unreachable" : "unavailable";
}

/** Where a key's permissions are changed. */
const KEYS_PAGE = "https://dashboard.stripe.com/apikeys";
function words(kind: FaultKind, path: string, error: SdkError, host: string): string {
  switch (kind) {
    case "key_rejected":
      return "Stripe rejects the key: it may have been rolled, deleted or cut. " +
        "Create a restricted key and put it in place of the old one";
    case "permission_missing": {
      const permission = permissionIn(error.message ?? "");
      return `The key may not read ${path}: add the permission ` +
        `${permission ?? "for it (read)"} to the key at ${KEYS_PAGE}`;
    }
    case "not_found":
      return `Stripe knows no such object in ${path} (HTTP 404)`;
    case "rate_limited":
      return "Stripe asks for fewer requests: waiting";
    case "bad_request":
      return `Stripe refuses the request to ${path}` +
        (PARAMETER.test(error.param ?? "") ? ` for its parameter ${error.param}` : "");
    case "unreachable":
      return `Stripe cannot be reached at ${host}: check the network, a proxy, or STRIPE_API_BASE`;
    default:
      return error.statusCode === undefined
        ? `Stripe is not answering ${path} as it should`
        : `Stripe is not answering (HTTP ${error.statusCode})`;
  }
}

/**
 * Turns whatever a request threw into a fault. `host` is named to the operator.
 *
 * @param failure What the failure was after which nothing is sent for a while, where it is known.
 */
export function toFault(
  error: unknown,
  path: string,
  host: string,
  failure = "Stripe is not answering",
): StripeFault {
  if (error instanceof StripeFault) return error;
  const cause = (error as { detail?: unknown })?.detail ?? error;
  if (cause instanceof BreakerOpenError) {
    return new StripeFault(
      "unavailable",
      path,
      failure,
      null,
      cause.retryAt,
    );
  }
  if (cause instanceof AttemptError && cause.kind === "oversized_body") {
    const message =
      `${host} answers ${path} with more than any page holds: nothing of it was taken`;
    return new StripeFault("unavailable", path, message);
  }
  const sdk = error as SdkError;
  const kind = kindOf(sdk);
  const requestId = REQUEST_ID.test(sdk.requestId ?? "") ? sdk.requestId! : null;
  return new StripeFault(kind, path, words(kind, path, sdk, host), requestId);
}
