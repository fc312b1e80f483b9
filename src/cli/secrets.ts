/**
 * The commands about secrets: a master key, sealing, a password's hash. A secret comes by the
 * standard input, so that it stands in no history of commands.
 *
 * @module
 */
import { type Purpose, PURPOSES } from "../../config/sealed.ts";
import { createVault, makeMasterKey } from "../security/envelope.ts";
import { hashPassword } from "../security/password.ts";
import { Secret } from "../security/secret.ts";

/** A new master key, to be kept as `GLANCE_MASTER_KEY`. */
export function makeSecret(): string {
  return makeMasterKey().reveal();
}

function given(input: string, what: string): Secret {
  const text = input.replace(/\r?\n$/, "");
  if (text === "") throw new TypeError(`Give ${what} on the standard input`);
  return new Secret(text);
}

/**
 * @param purpose `stripe-api-key` where none is named.
 * @param source The account's key under `accounts:`.
 * @throws {TypeError} that says what is missing.
 */
export async function sealSecret(
  input: string,
  purpose: string | undefined,
  source: string,
  master: string | undefined,
): Promise<string> {
  const known: Purpose | undefined = PURPOSES.find((one) => one === (purpose ?? PURPOSES[0]));
  if (!known) throw new TypeError(`A secret is sealed as ${PURPOSES.join(" or ")}`);
  if (!master) {
    throw new TypeError("Set GLANCE_MASTER_KEY; make one with: glance secret:make");
  }
  const secret = given(input, "the secret");
  return await createVault(new Secret(master)).seal(secret, { purpose: known, source });
}

/** The hash of a password. @throws {TypeError} when it is too short. */
export async function passwordHash(input: string): Promise<string> {
  return await hashPassword(given(input, "the password"));
}
