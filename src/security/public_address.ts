/**
 * Which addresses are of the public internet: everything that IANA's registries of special-purpose
 * addresses set apart is not (RFC 6890 and what followed it). An IPv4 address written as IPv6 is
 * what it is as IPv4; one that a gateway would translate (6to4, NAT64, Teredo) is not public, since
 * it may lead anywhere.
 *
 * @module
 */
import { isWithin, parseRange } from "./address.ts";

const GLOBAL_V6 = ["2000::/3"].map(parseRange);

const SPECIAL = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
].map(parseRange);

const V4 = ["0.0.0.0/0"].map(parseRange);

/** Whether an address, as a resolver gives it, is of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  const known = isWithin(address, V4) || isWithin(address, GLOBAL_V6);
  return known && !isWithin(address, SPECIAL);
}
