/**
 * Requests to addresses that somebody else chose: a monitored page, an interface of the operator's,
 * where an alert goes. None of them may reach what lies behind this server, so each address is
 * checked after its name was resolved, the connection goes to that very address, and each redirect
 * is checked anew (`fetch` cannot be held to an address). Stripe is not asked this way: its host is
 * fixed.
 *
 * @module
 */
import http from "node:http";
import https from "node:https";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPublicAddress } from "./public_address.ts";

/** Resolves a name; the addresses that it has. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export interface GuardOptions {
  /** Names that may be private: exactly as they stand in addresses, in lower case. */
  readonly allowed?: ReadonlySet<string>;
  readonly resolve?: Resolve;
  /** Milliseconds for the whole, redirects too; 10,000. */
  readonly timeoutMs?: number;
  /** Bytes of an answer at most; 1 MiB. */
  readonly bytesMax?: number;
  /** Redirects that are followed; 3. */
  readonly redirectsMax?: number;
}

export interface GuardedRequest {
  readonly method?: "GET" | "HEAD" | "POST";
  /** They go to the first address only: none follows a redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface GuardedAnswer {
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type RefusalKind =
  | "address_invalid"
  | "address_not_public"
  | "name_unknown"
  | "redirects_too_many"
  | "answer_too_large"
  | "timeout"
  | "unreachable";

/** A request that was not made, or not to its end: why, and what to do. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  constructor(readonly kind: RefusalKind, message: string) {
    super(message);
  }
}

export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<GuardedAnswer>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @throws {GuardError} for what is no plain address of the web. */
function checkedUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new GuardError(
      "address_invalid",
      "The address must begin with https:// or http://: no other kind is fetched",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new GuardError(
      "address_invalid",
      "The address must not hold a name or password: give them as a header",
    );
  }
  return url;
}

/** Names as the system resolves them, its hosts file too. */
const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** Waits for a promise no longer than a signal lets it. */
async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The one address to connect to. @throws {GuardError} when any address of the name is private. */
async function pin(url: URL, resolve: Resolve, allowed: ReadonlySet<string>): Promise<string> {
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const found = isIP(name) ? [name] : await resolve(name).catch(() => []);
  const [first] = found;
  if (first === undefined) {
    throw new GuardError("name_unknown", `There is no host called ${name}`);
  }
  // A name with one private address among public ones may be meant to reach it.
  if (!allowed.has(name) && !found.every(isPublicAddress)) {
    throw new GuardError(
      "address_not_public",
      `${name} is not an address of the public internet: allow it by its name if it is meant`,
    );
  }
  return first;
}

interface Sent {
  readonly url: URL;
  readonly address: string;
  readonly request: GuardedRequest;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

function headersOf(incoming: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index]!, incoming.rawHeaders[index + 1]!);
  }
  return headers;
}

async function bodyOf(
  incoming: http.IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > bytesMax) {
      incoming.destroy();
      throw new GuardError("answer_too_large", `The answer is longer than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** One request, to the address that was checked; certificate and `Host` are of the name. */
async function send({ url, address, request, bytesMax, signal }: Sent): Promise<GuardedAnswer> {
  const { method = "GET", headers = {}, body } = request;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const family = isIP(address);
  const sending = (url.protocol === "https:" ? https : http).request(url, {
    method,
    headers,
    signal,
    agent: false,
    // Both forms of the callback are in use.
    lookup: (_name, options, callback) =>
      options.all
        ? (callback as unknown as (error: null, found: object[]) => void)(null, [
          { address, family },
        ])
        : callback(null, address, family),
  }, resolve);
  sending.once("error", reject);
  sending.end(body);
  const incoming = await promise;
  return {
    url: url.href,
    status: incoming.statusCode ?? 0,
    headers: headersOf(incoming),
    body: await bodyOf(incoming, bytesMax),
  };
}

/** What of a request goes on after a redirect. @throws {GuardError} */
function redirected(request: GuardedRequest, status: number, from: URL, to: URL): GuardedRequest {
  const { method = "GET", headers = {}, body } = request;
  const sameOrigin = from.origin === to.origin;
  const asked = method === "HEAD" ? method : "GET";
  // As browsers do: of the old redirects and 303, a message becomes a question.
  if (method !== "POST" || status < 307) {
    return { method: asked, headers: sameOrigin ? headers : {} };
  }
  if (!sameOrigin) {
    throw new GuardError(
      "address_invalid",
      `${from.hostname} sends the message on to ${to.hostname}: give that address, if it is meant`,
    );
  }
  return { method, headers, ...(body === undefined ? {} : { body }) };
}

/** @throws {RangeError} when a limit is not above 0. */
export function createGuardedFetch(options: GuardOptions = {}): GuardedFetch {
  const { allowed = new Set(), resolve = systemResolve } = options;
  const { timeoutMs = 10_000, bytesMax = 1_048_576, redirectsMax = 3 } = options;
  for (const [name, value] of Object.entries({ timeoutMs, bytesMax })) {
    if (!(value > 0)) {
      throw new RangeError(`Cannot guard requests as ${name} must be > 0: it is ${value}`);
    }
  }
  return async function guardedFetch(address, given = {}) {
    const late = AbortSignal.timeout(timeoutMs);
    const signal = given.signal ? AbortSignal.any([late, given.signal]) : late;
    let url = checkedUrl(address);
    let request = given;
    try {
      for (let redirects = 0;; redirects++) {
        const pinned = await within(signal, pin(url, resolve, allowed));
        const answer = await send({ url, address: pinned, request, bytesMax, signal });
        const location = answer.headers.get("location");
        if (!REDIRECTS.has(answer.status) || location === null) return answer;
        if (redirects >= redirectsMax) {
          throw new GuardError("redirects_too_many", `More than ${redirectsMax} redirects`);
        }
        const next = checkedUrl(location, url);
        request = redirected(request, answer.status, url, next);
        url = next;
      }
    } catch (error) {
      if (error instanceof GuardError) throw error;
      given.signal?.throwIfAborted();
      if (late.aborted) {
        throw new GuardError("timeout", `${url.hostname} did not answer in ${timeoutMs} ms`);
      }
      throw new GuardError("unreachable", `${url.hostname} could not be reached`);
    }
  };
}
