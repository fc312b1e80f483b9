/**
 * Addresses of the internet as numbers: who asked, behind which proxies, and by which address tries
 * are counted.
 *
 * @module
 */

interface Address {
  /** 32 bits or 128. */
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Addresses that begin alike: `10.0.0.0/8`, or a single one. */
export interface AddressRange {
  readonly text: string;
  readonly bits: 32 | 128;
  readonly length: number;
  readonly value: bigint;
}

const MAPPED = 0xffffn;

function v4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    // A leading zero is octal to some readers.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value << 8n | BigInt(part);
  }
  return value;
}

function groupsOf(text: string): bigint[] | null {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const four = index === parts.length - 1 && part.includes(".") ? v4(part) : null;
    if (four !== null) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}

function v6(text: string): bigint | null {
  const halves = text.split("::");
  const [left, right] = halves.map(groupsOf);
  if (halves.length > 2 || !left || right === null) return null;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...left, ...Array<bigint>(missing).fill(0n), ...right ?? []];
  return groups.reduce((value, group) => value << 16n | group, 0n);
}

/** The address that a text is; `null` for none. IPv4 in IPv6 is that of IPv4. */
function parseAddress(text: string): Address | null {
  const four = v4(text);
  if (four !== null) return { bits: 32, value: four };
  // The zone, `%eth0`, is of this machine alone.
  const six = v6(text.replace(/%.*$/, ""));
  if (six === null) return null;
  return six >> 32n === MAPPED
    ? { bits: 32, value: six & 0xffff_ffffn }
    : { bits: 128, value: six };
}

/** @throws {TypeError} for what is neither an address nor a range of them. */
export function parseRange(text: string): AddressRange {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const found = parseAddress(address);
  const bits = Number(length ?? found?.bits);
  if (!found || bits > found.bits) {
    throw new TypeError("must be an address or a range of them, such as 10.0.0.0/8");
  }
  return { text, bits: found.bits, length: bits, value: found.value >> BigInt(found.bits - bits) };
}

/** Whether an address lies in one of the ranges. */
export function isWithin(address: string, ranges: readonly AddressRange[]): boolean {
  const found = parseAddress(address);
  return found !== null &&
    ranges.some(({ bits, length, value }) =>
      bits === found.bits && found.value >> BigInt(bits - length) === value
    );
}

const LOOPBACK = ["127.0.0.0/8", "::1"].map(parseRange);

/** Whether a host, by name or address, is this machine itself. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || isWithin(host.replace(/^\[|\]$/g, ""), LOOPBACK);
}

/** `203.0.113.9` of `203.0.113.9:4711`, `2001:db8::1` of `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

export interface ProxyOptions {
  /** How many proxies stand before this server; each adds one address. */
  readonly hops: number;
  /** The addresses that the nearest of them comes from. */
  readonly trusted: readonly AddressRange[];
}

/**
 * Who asked: what the outermost of our proxies has seen. Each proxy adds an address on the right, so
 * that whatever the visitor wrote stands to the left and is not read. From an address that is no
 * proxy's the header counts for nothing.
 *
 * @param direct The address of the connection.
 * @param forwarded The header `X-Forwarded-For`.
 */
export function clientAddress(
  direct: string,
  forwarded: string | null,
  { hops, trusted }: ProxyOptions,
): string {
  if (hops === 0 || forwarded === null || !isWithin(direct, trusted)) return direct;
  const named = forwarded.split(",");
  const found = withoutPort(named[Math.max(0, named.length - hops)]!.trim());
  return parseAddress(found) ? found : direct;
}

/**
 * What tries of an address are counted under. Whoever has one address of IPv6 has the whole /64.
 */
export function throttledAs(address: string): string {
  const found = parseAddress(address);
  if (!found) return "unknown";
  return found.bits === 32 ? `4:${found.value}` : `6:${found.value >> 64n}`;
}
