/**
 * Finished answers, each made once for a version: bytes, their gzip and brotli forms, ETag and
 * headers. Rendering, hashing or compressing for each request costs ten times the request itself
 * (facts.md, "HTTP speed").
 *
 * @module
 */
export interface Entry {
  /** The pattern of the route, for the metrics. */
  readonly route: string;
  readonly status: number;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer>;
  /** Of each form; `Headers`, since a list is read and checked at a fifth more cost an answer. */
  readonly headers: Readonly<Record<Encoding, Headers>>;
  /** The 304; sent as a copy, since checking the same headers again is half of such an answer. */
  readonly notModified: Response;
}

export type Encoding = "plain" | "gzip" | "brotli";

export interface PageCache {
  /** The entry under a key, if it is of the present version. */
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  /** Forgets everything: a new version. */
  clear(): void;
  /** Grows with every `clear`. */
  epoch(): number;
  hits(): number;
  lookups(): number;
}

/** Entries are few (pages × choices); a flood of odd URLs must not fill the memory. */
const ENTRIES_MAX = 500;

export function createPageCache(): PageCache {
  const entries = new Map<string, Entry>();
  let hits = 0;
  let lookups = 0;
  let epoch = 0;
  return {
    get(key) {
      lookups++;
      const entry = entries.get(key);
      if (entry) hits++;
      return entry;
    },
    set(key, entry) {
      if (entries.size >= ENTRIES_MAX) entries.clear();
      entries.set(key, entry);
    },
    clear() {
      entries.clear();
      epoch++;
    },
    epoch: () => epoch,
    hits: () => hits,
    lookups: () => lookups,
  };
}

/** The runtime's own streams: importing `node:zlib` would be a tenth of the time to start. */
function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: "gzip" | "brotli",
): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Response(compressed).bytes();
}

/** Older runtimes have gzip only. */
const HAS_BROTLI = (() => {
  try {
    return new CompressionStream("brotli") !== null;
  } catch {
    return false;
  }
})();

async function etagOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `"${
    Array.from(digest.slice(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("")
  }"`;
}

export interface EntryOptions {
  readonly route: string;
  readonly status?: number;
  readonly contentType: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Makes an entry of a finished body. */
export async function createEntry(
  body: string | Uint8Array,
  { route, status = 200, contentType, headers }: EntryOptions,
): Promise<Entry> {
  const plain = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  const [etag, gzip, brotli] = await Promise.all([
    etagOf(plain),
    compress(plain, "gzip"),
    HAS_BROTLI ? compress(plain, "brotli") : plain,
  ]);
  const common = [...headers.map(([name, value]) => [name, value] as [string, string])];
  const withBody = (encoding: string | null) =>
    new Headers([
      ["content-type", contentType],
      ["etag", etag],
      ...(encoding ? [["content-encoding", encoding] as [string, string]] : []),
      ...common,
    ]);
  return {
    route,
    status,
    etag,
    plain,
    gzip,
    brotli,
    headers: { plain: withBody(null), gzip: withBody("gzip"), brotli: withBody("br") },
    notModified: new Response(null, { status: 304, headers: [["etag", etag], ...common] }),
  };
}

/** Whether a validator that the client sent names this entry (RFC 9110, weak comparison). */
function matches(header: string, etag: string): boolean {
  if (header === etag) return true;
  return header === "*" || header.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

/** Whether the client takes an encoding, and did not refuse it with `q=0`. */
function takes(header: string, encoding: string): boolean {
  const at = header.indexOf(encoding);
  if (at < 0) return false;
  const end = at + encoding.length;
  // Browsers send no weights: for them nothing more is read.
  if (end === header.length || header[end] === ",") return true;
  return !/^\s*;\s*q=0(\.0*)?\s*(,|$)/.test(header.slice(end));
}

/** Answers a GET or HEAD with an entry: 304 where the client has it, else its smallest form. */
export function respond(entry: Entry, request: Request): Response {
  const known = request.headers.get("if-none-match");
  if (known !== null && entry.status === 200 && matches(known, entry.etag)) {
    return entry.notModified.clone();
  }
  const accepted = request.headers.get("accept-encoding") ?? "";
  const form: Encoding = HAS_BROTLI && takes(accepted, "br")
    ? "brotli"
    : takes(accepted, "gzip")
    ? "gzip"
    : "plain";
  const { status } = entry;
  if (request.method !== "HEAD") {
    return new Response(entry[form], { status, headers: entry.headers[form] });
  }
  // The length that GET would have: without it the server says 0 (RFC 9110, 8.6).
  const headers = new Headers(entry.headers[form]);
  headers.set("content-length", String(entry[form].byteLength));
  return new Response(null, { status, headers });
}
